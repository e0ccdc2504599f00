package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Restores a checked dump: into a new database that takes the old one's place, or in place in one transaction. */
public final class Restorer implements AutoCloseable {
    public enum Mode {
        SWAP("swap"),
        IN_PLACE("in-place");

        private final String word;

        Mode(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** How it went: the name under which the old database is kept, if it is, and what was left out. */
    public record Result(Optional<String> kept, Set<String> skipped) {}

    /** Below this an empty target is filled in place: there is no old database to keep, and little to gain from several connections. */
    private static final long SMALL = 256L << 20;

    private final Database db;
    private final DumpReader dump;
    private final int jobs;
    private final boolean noOwner;
    private final Database maintenance; // null where the role may connect to none
    private final Optional<DatabaseProperties> old;
    private final Set<String> absentRoles;
    private final Mode mode;
    private String reason = "";

    /** @throws Failure (21) where it cannot be done, before anything is written */
    public Restorer(Database db, DumpReader dump, Mode wished, int jobs, boolean noOwner) throws SQLException {
        this.db = db;
        this.dump = dump;
        this.jobs = jobs;
        this.noOwner = noOwner;
        this.maintenance = maintenance(db);
        try {
            this.old = maintenance == null
                    ? Optional.empty()
                    : DatabaseProperties.named(maintenance.connection(), db.name());
            this.absentRoles = absent(dump.roles, "SELECT rolname FROM pg_roles");
            this.mode = choose(wished);
            checkNeeds();
            checkTies(wished == null);
            checkDisk();
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A database of the same server to work from while this one is exchanged; null where the role may connect to none. */
    static Database maintenance(Database db) throws SQLException {
        for (String name : List.of("postgres", "template1")) {
            if (name.equals(db.name())) continue;
            Database candidate = db.sibling(name);
            try {
                candidate.connection();
                return candidate;
            } catch (Failure e) {
                db.out().detail("Not connected to " + name + ": " + e.getMessage());
            }
        }
        return null;
    }

    private boolean exists() {
        return maintenance == null || old.isPresent();
    }

    private Connection server() throws SQLException {
        return maintenance != null ? maintenance.connection() : db.connection();
    }

    private Mode choose(Mode wished) throws SQLException {
        if (!exists()) {
            if (!DatabaseProperties.mayCreate(maintenance.connection()))
                throw Failure.refused(
                        "there is no database " + db.name() + " and " + db.url().user() + " may not create one",
                        "create it, or use a role with CREATEDB.");
            return because(Mode.SWAP, "it is not there yet");
        }
        String hindrance = maintenance == null
                ? db.url().user() + " may connect to neither postgres nor template1"
                : old.get().mayBeReplaced(maintenance.connection())
                        ? null
                        : db.url().user() + " may not create databases, or does not own this one";
        if (wished == Mode.SWAP && hindrance != null)
            throw Failure.refused("no swap: " + hindrance, "use a role that may, or --mode in-place.");
        if (wished != null) return wished;
        if (hindrance != null) return because(Mode.IN_PLACE, hindrance);
        return dump.bytes() < SMALL && DatabaseReset.isEmpty(db.connection())
                ? because(Mode.IN_PLACE, "it is empty")
                : Mode.SWAP;
    }

    private Mode because(Mode chosen, String why) {
        reason = why;
        return chosen;
    }

    private Set<String> absent(Set<String> wanted, String query) throws SQLException {
        Set<String> absent = new TreeSet<>(wanted);
        if (!absent.isEmpty()) absent.removeAll(new HashSet<>(Database.list(server(), query, row -> row.getString(1))));
        return absent;
    }

    private void checkNeeds() throws SQLException {
        Set<String> extensions = absent(dump.extensions, "SELECT name FROM pg_available_extensions");
        Set<String> roles = absent(dump.indispensableRoles, "SELECT rolname FROM pg_roles");
        boolean only = roles.isEmpty();
        if (!noOwner) roles.addAll(absentRoles);
        List<String> lacks = new ArrayList<>();
        if (!roles.isEmpty()) lacks.add((roles.size() == 1 ? "the role " : "the roles ") + String.join(", ", roles));
        if (!extensions.isEmpty())
            lacks.add((extensions.size() == 1 ? "the extension " : "the extensions ") + String.join(", ", extensions));
        if (lacks.isEmpty()) return;
        List<String> ways = new ArrayList<>();
        if (!roles.isEmpty())
            ways.add("create " + (roles.size() == 1 ? "it" : "them") + " ("
                    + String.join(
                            "; ",
                            roles.stream()
                                    .map(role -> "CREATE ROLE " + Sql.quoted(role))
                                    .toList()) + ")" + (only ? ", or restore with --no-owner" : ""));
        if (!extensions.isEmpty())
            ways.add("install the packages of " + String.join(", ", extensions) + " on the server");
        throw Failure.refused(
                "the server lacks what the backup needs: " + String.join(", and ", lacks),
                String.join("; ", ways) + ".");
    }

    private void checkTies(boolean mayChange) throws SQLException {
        if (!exists()) return;
        List<String> ties = mode == Mode.SWAP
                ? old.get().ties(maintenance.connection(), db.connection())
                : DatabaseProperties.subscriptions(db.connection());
        if (!ties.isEmpty())
            throw Failure.refused(
                    db.name() + " has what "
                            + (mode == Mode.SWAP
                                    ? "another database in its place would not have: "
                                    : "a restore would tear: ")
                            + String.join(", ", ties),
                    ties.stream().anyMatch(tie -> tie.contains("subscription")) || mode == Mode.IN_PLACE
                            ? "drop " + (ties.size() == 1 ? "it" : "them") + " first, and create it again afterwards."
                            : "restore with --mode in-place, which keeps the database, or drop "
                                    + (ties.size() == 1 ? "it" : "them") + " first.");
        List<String> sessions =
                mode == Mode.SWAP ? old.get().unterminableSessions(maintenance.connection()) : List.of();
        if (!sessions.isEmpty())
            throw Failure.locked(
                    "sessions in " + db.name() + " cannot be ended by "
                            + db.url().user() + ": " + String.join(", ", sessions),
                    "end them, or use a role that may (pg_signal_backend), or --mode in-place.");
    }

    /** Only where the server's files are on this machine and may be looked at is anything known about its disk. */
    private void checkDisk() throws SQLException {
        if (!Database.one(server(), "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class)) return;
        if (db.url().hosts().stream()
                .noneMatch(host -> Set.of("localhost", "127.0.0.1", "::1").contains(host.name()))) return;
        Path data = Path.of(Database.one(server(), "SHOW data_directory", String.class));
        try {
            FileStore store = Files.getFileStore(data);
            if (store.getUsableSpace() < dump.estimatedSize())
                throw Failure.refused(
                        "the server's disk (" + data + ") has " + Format.bytes(store.getUsableSpace())
                                + " free, and the restored database takes about " + Format.bytes(dump.estimatedSize()),
                        "make room there, or restore into another server.");
        } catch (IOException e) {
            db.out().detail("The server's disk cannot be looked at: " + e.getMessage());
        }
    }

    /** What will be done, line by line. */
    public List<String> plan() throws SQLException {
        List<String> plan = new ArrayList<>();
        String why = reason.isEmpty() ? "" : " (" + reason + ")";
        if (mode == Mode.IN_PLACE) {
            plan.add("in-place" + why + ": everything in " + db
                    + " is dropped and restored in one transaction; only avdaily_ops stays");
        } else {
            plan.add("swap" + why + ": loaded into a new database with "
                    + Format.count(dump.mayBeParallel() ? jobs : 1, "connection")
                    + (exists() ? ", which then takes the place of " + db : ", which becomes " + db));
            if (exists())
                plan.add("other sessions in " + db.name() + " are ended; the old database is kept as " + db.name()
                        + "_before_<time>");
        }
        if (!absentRoles.isEmpty())
            plan.add("grants to roles that are missing are left out: " + String.join(", ", absentRoles));
        return plan;
    }

    public Mode mode() {
        return mode;
    }

    /** @throws Failure (23) where another restore of this database is under way */
    public Result restore() throws Exception {
        Database place = maintenance != null ? maintenance : db;
        try (Lock lock = Lock.take(place, "restore " + db.name(), 1)) {
            if (maintenance != null)
                Swap.cleanUp(maintenance).forEach(name -> db.out()
                        .note("Dropped " + name + ", which a restore that was killed left behind."));
            if (!exists()) return swap(null);
            OperationLog operation = OperationLog.begin(db, "restore");
            try {
                return mode == Mode.SWAP ? swap(operation) : inPlace(operation);
            } catch (Exception e) {
                operation.failed(db, e);
                throw e;
            }
        }
    }

    private Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("file", dump.file.toString());
        details.put("mode", mode.toString());
        details.put("rows", dump.rowCount());
        details.put("tables", dump.tableCount());
        dump.metadata.ifPresent(known -> {
            details.put("backupOf", known.database());
            details.put("backupEnvironment", known.environment());
            details.put("backupTime", known.createdAt());
            details.put("sha256", known.sha256());
        });
        return details;
    }

    private Result swap(OperationLog operation) throws Exception {
        try (Swap swap = Swap.create(maintenance, createOptions())) {
            Set<String> skipped = fill(swap.fresh());
            Connection fresh = swap.fresh().connection();
            fresh.setAutoCommit(false);
            keepRecords(fresh, operation);
            fresh.commit();
            if (old.isPresent())
                for (String statement : old.get()
                        .copyStatements(maintenance.connection(), swap.fresh().name()))
                    Database.run(maintenance.connection(), statement);
            db.close();
            return new Result(swap.take(db.name(), old.isPresent()), skipped);
        }
    }

    private String createOptions() throws SQLException {
        if (old.isPresent()) return old.get().createOptions(maintenance.connection());
        if (dump.databaseOptions != null) return dump.databaseOptions;
        return dump.metadata.isEmpty()
                ? ""
                : DatabaseProperties.createOptions(
                        maintenance.connection(), dump.metadata.get().locale());
    }

    /** Loads everything into the new database and ends the connections to it, but for its own. */
    private Set<String> fill(Database fresh) throws Exception {
        try (Workers workers = dump.mayBeParallel() ? new Workers(fresh, jobs) : null) {
            Connection main = DumpLoader.prepared(fresh.connection(), false);
            DumpLoader loader = new DumpLoader(dump, main, false, workers, noOwner, absentRoles);
            loader.load();
            main.commit();
            if (workers != null) workers.analyze(Workers.filled(main));
            else for (String table : Workers.filled(main)) Workers.analyze(main, table, db.out());
            main.commit();
            return loader.skipped();
        } finally {
            fresh.close();
        }
    }

    /** The operation log and the environment record are the database's, not the backup's: they stay, with this restore in them. */
    private void keepRecords(Connection fresh, OperationLog operation) throws SQLException {
        if (operation != null) {
            OpsSchemaCopy.carry(db.connection(), fresh);
            operation.done(fresh, details());
        } else if (OpsSchemaCopy.isIn(fresh)) {
            Database.run(fresh, "DELETE FROM avdaily_ops.environment");
        }
    }

    private Result inPlace(OperationLog operation) throws Exception {
        try (Connection c = DumpLoader.prepared(db.connect(), true)) {
            c.setAutoCommit(false);
            Database.run(c, "SET lock_timeout = '15s'");
            DatabaseReset.empty(c);
            Database.run(c, "SET lock_timeout = 0");
            Database.run(c, "ALTER SCHEMA avdaily_ops RENAME TO avdaily_ops_kept"); // the file may bring one of its own
            DumpLoader loader = new DumpLoader(dump, c, true, null, noOwner, absentRoles);
            loader.load();
            Database.run(c, "RESET SESSION AUTHORIZATION");
            Database.run(c, "DROP SCHEMA IF EXISTS avdaily_ops CASCADE");
            Database.run(c, "ALTER SCHEMA avdaily_ops_kept RENAME TO avdaily_ops");
            operation.done(c, details());
            c.commit();
            analyzeCommitted(c);
            return new Result(Optional.empty(), loader.skipped());
        }
    }

    /** The restore stands, whatever happens here. */
    private void analyzeCommitted(Connection c) {
        try {
            c.setAutoCommit(true);
            for (String table : Workers.filled(c)) Workers.analyze(c, table, db.out());
        } catch (SQLException e) {
            db.out().detail("No statistics: " + Failures.message(e));
        }
    }

    /** Where there was no database before: writes the restore down in the new one. */
    public void recordFirst() throws Exception {
        if (!exists())
            OperationLog.record(db, "restore", details -> {
                details.putAll(details());
                return null;
            });
    }

    @Override
    public void close() throws SQLException {
        if (maintenance != null) maintenance.close();
    }
}
