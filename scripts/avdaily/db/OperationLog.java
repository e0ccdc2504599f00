package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.base.SqlResource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The operation log: one row for each run that writes. The row is there from the start, so that a killed run shows as
 * {@code started}.
 */
public final class OperationLog {
    /** The work to be logged; what it puts into {@code details} goes into the row. */
    public interface Work<T> {
        T run(Map<String, Object> details) throws Exception;
    }

    /** The same, with the row in its own hands. */
    public interface OwnWork<T> {
        T run(OperationLog operation) throws Exception;
    }

    public static boolean isLogged(Connection c) throws SQLException {
        return OpsTables.have(c, "operation");
    }

    /** Whether there is one that the role may read. */
    public static boolean isReadable(Connection c) throws SQLException {
        return Database.one(
                c,
                """
                SELECT EXISTS (
                  SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'avdaily_ops' AND c.relname = 'operation'
                    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))""",
                Boolean.class);
    }

    /**
     * Creates {@code avdaily_ops}, unless it is there; two programs at a time do no harm.
     *
     * @return whether it was not there
     * @throws Failure naming the privilege that the role lacks for it
     */
    public static boolean createSchema(Connection c) throws SQLException {
        if (isLogged(c)) return false;
        mustBeAllowed(c);
        Database.update(c, SqlResource.of(OperationLog.class, "create-ops-schema.sql"));
        return true;
    }

    private static void mustBeAllowed(Connection c) throws SQLException {
        String lack = Database.one(
                c,
                """
                SELECT CASE
                  WHEN to_regnamespace('avdaily_ops') IS NULL AND NOT has_database_privilege(d.oid, 'CREATE')
                    THEN format('CREATE SCHEMA avdaily_ops AUTHORIZATION %I, or GRANT CREATE ON DATABASE %I TO %I',
                                current_user, datname, current_user)
                  WHEN NOT has_schema_privilege(to_regnamespace('avdaily_ops')::oid, 'USAGE')
                    OR NOT has_schema_privilege(to_regnamespace('avdaily_ops')::oid, 'CREATE')
                    THEN format('GRANT USAGE, CREATE ON SCHEMA avdaily_ops TO %I', current_user) END
                FROM pg_database d WHERE datname = current_database()""",
                String.class);
        if (lack != null)
            throw MissingPrivilege.toMake(
                    "the schema avdaily_ops, where the toolkit keeps what was done, or its tables", lack);
    }

    private final long id;

    private OperationLog(long id) {
        this.id = id;
    }

    /** The row's number, by which people call the run. */
    public long id() {
        return id;
    }

    /** Runs {@code work} under a row of its own; {@code command} as in "migrate up". */
    public static <T> T record(Database db, String command, Work<T> work) throws Exception {
        Map<String, Object> details = new LinkedHashMap<>();
        db.schema().ifPresent(schema -> details.put("schema", schema));
        return within(db, command, details, operation -> {
            T result = work.run(details);
            operation.doneIfPossible(db, details);
            return result;
        });
    }

    /** Runs work that finishes its row itself, in the transaction that the work is. */
    public static <T> T within(Database db, String command, OwnWork<T> work) throws Exception {
        return within(db, command, Map.of(), work);
    }

    private static <T> T within(Database db, String command, Map<String, ?> details, OwnWork<T> work)
            throws Exception {
        OperationLog operation = begin(db, command);
        try {
            return work.run(operation);
        } catch (Throwable e) { // a row that stays as it began is that of a killed run
            operation.failed(db, e, details);
            throw e;
        }
    }

    /** Whether the database keeps a log that is to be believed, and the role may write to it. */
    public static boolean isPossible(Database db) throws SQLException {
        return db.believesOps()
                && Database.one(
                        db.connection(),
                        """
                SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
                   AND EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                               WHERE n.nspname = 'avdaily_ops' AND c.relname = 'operation'
                                 AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                                 AND has_table_privilege(c.oid, 'INSERT, UPDATE'))""",
                        Boolean.class);
    }

    /**
     * As {@link #record}, but only where the database keeps a log already and the role may write to it: reading needs
     * neither.
     */
    public static <T> T recordIfPossible(Database db, String command, Work<T> work) throws Exception {
        if (isPossible(db)) return record(db, command, work);
        db.out().detail("Not logged in " + db + ": it keeps no operation log, or the role may not write to it.");
        return work.run(new LinkedHashMap<>());
    }

    /** Begins a row for work that finishes it itself, and says itself how it failed. */
    public static OperationLog begin(Database db, String command) throws SQLException {
        prepare(db);
        return new OperationLog(Database.one(
                db.connection(),
                """
                INSERT INTO avdaily_ops.operation (command, environment, who, host) VALUES (?, ?, ?, ?) RETURNING id""",
                Long.class,
                command,
                db.environment().toString(),
                who(),
                Invocation.host()));
    }

    /**
     * Makes sure that the collection's own schema is there, and lets the database remember the environment that people
     * named.
     */
    private static void prepare(Database db) throws SQLException {
        Connection c = db.connection();
        if (createSchema(c)) ForeignCode.Found.on(c).refuseOffences(db.url().user());
        if (db.environmentIsKnown())
            Database.update(
                    c,
                    "INSERT INTO avdaily_ops.environment (name, recorded_by) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    db.environment().toString(),
                    who());
    }

    /** Writes down how far the work has come, for whoever finds the row of a run that was killed. */
    public void progress(Database db, Map<String, ?> details) throws SQLException {
        Database.update(
                db.connection(),
                "UPDATE avdaily_ops.operation SET details = ?::jsonb WHERE id = ?",
                Json.text(details),
                id);
    }

    /**
     * The work stands, so a log that cannot be written (the connection may have died meanwhile) is no reason to call it
     * failed.
     */
    public void doneIfPossible(Database db, Map<String, ?> details) {
        try {
            done(db.liveConnection(), details);
        } catch (SQLException | Failure e) {
            db.out()
                    .note("It is done, but the operation log could not be told: "
                            + Failures.explain(e).getMessage());
        }
    }

    public void done(Connection c, Map<String, ?> details) throws SQLException {
        finish(c, "done", details);
    }

    /** Says so in the row; where that fails too, the first error keeps the word. */
    public void failed(Database db, Throwable e, Map<String, ?> known) {
        Map<String, Object> details = new LinkedHashMap<>(known);
        details.put("error", Secrets.redact(Failures.explain(e).getMessage()));
        try {
            finish(db.connection(), "failed", details);
        } catch (SQLException | Failure unwritten) {
            e.addSuppressed(unwritten);
        }
    }

    private void finish(Connection c, String outcome, Map<String, ?> details) throws SQLException {
        Database.update(
                c,
                """
                UPDATE avdaily_ops.operation
                SET outcome = ?, duration = clock_timestamp() - started_at, details = ?::jsonb WHERE id = ?""",
                outcome,
                Json.text(details),
                id);
    }

    public static String who() {
        return System.getProperty("user.name");
    }
}
