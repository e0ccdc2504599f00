package avdaily.restore;

import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Looks whether a server has the locales that a CREATE DATABASE names, without creating anything. */
final class NewLocale {
    private static final Pattern OPTION =
            Pattern.compile("(?i)\\b(LC_COLLATE|LC_CTYPE|(?:ICU_|BUILTIN_)?LOCALE)\\s*=?\\s*'((?:[^']|'')*)'");
    private final Connection c;

    NewLocale(Connection c) {
        this.c = c;
    }

    /**
     * Those that the server lacks, sorted.
     *
     * @param options of the statement, behind the database's name
     */
    Set<String> absent(String options) throws SQLException {
        Set<String> absent = new TreeSet<>();
        for (MatchResult option : OPTION.matcher(options).results().toList()) {
            String name = option.group(2).replace("''", "'");
            if (!isThere(option.group(1).toUpperCase(Locale.ROOT), name)) absent.add(name);
        }
        return absent;
    }

    private boolean isThere(String option, String name) throws SQLException {
        int version = c.getMetaData().getDatabaseMajorVersion();
        return switch (option) {
            case "ICU_LOCALE" -> version >= 15 && has("collprovider = 'i'");
            case "BUILTIN_LOCALE" ->
                version >= 17 && has("collprovider = 'b' AND colllocale = " + Sql.literal(name));
            default -> isOfTheSystem(name);
        };
    }

    private boolean has(String collation) throws SQLException {
        return Database.one(c, "SELECT EXISTS (SELECT FROM pg_collation WHERE " + collation + ")", Boolean.class);
    }

    /** Any session may set its way to write money, and the server looks whether the system knows that locale. */
    private boolean isOfTheSystem(String name) throws SQLException {
        try {
            Database.one(c, "SELECT set_config('lc_monetary', ?, true)", String.class, name);
            return true;
        } catch (SQLException e) {
            if (SqlState.isDataException(e)) return false;
            throw e;
        }
    }
}
