package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.SqlFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A database as its server sees it from outside: what a new one in its place has to have too. */
final class DatabaseProperties {
    private static final String NAMED = " WHERE datname = ?";
    private final String name;
    private final String owner;

    private DatabaseProperties(String name, String owner) {
        this.name = name;
        this.owner = owner;
    }

    /** The database of that name, or nothing where there is none. */
    static Optional<DatabaseProperties> named(Connection maintenance, String name) throws SQLException {
        return Database.list(
                        maintenance,
                        "SELECT pg_get_userbyid(datdba) FROM pg_database" + NAMED,
                        row -> new DatabaseProperties(name, row.getString(1)),
                        name)
                .stream()
                .findFirst();
    }

    static boolean mayCreate(Connection c) throws SQLException {
        return Database.one(
                c, "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user", Boolean.class);
    }

    /** Whether this role may create a database like this one and rename both. */
    boolean mayBeReplaced(Connection c) throws SQLException {
        return mayCreate(c) && Database.one(c, "SELECT pg_has_role(?, 'USAGE')", Boolean.class, owner);
    }

    /** The options of the CREATE DATABASE that makes one like it. */
    String createOptions(Connection c) throws SQLException {
        int version = Database.one(c, "SELECT current_setting('server_version_num')::int / 10000", Integer.class);
        String locale = version < 15
                ? "''"
                : """
                CASE datlocprovider
                  WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', LOCALE) || RULES
                  WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', LOCALE)
                  ELSE ' LOCALE_PROVIDER libc' END"""
                        .replace("LOCALE)", version < 17 ? "daticulocale)" : "datlocale)")
                        .replace(
                                "RULES",
                                version < 16 ? "''" : "coalesce(' ICU_RULES ' || quote_literal(daticurules), '')");
        return Database.one(
                c,
                """
                SELECT format(' OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_get_userbyid(datdba),
                              pg_encoding_to_char(encoding), datcollate, datctype)
                       || CASE WHEN spcname <> 'pg_default' THEN format(' TABLESPACE %I', spcname) ELSE '' END || """
                        + locale
                        + """
                \sFROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace"""
                        + NAMED,
                String.class,
                name);
    }

    /** The options that the metadata of a backup tells, for a database that is not there. */
    static String createOptions(Connection c, BackupFile.Locale locale) throws SQLException {
        if (locale == null || locale.encoding() == null) return "";
        String options = " ENCODING " + literal(locale.encoding()) + " LC_COLLATE " + literal(locale.collate())
                + " LC_CTYPE " + literal(locale.ctype());
        return options
                + switch (String.valueOf(locale.provider())) {
                    case "icu", "i" -> " LOCALE_PROVIDER icu ICU_LOCALE " + literal(locale.locale());
                    case "builtin", "b" -> " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + literal(locale.locale());
                    default -> c.getMetaData().getDatabaseMajorVersion() < 15 ? "" : " LOCALE_PROVIDER libc";
                };
    }

    /** The statements that give the other database this one's options, settings, grants and comment. */
    List<String> copyStatements(Connection c, String other) throws SQLException {
        List<String> statements = new ArrayList<>(Database.list(
                c,
                """
                SELECT format('ALTER DATABASE %1$I WITH CONNECTION LIMIT %s IS_TEMPLATE %s', ?, datconnlimit, CASE WHEN datistemplate THEN 'true' ELSE 'false' END) FROM pg_database WHERE datname = ?
                UNION ALL
                SELECT format('COMMENT ON DATABASE %I IS %L', ?, shobj_description(oid, 'pg_database'))
                FROM pg_database WHERE datname = ? AND shobj_description(oid, 'pg_database') IS NOT NULL
                UNION ALL
                SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', ?, pg_get_userbyid(datdba)) FROM pg_database WHERE datname = ? AND datacl IS NOT NULL
                UNION ALL
                SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, ?,
                              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM pg_database, aclexplode(datacl) a WHERE datname = ?""",
                row -> row.getString(1),
                other,
                name,
                other,
                name,
                other,
                name,
                other,
                name));
        statements.addAll(Database.list(
                c,
                """
                SELECT CASE setrole WHEN 0 THEN format('ALTER DATABASE %I', ?) ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), ?) END,
                       split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
                FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) setting WHERE datname = ?""",
                row -> row.getString(1) + " SET " + Sql.quoted(row.getString(2)) + " TO "
                        + value(row.getString(2), row.getString(3)),
                other,
                other,
                name));
        return statements;
    }

    /** A setting's stored value as SET takes it: lists of names are stored as they are written, and have to be literals one by one. */
    private static String value(String setting, String stored) {
        if (!List.of(
                        "search_path",
                        "temp_tablespaces",
                        "local_preload_libraries",
                        "session_preload_libraries",
                        "shared_preload_libraries",
                        "unix_socket_directories")
                .contains(setting.toLowerCase(java.util.Locale.ROOT))) return literal(stored);
        List<String> names = SqlFile.Word.of(stored, 1000).stream()
                .filter(word -> !word.is(","))
                .map(word -> literal(word.text()))
                .toList();
        return names.isEmpty() ? "''" : String.join(", ", names);
    }

    static String literal(String text) {
        return (text.contains("\\") ? " E" : "") + "'"
                + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /** What ties others to this very database, so that another one cannot take its place. */
    List<String> ties(Connection maintenance, Connection inside) throws SQLException {
        List<String> ties = new ArrayList<>(Database.list(
                maintenance,
                """
                SELECT 'the replication slot ' || slot_name FROM pg_replication_slots WHERE database = ?
                UNION ALL
                SELECT 'the prepared transaction ' || gid FROM pg_prepared_xacts WHERE database = ?
                UNION ALL
                SELECT 'a security label of ' || provider FROM pg_shseclabel l JOIN pg_database d ON d.oid = l.objoid WHERE l.classoid = 'pg_database'::regclass AND datname = ?""",
                row -> row.getString(1),
                name,
                name,
                name));
        ties.addAll(Database.list(
                inside, "SELECT 'the publication ' || pubname FROM pg_publication", row -> row.getString(1)));
        ties.addAll(subscriptions(inside));
        return ties;
    }

    static List<String> subscriptions(Connection inside) throws SQLException {
        return Database.list(
                inside,
                """
                SELECT 'the subscription ' || subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()""",
                row -> row.getString(1));
    }

    /** Sessions in it that this role may not end. */
    List<String> unterminableSessions(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('pid %s (user %s, %s)', pid, usename, coalesce(nullif(application_name, ''), 'unknown program'))
                FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = usesysid, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me
                WHERE datname = ? AND backend_type = 'client backend' AND NOT me.rolsuper
                  AND (r.rolsuper OR NOT (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))""",
                row -> row.getString(1),
                name);
    }
}
