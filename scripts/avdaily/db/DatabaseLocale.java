package avdaily.db;

import java.sql.Connection;
import java.sql.SQLException;

/** How a database sorts and encodes text, as the options of the CREATE DATABASE that makes one like it. */
public final class DatabaseLocale {
    /**
     * The options, each with a blank before it.
     *
     * @param c to any database of its server
     */
    public static String options(Connection c, String database) throws SQLException {
        int version = Database.one(c, "SELECT current_setting('server_version_num')::int / 10000", Integer.class);
        return Database.one(
                c,
                """
                SELECT format(' ENCODING %L LC_COLLATE %L LC_CTYPE %L',
                              pg_encoding_to_char(encoding), datcollate, datctype) || PROVIDER
                FROM pg_database d WHERE datname = ?"""
                        .replace("PROVIDER", provider(version)),
                String.class,
                database);
    }

    /** The columns about the locale differ between the versions of the server. */
    private static String provider(int version) {
        if (version < 15) return "''";
        return """
                CASE datlocprovider
                  WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', LOCALE) || RULES
                  WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', LOCALE)
                  ELSE ' LOCALE_PROVIDER libc' END"""
                .replace("LOCALE)", version < 17 ? "daticulocale)" : "datlocale)")
                .replace("RULES", version < 16 ? "''" : "coalesce(' ICU_RULES ' || quote_literal(daticurules), '')");
    }

    private DatabaseLocale() {}
}
