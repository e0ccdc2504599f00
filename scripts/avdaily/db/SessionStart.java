package avdaily.db;

import avdaily.base.Settings;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.core.ServerVersion;
import org.postgresql.jdbc.PgConnection;

/**
 * How a session begins. Neither the database's owner nor a role's setting decides which functions and operators our
 * queries find: the search path is empty, and so only the server's own are there. A view that somebody puts in a
 * table's place is not run.
 */
public final class SessionStart {
    private static final String RESTRICTION = "restrict_nonsystem_relation_kind";
    /** A time that runs out and a transaction that may only read would end any work. Each server knows some of them. */
    public static final String UNLIMITED =
            """
            SET default_transaction_read_only = off;
            SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
            WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')""";

    /**
     * For our own queries alone: to compile those of the catalogs takes many times what it saves, and the time that a
     * role is given is meant for its application.
     */
    private static final Map<String, String> OURS = Map.of("jit", "off", "statement_timeout", "0");

    /** For the session's own queries: the schema that the command works on. */
    private static final String SCHEMA = "avdaily.schema";

    /**
     * The path that role, database or address say, with the command's schema before it as Flyway has it. Whoever says
     * the path may have put operators on it, and nullif would look for one there.
     */
    static final String ENTER_PATH = "SET search_path TO DEFAULT; SELECT pg_catalog.set_config('search_path', "
            + "pg_catalog.concat_ws(',', "
            + unlessEmpty("pg_catalog.current_setting('" + SCHEMA + "', true)", "pg_catalog.quote_ident(%s)")
            + ", " + unlessEmpty("pg_catalog.current_setting('search_path')", "%s") + "), false)";

    private static String unlessEmpty(String value, String form) {
        return "CASE WHEN " + value + " OPERATOR(pg_catalog.<>) '' THEN " + form.formatted(value) + " END";
    }

    /**
     * The first statements, for one round trip; {@code more} comes after them.
     *
     * @param schema the one that the command works on; nothing if it is the whole database
     */
    static String statements(
            PgConnection c, Settings settings, DatabaseUrl url, Optional<String> schema, String more)
            throws SQLException {
        Map<String, String> values = new LinkedHashMap<>(Map.of("search_path", ""));
        values.putAll(SessionSettings.saidBy(url.parameters().getOrDefault("options", "")));
        values.putAll(OURS);
        values.putAll(values(c, settings, schema));
        return "SELECT " + SessionSettings.set(values) + "; " + more;
    }

    private static Map<String, String> values(PgConnection c, Settings settings, Optional<String> schema)
            throws SQLException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("quote_all_identifiers", "off"); // names in answers are compared
        values.put("avdaily.trusted_roles", settings.real(ForeignCode.TRUSTED).orElse(""));
        // while one of our sessions works for long, the one with the lock and the one with the log have to wait
        if (c.haveMinimumServerVersion(ServerVersion.v14)) values.put("idle_session_timeout", "0");
        if (knowsRestriction(c)) values.put(RESTRICTION, "view, foreign-table");
        values.put(SCHEMA, schema.orElse("")); // also if there is none: the database may say one
        return values;
    }

    /** Since the releases that mend CVE-2024-7348. */
    private static boolean knowsRestriction(PgConnection c) {
        int version = c.getQueryExecutor().getServerVersionNum();
        return switch (version / 10_000) {
            case 14 -> version >= 140_013;
            case 15 -> version >= 150_008;
            case 16 -> version >= 160_004;
            default -> version >= 170_000;
        };
    }

    /** What is done in a session first. */
    public interface Beginning {
        void in(Connection c) throws SQLException;
    }

    /** The session, begun; one in which that fails is closed. */
    public static Connection begun(Connection c, Beginning beginning) throws SQLException {
        try {
            beginning.in(c);
            return c;
        } catch (SQLException | RuntimeException e) {
            try (c) {
                throw e; // whatever closing says
            }
        }
    }

    /**
     * Closes the session if a stranger's code lies on the project's path, and says so; else enters the path, with the
     * settings that psql would have there; {@code more} comes after them.
     */
    static Connection onProjectPath(Connection c, Database db, String more) throws SQLException {
        return begun(c, session -> {
            ForeignCode.refuseOnProjectPath(session, db);
            String said = "SELECT " + SessionSettings.set(SessionSettings.of(session).values());
            Database.run(session, "RESET statement_timeout; " + said + "; " + more);
            enterProjectPath(session);
        });
    }

    /**
     * Makes a session for the project's SQL what it was at its beginning: no role and no setting of what ran in it
     * stays, be it within a transaction. Names are looked for in public first, or in the command's schema, as Flyway
     * has it. All of it is one round trip, for it comes with each file.
     *
     * @param then statements that come after
     */
    static void renew(
            Connection c,
            Settings settings,
            Optional<String> schema,
            String more,
            SessionSettings said,
            List<String> then)
            throws SQLException {
        PgConnection pg = c.unwrap(PgConnection.class);
        List<String> statements =
                new ArrayList<>(List.of("SET SESSION AUTHORIZATION DEFAULT", "RESET ROLE", "RESET ALL"));
        Map<String, String> values = values(pg, settings, schema);
        if (!more.isEmpty()) { // finds the server's own names alone
            statements.add("SET search_path = ''");
            statements.add(more);
            statements.add("SET search_path TO DEFAULT");
        }
        values.putAll(said.values());
        if (knowsRestriction(pg)) values.put(RESTRICTION, "");
        String first = Sql.literal(schema.map(Sql::quoted).orElse("public") + ",");
        statements.add("SELECT " + SessionSettings.set(values) + ", pg_catalog.set_config('search_path', "
                + "pg_catalog.concat(" + first + ", pg_catalog.current_setting('search_path')), false)");
        statements.addAll(then);
        Database.run(c, String.join("; ", statements));
    }

    /**
     * From now on the session finds names as the project's SQL wants them, by the path that role, database or address
     * say. {@link ForeignCode#onProjectPath} must have found nothing on it.
     */
    public static void enterProjectPath(Connection c) throws SQLException {
        Database.run(c, "RESET jit; " + ENTER_PATH + allowingViews(c));
    }

    /** What a user says in the project's words, within a transaction whose search path is empty before and after. */
    public interface Words {
        void read() throws SQLException;
    }

    /**
     * Reads words of the user with the project's path.
     *
     * @throws avdaily.base.Failure (21) if a stranger's code lies on it
     */
    public static void onProjectPath(Connection c, Database db, Words words) throws SQLException {
        ForeignCode.refuseOnProjectPath(c, db);
        Database.run(c, "SET LOCAL search_path TO DEFAULT; SET LOCAL jit TO DEFAULT");
        words.read();
        Database.run(c, "SET LOCAL search_path = ''; SET LOCAL jit = off");
    }

    /** From now on the session may read views and foreign tables, as a dump that is restored does. */
    public static void allowViews(Connection c) throws SQLException {
        Database.run(c, allowingViews(c));
    }

    private static String allowingViews(Connection c) throws SQLException {
        return knowsRestriction(c.unwrap(PgConnection.class)) ? "; SET " + RESTRICTION + " = ''" : "";
    }

    private SessionStart() {}
}
