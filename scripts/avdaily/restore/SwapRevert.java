package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The way back from a swap: the database that the swap kept gets its name again, and the one that has the name now is
 * kept in its turn.
 */
public final class SwapRevert implements AutoCloseable {
    private final Database db;
    private final Database maintenance;
    private final boolean isTaken;
    private final List<String> kept;

    /** @throws Failure (2) if nothing is kept; (21) or (23) if the two cannot be exchanged */
    public SwapRevert(Database db) throws SQLException {
        this.db = db;
        this.maintenance = RestoreTarget.maintenance(db);
        if (maintenance == null)
            throw Failure.refused(
                    db.url().user() + " may connect to neither postgres nor template1", "use a role that may.");
        try {
            Connection c = maintenance.connection();
            Optional<DatabaseProperties> present = DatabaseProperties.named(c, db.name());
            this.isTaken = present.isPresent();
            this.kept = kept(Swap.kept(c, db.name()));
            if (isTaken) checkFree(present.get(), db);
            try (Database incoming = db.sibling(kept.get(0))) {
                checkFree(DatabaseProperties.named(c, incoming.name()).orElseThrow(), incoming);
            }
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Those that the present database has noted down; without a present one, all of them. */
    private List<String> kept(List<String> all) throws SQLException {
        Set<String> recorded = isTaken ? recorded() : Set.copyOf(all);
        List<String> named = all.stream().filter(recorded::contains).toList();
        if (!named.isEmpty()) return named;
        throw Failure.usage(
                "no database is kept of " + db.name()
                        + (all.isEmpty()
                                ? ""
                                : "; " + String.join(", ", all)
                                        + " may be one, but it has no record of a restore that kept it"),
                all.isEmpty()
                        ? "a restore by swap keeps one; 'avdaily-backup list' shows what backups there are."
                        : "if it is the right one: ALTER DATABASE ... RENAME TO ..., by hand.");
    }

    private Set<String> recorded() throws SQLException {
        return db.believesOps() ? KeptDatabases.in(db.connection()) : Set.of();
    }

    private void checkFree(DatabaseProperties target, Database inside) throws SQLException {
        Connection c = maintenance.connection();
        if (!target.mayBeReplaced(c))
            throw Failure.refused(
                    db.url().user() + " may not rename " + inside.name(),
                    "use its owner, with CREATEDB, or a superuser.");
        List<Tie> ties = target.ties(c, inside.connection());
        if (!ties.isEmpty())
            throw Failure.refused(
                    inside.name() + " has what is tied to it and its name: "
                            + ties.stream().map(Tie::toString).collect(Collectors.joining(", ")),
                    "drop " + (ties.size() == 1 ? "it" : "them") + " first.");
        List<String> sessions = target.unterminableSessions(c);
        if (!sessions.isEmpty())
            throw Failure.locked(
                    "sessions in " + inside.name() + " cannot be ended by "
                            + db.url().user() + ": " + String.join(", ", sessions),
                    "end them, or use a role that may (pg_signal_backend).");
    }

    /** The database that will be the one of this name again. */
    public String target() {
        return kept.get(0);
    }

    /** What will be done and what there is, line by line. */
    public List<String> plan() throws SQLException {
        List<String> plan = new ArrayList<>();
        plan.add(target() + " becomes " + db.name() + " again; sessions in both are ended"
                + (isTaken ? ", and the present one is kept as " + db.name() + "_before_<time>" : ""));
        for (String name : kept)
            plan.add("kept: " + name + ", "
                    + Format.bytes(Database.one(
                            maintenance.connection(), "SELECT pg_database_size(?::name)", Long.class, name))
                    + "; dropped by DROP DATABASE " + Sql.quoted(name) + ";");
        return plan;
    }

    /** Exchanges the two, and returns the name under which the one that was there is kept now. */
    @SuppressWarnings("try") // the lock is held, no more
    public Optional<String> go() throws Exception {
        try (Lock lock = Lock.take(maintenance, "restore " + db.name(), 1)) {
            db.close();
            Optional<String> now =
                    isTaken ? Optional.of(Swap.nameToKeep(maintenance.connection(), db.name())) : Optional.empty();
            Swap.exchange(maintenance, target(), db.name(), now);
            return OperationLog.recordIfPossible(db, "restore back", details -> {
                details.putAll(Map.of("from", target(), "kept", now.orElse("")));
                if (now.isPresent()) KeptDatabases.remember(db.connection(), now.get(), now.get());
                return now;
            });
        }
    }

    @Override
    public void close() throws SQLException {
        maintenance.close();
    }
}
