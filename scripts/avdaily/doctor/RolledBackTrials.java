package avdaily.doctor;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.OpenCopy;
import avdaily.doctor.Ability.Basis;
import avdaily.doctor.Ability.Name;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.postgresql.copy.CopyOut;

/**
 * What is tried in a transaction that is taken back. All that it makes carries its mark, and is looked for at the end.
 */
final class RolledBackTrials {
    /** Does it, and returns what it saw. */
    private interface Attempt {
        String in(Connection c) throws SQLException;
    }

    /**
     * One of them.
     *
     * @param rights answers true or false without trying; empty for what changes nothing, which is always tried
     * @param next what helps if it does not work
     */
    private record Trial(Name name, Attempt attempt, String rights, String next) {}

    private static final String RESTORES_STATISTICS =
            "SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'pg_restore_relation_stats'";
    private static final String MARK = "avdaily_doctor_";
    private static final String OTHER_SERVER = "use a PostgreSQL server, or do without what needs it.";

    private final Connection c;
    private final String mark;
    private final String role;
    private final String database;
    private final boolean isStandby;
    private boolean hasMade;

    RolledBackTrials(Connection c, String role, String database, boolean isStandby) {
        this.c = c;
        this.mark = MARK + ThreadLocalRandom.current().nextInt(1_000_000_000);
        this.role = Sql.quoted(role);
        this.database = Sql.quoted(database);
        this.isStandby = isStandby;
    }

    List<Ability> run(Doctor.Depth depth) throws SQLException {
        List<Ability> abilities = new ArrayList<>();
        for (Trial trial : all()) {
            boolean isTried = trial.rights.isEmpty() || depth == Doctor.Depth.EVERYTHING;
            abilities.add(isTried ? tried(trial) : read(trial));
        }
        abilities.add(hasMade ? nothingIsLeft() : nothingWasMade());
        return abilities;
    }

    private List<Trial> all() {
        String attribute = "SELECT rolsuper OR %s FROM pg_catalog.pg_roles WHERE rolname = current_user";
        return List.of(
                new Trial(Name.ROW_ADDRESSES, this::rowAddresses, "", OTHER_SERVER),
                new Trial(Name.COPY, this::copy, "", OTHER_SERVER),
                new Trial(Name.REPLICATION_ROLE, this::replicationRole, "", replicationRight()),
                new Trial(
                        Name.ROLES,
                        this::createRole,
                        attribute.formatted("rolcreaterole"),
                        "have a superuser run: ALTER ROLE " + role + " CREATEROLE;"),
                new Trial(
                        Name.EVENT_TRIGGERS,
                        this::createEventTrigger,
                        attribute.formatted("false"),
                        "let a superuser apply the files and restore the backups that have event triggers."),
                new Trial(
                        Name.EXTENSIONS,
                        this::createExtension,
                        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                        "have a superuser create the extensions that are needed, or run: GRANT CREATE ON DATABASE "
                                + database + " TO " + role + ";"),
                new Trial(
                        Name.LARGE_OBJECTS,
                        this::largeObject,
                        "SELECT pg_catalog.has_function_privilege('pg_catalog.lo_from_bytea(oid, bytea)', 'EXECUTE')",
                        OTHER_SERVER),
                new Trial(
                        Name.PLANNER_STATISTICS,
                        this::plannerStatistics,
                        "SELECT EXISTS (" + RESTORES_STATISTICS + ")",
                        "run ANALYZE after a restore; PostgreSQL 18 takes statistics over."));
    }

    private String replicationRight() {
        return "let a superuser run 'avdaily-integrity fix', or have one run: GRANT SET ON PARAMETER "
                + "session_replication_role TO " + role + ";";
    }

    private Ability tried(Trial trial) throws SQLException {
        c.setAutoCommit(false);
        try {
            Database.run(c, "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'");
            String found = trial.attempt.in(c);
            hasMade |= !trial.rights.isEmpty();
            return Ability.yes(trial.name, Basis.TRIED, found);
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            return Ability.no(trial.name, Basis.TRIED, Failures.message(e), next(e, trial.next));
        } finally {
            c.rollback();
            c.setAutoCommit(true);
        }
    }

    private String next(SQLException e, String usual) {
        if (isStandby) return Doctor.PRIMARY;
        return SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE) ? "run this again: somebody is at it." : usual;
    }

    private Ability read(Trial trial) throws SQLException {
        if (isStandby) return Ability.no(trial.name, Basis.READ, "a standby only reads", Doctor.PRIMARY);
        boolean may = Database.one(c, trial.rights, Boolean.class);
        return may
                ? Ability.yes(trial.name, Basis.READ, "the rights are there; not tried")
                : Ability.unknown(trial.name, "nothing that can be read allows it; not tried", trial.next);
    }

    private Ability nothingWasMade() {
        return Ability.unknown(
                Name.TRANSACTIONS,
                "nothing was made that could be taken back",
                isStandby ? "look at the primary." : "'avdaily-db doctor --try' tries what the role may make.");
    }

    /** On a server that does not take definitions back with their transaction, the marked ones are there. */
    private Ability nothingIsLeft() throws SQLException {
        List<String> left = Database.list(
                c,
                SqlResource.of(RolledBackTrials.class, "leftovers.sql"),
                row -> row.getString(1),
                Collections.nCopies(6, mark).toArray());
        return left.isEmpty()
                ? Ability.yes(Name.TRANSACTIONS, Basis.TRIED, "what was tried is taken back, and nothing is left of it")
                : Ability.no(
                        Name.TRANSACTIONS,
                        Basis.TRIED,
                        "taken back, and still there: " + String.join(", ", left),
                        "drop these, and use a PostgreSQL server.");
    }

    private String rowAddresses(Connection c) throws SQLException {
        Database.list(c, "SELECT 1 FROM pg_catalog.pg_class WHERE ctid < '(1,0)'::tid", row -> row.getInt(1));
        return "large tables are read in pieces, by several sessions";
    }

    private String copy(Connection c) throws SQLException {
        try (OpenCopy<CopyOut> copy = OpenCopy.out(c, "COPY (SELECT 1) TO STDOUT")) {
            while (copy.rows().readFromCopy() != null) continue;
        }
        return "rows leave the server as a stream";
    }

    private String replicationRole(Connection c) throws SQLException {
        Database.run(c, "SET LOCAL session_replication_role = replica");
        return "rows are put right without their triggers";
    }

    private String createRole(Connection c) throws SQLException {
        Database.run(c, "CREATE ROLE " + mark);
        return "roles can be created";
    }

    private String createEventTrigger(Connection c) throws SQLException {
        Database.run(
                c,
                "CREATE FUNCTION pg_temp." + mark + "() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
                        + "CREATE EVENT TRIGGER " + mark + " ON sql_drop EXECUTE FUNCTION pg_temp." + mark + "()");
        return "event triggers can be created";
    }

    private String createExtension(Connection c) throws SQLException {
        String free =
                """
                SELECT name FROM pg_catalog.pg_available_extension_versions v
                WHERE relocatable AND requires IS NULL
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname = v.name)
                ORDER BY trusted DESC, name LIMIT 1""";
        String available =
                Database.one(c, "SELECT count(*)::text FROM pg_catalog.pg_available_extensions", String.class);
        String name = Database.one(c, free, String.class);
        if (name == null) throw new SQLException("the server has no extension to try; it offers " + available);
        Database.run(c, "CREATE SCHEMA " + mark + "; CREATE EXTENSION " + Sql.quoted(name) + " SCHEMA " + mark);
        return available + " are offered, and " + name + " can be created";
    }

    private String largeObject(Connection c) throws SQLException {
        long oid = Database.one(c, "SELECT pg_catalog.lo_from_bytea(0, '\\x2a')", Long.class);
        Database.run(c, "COMMENT ON LARGE OBJECT " + oid + " IS '" + mark + "'");
        if (Database.one(c, "SELECT pg_catalog.lo_get(?)", byte[].class, oid)[0] != 0x2a)
            throw new SQLException("a large object does not hold what was written");
        return "they can be written and read";
    }

    private String plannerStatistics(Connection c) throws SQLException {
        if (Database.list(c, RESTORES_STATISTICS, row -> row.getInt(1)).isEmpty())
            throw new SQLException("the server has no function pg_restore_relation_stats");
        Database.run(c, "CREATE TEMPORARY TABLE " + mark + " (id integer)");
        Database.list(
                c,
                """
                SELECT pg_catalog.pg_restore_relation_stats('schemaname', n.nspname::text, 'relname', ?::text,
                                                            'relpages', 7)
                FROM pg_catalog.pg_namespace n WHERE n.oid = pg_catalog.pg_my_temp_schema()""",
                row -> row.getBoolean(1),
                mark);
        return "a restore brings them back";
    }
}
