package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Code in a database that would run with the rights of our role although a stranger wrote it. PostgreSQL runs
 * functions, operators, views, triggers and expressions of indexes as whoever touches them. {@code strangers.sql} says
 * who is a stranger. All of it is found in the catalogs, under an empty search path.
 */
public final class ForeignCode {
    /** Roles beside the superusers that a role of powers may trust; only the process itself can name them. */
    static final String TRUSTED = "AVDAILY_TRUSTED_ROLES";

    /**
     * What is found on connecting.
     *
     * @param keepsEnvironment whether {@code avdaily_ops} has the table of the environment
     * @param owner the database's owner if our role is mightier than he; else null
     * @param offences why {@code avdaily_ops} is not to be believed; empty if it is
     */
    record Found(boolean keepsEnvironment, String owner, List<String> offences) {
        /** What stands against a schema that is not there are event triggers, which making it would run. */
        private static final String IS_ANYTHING =
                """
                SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'avdaily_ops')
                  OR EXISTS (SELECT FROM pg_event_trigger)""";

        static Found on(Connection c) throws SQLException {
            if (!Database.one(c, IS_ANYTHING, Boolean.class)) return new Found(false, strangerWhoOwns(c), List.of());
            return Database.list(
                            c,
                            query(c, "found.sql"),
                            row -> new Found(row.getBoolean(1), row.getString(2), List.of((String[])
                                    row.getArray(3).getArray())))
                    .get(0);
        }

        /** What is said if the command can do without. */
        String passedOver() {
            return "Note: avdaily_ops is passed over: " + String.join("; ", offences)
                    + ". Nothing of it counts, but for the environment if nothing else says one (--env does), and this "
                    + "run is not logged.";
        }

        /**
         * Makes sure that {@code avdaily_ops}, if it is there, is what this toolkit makes, of a role to be trusted.
         *
         * @throws Failure (21) naming what it is not
         */
        void refuseOffences(String role) {
            if (!offences.isEmpty())
                throw Failure.refused(
                        "avdaily_ops is not to be believed: " + String.join("; ", offences)
                                + ". It could tell a stranger's word, or run his code as " + role,
                        "use a role that is no more than theirs, have a superuser drop what does not belong there (a "
                                + "table of ours is made anew) and REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER on "
                                + "the tables from who may write to them, or name roles that you trust in " + TRUSTED
                                + ".");
        }
    }

    /**
     * What stands against running the project's own SQL in this session, whose search path is empty afterwards: up to
     * three objects of strangers that it would find. Migrations find what is in public, also if the path leaves it out.
     */
    public static List<String> onProjectPath(Connection c) throws SQLException {
        if (!strangersOwnCode(c)) return List.of();
        String schemas = SessionStart.ENTER_PATH
                + """
                ;
                SELECT pg_catalog.set_config('avdaily.schemas', CAST(pg_catalog.array_append(
                  pg_catalog.current_schemas(true), CAST('public' AS pg_catalog.name)) AS pg_catalog.text), false);
                SELECT pg_catalog.set_config('search_path', '', false);
                """;
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            boolean hasRows = statement.execute(schemas + query(c, "path-obstacles.sql"));
            List<String> last = List.of();
            for (; hasRows || statement.getUpdateCount() >= 0; hasRows = statement.getMoreResults())
                if (hasRows) last = texts(statement.getResultSet());
            return last;
        }
    }

    /** @throws Failure (21) naming what stands against it */
    static void refuseOnProjectPath(Connection c, Database db) throws SQLException {
        List<String> obstacles = onProjectPath(c);
        if (!obstacles.isEmpty())
            throw Failure.refused(
                    "the project's SQL could run a stranger's code as "
                            + db.url().user() + " on " + db + ": " + String.join("; ", obstacles),
                    "use a role that is no more than theirs, have a superuser drop them and REVOKE CREATE ON SCHEMA "
                            + "public FROM PUBLIC, or name roles that you trust in " + TRUSTED + ".");
    }

    /**
     * What stands against running a query of the project's in this transaction, which is on the project's path: up to
     * three relations that it reads, with the views between, that are strangers' or run their code. The server locks
     * what a prepared query reads, so that nobody puts something else in its place until the transaction ends.
     *
     * @param sql one statement
     */
    public static List<String> inQuery(Connection c, String sql) throws SQLException {
        String path = Database.one(c, "SELECT pg_catalog.current_setting('search_path')", String.class);
        Database.run(c, "PREPARE avdaily_query AS " + sql);
        Database.run(c, "DEALLOCATE avdaily_query; SET LOCAL search_path = ''");
        List<String> obstacles =
                Database.list(c, query(c, "query-obstacles.sql"), row -> row.getString(1));
        Database.one(c, "SELECT pg_catalog.set_config('search_path', ?, true)", String.class, path);
        return obstacles;
    }

    /** @throws Failure (21) naming what {@link #inQuery} finds */
    public static void refuseInQuery(Connection c, String role, String sql) throws SQLException {
        List<String> obstacles = inQuery(c, sql);
        if (!obstacles.isEmpty())
            throw Failure.refused(
                    "the query could run a stranger's code as " + role + ": " + String.join("; ", obstacles),
                    "use a role that is no more than theirs, read another table, or name roles that you trust in "
                            + TRUSTED + ".");
    }

    private static List<String> texts(ResultSet rows) throws SQLException {
        List<String> texts = new ArrayList<>();
        while (rows.next()) texts.add(rows.getString(1));
        return texts;
    }

    /** Whether {@code avdaily_ops}, if it is there, is what this toolkit makes, of a role to be trusted. */
    public static boolean isOpsBelieved(Connection c) throws SQLException {
        return Found.on(c).offences().isEmpty();
    }

    /** Whether there is a table, and reading it runs no stranger's code. */
    public static boolean isHarmlessTable(Connection c, String schema, String name) throws SQLException {
        return "".equals(offence(c, schema, name));
    }

    private static String offence(Connection c, String schema, String name) throws SQLException {
        boolean isThere = Database.one(
                c,
                "SELECT EXISTS (SELECT FROM pg_class WHERE relname = ? AND relnamespace IN"
                        + " (SELECT oid FROM pg_namespace WHERE nspname = ?))",
                Boolean.class,
                name,
                schema);
        if (!isThere) return null; // to look for strangers takes much longer
        return Database.one(c, query(c, "stranger-of-table.sql"), String.class, schema, name);
    }

    /**
     * Whether there is a table.
     *
     * @throws Failure (21) if it is a view, or a stranger's
     */
    public static boolean isTable(Connection c, String schema, String name) throws SQLException {
        String stranger = offence(c, schema, name);
        if (stranger == null) return false;
        if (!stranger.isEmpty())
            throw Failure.refused(
                    schema + "." + name + " is not to be believed: " + stranger,
                    "run this as a role that is no more than its owner, or name roles that you trust in " + TRUSTED
                            + ".");
        return true;
    }

    /**
     * Makes sure that no stranger writes to a table of avdaily_ops as a member of pg_write_all_data, who needs no
     * grant.
     *
     * @throws Failure (21) naming those who may
     */
    public static void refuseWritersOfAll(Connection c, String table) throws SQLException {
        String writers = Database.one(
                c,
                strangers()
                        + "SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM stranger s "
                        + "WHERE rolname !~ '^pg_' AND pg_has_role(s.oid, 'pg_write_all_data', 'MEMBER')",
                String.class);
        if (writers != null)
            throw Failure.refused(
                    table + " is not to be believed: " + writers + " may write to it (pg_write_all_data)",
                    "see that what stands there is right, then name the roles that you trust in " + TRUSTED + ".");
    }

    /** Whether our role is mightier than the database's owner, whose settings it does not take over. */
    static boolean isDatabaseOfStranger(Connection c) throws SQLException {
        return strangerWhoOwns(c) != null;
    }

    private static String strangerWhoOwns(Connection c) throws SQLException {
        String query = strangers()
                + "SELECT (SELECT s.rolname FROM me, here JOIN stranger s ON s.oid = here.datdba WHERE me.is_powerful)";
        return Database.one(c, query, String.class);
    }

    /** What a mighty role is told in the database of another. */
    static String warning(String role, String owner, String database) {
        return "Note: " + owner + " owns " + database + ", and " + role + " may do more than that: what " + owner
                + " wrote into it could run as " + role + ". To read, a role of its own needs no more than: "
                + "GRANT CONNECT ON DATABASE " + Sql.quoted(database) + " TO reader; "
                + "GRANT pg_read_all_data TO reader; GRANT pg_monitor TO reader;";
    }

    private static String query(Connection c, String name) throws SQLException {
        return dangers(c) + SqlResource.of(ForeignCode.class, name);
    }

    /**
     * The beginning of a query that knows the role "me", each "stranger", and each "danger". Where strangers own
     * nothing, there is none, and the server need not plan how to look.
     */
    public static String dangers(Connection c) throws SQLException {
        return dangers(strangersOwnCode(c));
    }

    /** The same where somebody asked {@link #strangersOwnCode} already. */
    public static String dangers(boolean strangersOwnCode) {
        return strangers()
                + (strangersOwnCode
                        ? SqlResource.of(ForeignCode.class, "strangers-code.sql")
                        : ", danger (relation, what) AS (SELECT NULL::oid, NULL::text WHERE false)")
                + "\n";
    }

    /** Whether strangers own anything that could have code in it. */
    public static boolean strangersOwnCode(Connection c) throws SQLException {
        return Database.one(
                c, strangers() + SqlResource.of(ForeignCode.class, "strangers-own-code.sql"), Boolean.class);
    }

    /** The beginning of a query that knows the role "me" and each "stranger". */
    static String strangers() {
        return SqlResource.of(ForeignCode.class, "strangers.sql") + "\n";
    }

    private ForeignCode() {}
}
