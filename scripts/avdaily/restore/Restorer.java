package avdaily.restore;

import avdaily.backup.BackupMetadata;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.TransactionMark;
import avdaily.sql.OpsSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Restores a checked dump. The steps of a swap:
 *
 * <ol>
 *   <li>decide how, and refuse what cannot be done ({@link RestoreChecks});
 *   <li>take the lock of the database, and drop what killed restores left;
 *   <li>create a new database, and load the dump into it ({@link DumpLoader}), over several connections
 *       ({@link Workers});
 *   <li>carry the operation log across ({@link OpsSchemaCopy}), with this restore in it, and the database's properties;
 *   <li>exchange the names of the two databases in one transaction ({@link Swap}).
 * </ol>
 *
 * A restore in place drops everything in the database and loads the dump, in one transaction.
 */
public final class Restorer implements AutoCloseable {
    private final Database db;
    private final Out out;
    private final DumpReader dump;
    private final RestoreOptions options;
    private final RestoreTarget target;
    private final RestoreChecks.Decision decision;
    private final LoadingSession session;
    private final Optional<GlobalsRestore> globals;

    /**
     * How it went.
     *
     * @param kept the name under which the old database is kept, if it is
     * @param skipped what was left out, said for people
     * @param isProven whether the rows were compared, not counted alone
     */
    public record Result(Optional<String> kept, Set<String> skipped, boolean isProven) {}

    /** @throws Failure (21) or (23) if it cannot be done, before anything is written */
    public Restorer(Database db, DumpReader dump, RestoreOptions options) throws SQLException {
        this.db = db;
        this.out = db.out();
        this.dump = dump;
        this.options = options;
        this.target = RestoreTarget.of(db);
        try {
            this.globals = options.server() == RestoreOptions.Server.LEFT_OUT
                    ? Optional.empty()
                    : Optional.of(GlobalsRestore.of(target, dump, options.server()));
            globals.ifPresent(some ->
                    target.expect(some.plan().createdRoles(), some.plan().createdTablespaces()));
            this.decision = RestoreChecks.decide(target, dump, options);
            this.session = LoadingSession.of(target);
        } catch (SQLException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    /** What will be done, line by line. */
    public List<String> plan() {
        List<String> plan = new ArrayList<>();
        globals.ifPresent(some -> plan.addAll(some.lines()));
        String why = decision.reason().isEmpty() ? "" : " (" + decision.reason() + ")";
        if (mode() == RestoreOptions.Mode.IN_PLACE) {
            plan.add("in-place" + why + ": everything in " + db
                    + " is dropped and restored in one transaction; only avdaily_ops stays");
        } else {
            int connections = dump.contents().mayBeParallel() ? options.jobs() : 1;
            plan.add("swap" + why + ": loaded into a new database with " + Format.count(connections, "connection")
                    + (target.exists() ? ", which then takes the place of " + db : ", which becomes " + db));
            if (target.exists())
                plan.add("other sessions in " + db.name() + " are ended; the old database is kept as " + db.name()
                        + "_before_<time>");
        }
        if (!decision.absentRoles().isEmpty())
            plan.add("grants to roles that are missing are left out: " + String.join(", ", decision.absentRoles()));
        return plan;
    }

    /** The statements that are run on the server before and after the database; nothing if nobody asked for them. */
    public Optional<List<String>> globals() {
        return globals.map(GlobalsRestore::statements);
    }

    /** @throws Failure (21) if the backup would give power that the user did not agree to */
    public void mustBeTrusted() {
        globals.ifPresent(GlobalsRestore::mustBeTrusted);
    }

    public boolean targetExists() {
        return target.exists();
    }

    public RestoreOptions.Mode mode() {
        return decision.mode();
    }

    /** @throws Failure (23) if another restore of this database is under way */
    @SuppressWarnings("try") // the lock is held, no more
    public Result restore() throws Exception {
        Database maintenance = target.maintenance();
        try (Lock lock = Lock.take(maintenance != null ? maintenance : db, "restore " + db.name(), 1)) {
            if (maintenance != null)
                for (String name : Swap.cleanUp(maintenance))
                    out.note("Dropped " + name + ", which a restore that was killed left behind.");
            if (globals.isPresent() || target.exists()) dump.mustBeWhole();
            if (globals.isPresent()) globals.get().run();
            return load();
        } catch (Failure | SQLException e) {
            if (globals.isEmpty()) throw e;
            throw globals.get().staying(Failures.explain(e));
        }
    }

    private Result load() throws Exception {
        if (!target.exists()) return swap(null);
        return OperationLog.within(
                db,
                "restore",
                operation -> mode() == RestoreOptions.Mode.SWAP ? swap(operation) : inPlace(operation));
    }

    /** Records the restore in a database that was not there before. */
    public void recordFirst() throws Exception {
        if (target.exists()) return;
        OperationLog.record(db, "restore", details -> {
            details.putAll(details());
            return null;
        });
    }

    private Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("file", dump.file().toString());
        details.put("mode", mode().toString());
        details.put("rows", dump.contents().rowCount());
        details.put("tables", dump.contents().tableCount());
        dump.metadata().ifPresent(known -> {
            BackupMetadata.Origin origin = known.origin();
            details.put("backupOf", origin.database());
            details.put("backupEnvironment", origin.environment());
            details.put("backupTime", origin.createdAt());
            details.put("sha256", known.encoding().sha256());
        });
        return details;
    }

    /** @param operation null if the database was not there before */
    private Result swap(OperationLog operation) throws Exception {
        Database maintenance = target.maintenance();
        DatabaseProperties old = target.properties();
        try (Swap swap = Swap.create(maintenance, createOptions())) {
            Set<String> skipped = fill(swap.fresh());
            boolean isProven =
                    options.proof() == RestoreOptions.Proof.CONTENT && ContentProof.isGiven(dump, swap.fresh());
            Connection fresh = swap.fresh().connection();
            Optional<String> kept =
                    old == null ? Optional.empty() : Optional.of(Swap.nameToKeep(maintenance.connection(), db.name()));
            fresh.setAutoCommit(false);
            keepRecords(fresh, operation, kept);
            fresh.commit();
            if (old != null)
                for (String statement : old.copyStatements(
                        maintenance.connection(), swap.fresh().name()))
                    Database.run(maintenance.connection(), statement);
            else if (globals.isPresent())
                globals.get().runOn(maintenance.connection(), swap.fresh().name());
            db.close();
            swap.take(db.name(), kept);
            if (operation != null) closeOld(operation, kept.orElseThrow());
            return result(kept, skipped, isProven);
        }
    }

    /** In the database that is kept the row would say for ever that this restore is under way. */
    private void closeOld(OperationLog operation, String kept) throws SQLException {
        try (Database old = db.sibling(kept)) {
            operation.doneIfPossible(old, details(kept));
        }
    }

    private Map<String, Object> details(String kept) {
        Map<String, Object> details = details();
        details.put("kept", kept);
        return details;
    }

    private Result result(Optional<String> kept, Set<String> skipped, boolean isProven) {
        Set<String> all = new LinkedHashSet<>();
        globals.ifPresent(some -> all.addAll(some.skipped()));
        all.addAll(skipped);
        return new Result(kept, all, isProven);
    }

    /** The options of CREATE DATABASE: those of the old database or, without one, of the dump or of its metadata. */
    private String createOptions() throws SQLException {
        if (target.properties() != null)
            return target.properties().createOptions(target.maintenance().connection());
        boolean isTold = dump.contents().databaseOptions().isPresent();
        return (isTold ? "" : globals.map(some -> some.plan().createOptions()).orElse(""))
                + target.createOptions(dump);
    }

    /** Loads everything into the new database and ends the connections to it, but for its own. */
    private Set<String> fill(Database fresh) throws Exception {
        Database superuser =
                options.superuser().map(some -> some.sibling(fresh.name())).orElse(null);
        try (superuser;
                Workers workers =
                        dump.contents().mayBeParallel() ? new Workers(fresh, session, options.jobs()) : null) {
            Connection main = session.prepare(fresh.connection(), LoadingSession.Durability.LATER);
            DumpFilter filter = filter(main, Optional.empty());
            ExtensionInstaller installer = superuser == null ? null : new ExtensionInstaller(superuser.connection());
            DumpLoader.committing(dump, main, session, filter, workers, installer)
                    .load();
            nameEmptyViews(main, filter);
            main.commit();
            if (workers != null) workers.gatherStatistics(Statistics.filledTables(main));
            else Statistics.gather(main, out);
            main.commit();
            return filter.skipped();
        } finally {
            fresh.close();
        }
    }

    /** The operation log and the environment record are the database's, not the backup's: they stay. */
    private void keepRecords(Connection fresh, OperationLog operation, Optional<String> kept) throws SQLException {
        if (operation != null) {
            OpsSchemaCopy.carry(db.connection(), fresh);
            operation.done(fresh, details(kept.orElse("")));
            if (kept.isPresent()) KeptDatabases.remember(fresh, kept.get(), db.name());
        } else if (OpsSchemaCopy.isIn(fresh)) {
            Database.run(fresh, "DELETE FROM avdaily_ops.environment");
        }
    }

    private Result inPlace(OperationLog operation) throws Exception {
        OpsSchemaSeal seal = OpsSchemaSeal.of(db);
        try (Connection c = session.prepare(db.connect(), LoadingSession.Durability.AT_COMMIT)) {
            c.setAutoCommit(false);
            Database.run(c, "SET lock_timeout = '15s'");
            DatabaseReset.empty(c);
            List<String> unchanged = KeptObjects.reset(c);
            Database.run(c, "SET lock_timeout = 0");
            TransactionMark transaction = TransactionMark.of(c);
            DumpFilter filter = filter(c, Optional.of(OpsSchema.NAME));
            unchanged.forEach(filter::leaveOut);
            DumpLoader.inOneTransaction(dump, c, session, filter).load();
            nameEmptyViews(c, filter);
            if (!transaction.isStill(c)) throw leftTransaction();
            Database.run(c, "RESET SESSION AUTHORIZATION; RESET ROLE");
            seal.mustBeWhole(c, dump);
            operation.done(c, details());
            c.commit();
            gatherCommitted(c);
            return result(Optional.empty(), filter.skipped(), false);
        }
    }

    private DumpFilter filter(Connection c, Optional<String> keptSchema) throws SQLException {
        return new DumpFilter(c, options, decision.absentRoles(), keptSchema);
    }

    /** Backups of earlier versions with pg_dump's definitions do not say how materialized views are filled. */
    private void nameEmptyViews(Connection c, DumpFilter filter) throws SQLException {
        boolean isPgDumps = dump.metadata()
                .filter(known -> "pg_dump".equals(known.content().schemaFrom()))
                .isPresent();
        if (!isPgDumps || dump.contents().hasRefresh()) return;
        for (String view : Database.list(
                c,
                "SELECT format('%s.%I', relnamespace::regnamespace, relname) FROM pg_class"
                        + " WHERE relkind = 'm' AND NOT relispopulated ORDER BY 1",
                row -> row.getString(1)))
            filter.leaveOut("the rows of " + view + ", which the file does not make: REFRESH MATERIALIZED VIEW " + view
                    + " makes them");
    }

    private Failure leftTransaction() {
        return new Failure(
                Failure.Kind.ERROR,
                "the code in " + dump.file() + " ended the transaction of the restore, so that what was done until "
                        + "then stays in " + db,
                "restore another backup, by a role that may create databases (--mode swap).",
                null);
    }

    /** The restore stands, whatever happens here. */
    private void gatherCommitted(Connection c) {
        try {
            c.setAutoCommit(true);
            Statistics.gather(c, out);
        } catch (SQLException e) {
            out.detail("No statistics: " + Failures.message(e));
        }
    }

    @Override
    public void close() throws SQLException {
        db.beginSessionsWith(null);
        target.close();
    }
}
