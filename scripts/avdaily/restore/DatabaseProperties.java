package avdaily.restore;

import avdaily.backup.BackupMetadata;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.DatabaseLocale;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A database as its server sees it from outside: what a new database in its place has to have too. */
final class DatabaseProperties {
    /** The settings whose values are lists of names. */
    private static final Set<String> LISTS = Set.of(
            "search_path",
            "temp_tablespaces",
            "local_preload_libraries",
            "session_preload_libraries",
            "shared_preload_libraries",
            "unix_socket_directories");

    private final String name;
    private final String owner;

    private DatabaseProperties(String name, String owner) {
        this.name = name;
        this.owner = owner;
    }

    /** The database of that name, or nothing if there is none. */
    static Optional<DatabaseProperties> named(Connection maintenance, String name) throws SQLException {
        return Database.list(
                        maintenance,
                        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = ?",
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
        return Database.one(
                        c,
                        """
                        SELECT format(' OWNER %I', pg_get_userbyid(datdba))
                               || CASE WHEN spcname <> 'pg_default' THEN format(' TABLESPACE %I', spcname) ELSE '' END
                        FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace
                        WHERE datname = ?""",
                        String.class,
                        name)
                + DatabaseLocale.options(c, name);
    }

    /** The options that the metadata of a backup tells, for a database that is not there. */
    static String createOptions(Connection c, BackupMetadata.Locale locale) throws SQLException {
        if (locale == null || locale.encoding() == null) return "";
        String options = " ENCODING " + Sql.literal(locale.encoding()) + " LC_COLLATE " + Sql.literal(locale.collate())
                + " LC_CTYPE " + Sql.literal(locale.ctype());
        return options
                + switch (String.valueOf(locale.provider())) {
                    case "icu", "i" -> " LOCALE_PROVIDER icu ICU_LOCALE " + Sql.literal(locale.locale());
                    case "builtin", "b" -> " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + Sql.literal(locale.locale());
                    default -> c.getMetaData().getDatabaseMajorVersion() < 15 ? "" : " LOCALE_PROVIDER libc";
                };
    }

    /** The statements that give the other database this one's options, settings, grants and comment. */
    List<String> copyStatements(Connection c, String other) throws SQLException {
        List<String> statements = new ArrayList<>(Database.list(
                c,
                SqlResource.of(DatabaseProperties.class, "database-properties.sql"),
                row -> row.getString(1),
                other,
                name));
        statements.addAll(Database.list(
                c,
                """
                SELECT CASE setrole WHEN 0 THEN format('ALTER DATABASE %I', ?)
                         ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), ?) END,
                       split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
                FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) setting
                WHERE datname = ?""",
                row -> row.getString(1) + " SET " + Sql.quoted(row.getString(2)) + " TO "
                        + value(row.getString(2), row.getString(3)),
                other,
                other,
                name));
        return statements;
    }

    /**
     * A setting's stored value as SET takes it. A list of names is stored as it is written, and its names have to be
     * literals one by one.
     */
    static String value(String setting, String stored) {
        if (!LISTS.contains(setting.toLowerCase(Locale.ROOT))) return Sql.literal(stored);
        List<String> names = Word.of(stored, 1000).stream()
                .filter(word -> !word.is(","))
                .map(word -> Sql.literal(word.text()))
                .toList();
        return names.isEmpty() ? "''" : String.join(", ", names);
    }

    /**
     * What ties others to this very database, so that another one cannot take its place.
     *
     * @param inside a connection to this database
     */
    List<Tie> ties(Connection maintenance, Connection inside) throws SQLException {
        List<Tie> ties = new ArrayList<>();
        ties.addAll(ties(
                maintenance,
                Tie.Kind.REPLICATION_SLOT,
                "SELECT slot_name FROM pg_replication_slots WHERE database = ?",
                name));
        ties.addAll(ties(
                maintenance,
                Tie.Kind.PREPARED_TRANSACTION,
                "SELECT gid FROM pg_prepared_xacts WHERE database = ?",
                name));
        ties.addAll(ties(
                maintenance,
                Tie.Kind.SECURITY_LABEL,
                """
                SELECT provider FROM pg_shseclabel l JOIN pg_database d ON d.oid = l.objoid
                WHERE l.classoid = 'pg_database'::regclass AND datname = ?""",
                name));
        ties.addAll(ties(inside, Tie.Kind.PUBLICATION, "SELECT pubname FROM pg_publication"));
        ties.addAll(subscriptions(inside));
        return ties;
    }

    static List<Tie> subscriptions(Connection inside) throws SQLException {
        return ties(
                inside,
                Tie.Kind.SUBSCRIPTION,
                """
                SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid
                WHERE datname = current_database()""");
    }

    private static List<Tie> ties(Connection c, Tie.Kind kind, String query, Object... parameters) throws SQLException {
        return Database.list(c, query, row -> new Tie(kind, row.getString(1)), parameters);
    }

    /** Sessions in it that this role may not end. */
    List<String> unterminableSessions(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('pid %s (user %s, %s)', pid, usename,
                              coalesce(nullif(application_name, ''), 'unknown program'))
                FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = usesysid,
                  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me
                WHERE datname = ? AND backend_type = 'client backend' AND NOT me.rolsuper
                  AND (r.rolsuper
                       OR NOT (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))""",
                row -> row.getString(1),
                name);
    }
}
