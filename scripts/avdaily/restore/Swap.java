package avdaily.restore;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.Scratch;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A new database that is filled beside the old one and then takes its name, in one transaction. If it is closed before
 * that, it is dropped.
 */
final class Swap implements AutoCloseable {
    private static final String PREFIX = "avdaily_restore_";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd_HHmmss");
    private static final int TIME_LENGTH = 15;

    private final Database maintenance;
    private final Database fresh;
    private final Lock lock;
    private boolean swapped;

    private Swap(Database maintenance, Database fresh, Lock lock) {
        this.maintenance = maintenance;
        this.fresh = fresh;
        this.lock = lock;
    }

    /**
     * Creates the new database. Its name is locked as long as this runs, so that others can tell it from a leftover.
     */
    static Swap create(Database maintenance, String options) throws SQLException {
        String name = PREFIX + Instant.now().getEpochSecond() + "_"
                + ThreadLocalRandom.current().nextInt(1_000_000);
        Lock lock = Lock.take(maintenance, name, 1);
        try {
            Database.run(
                    maintenance.connection(),
                    "CREATE DATABASE " + name
                            + (options.contains("TEMPLATE") ? options : " TEMPLATE template0" + options));
            return new Swap(maintenance, LoadingSession.unlimited(maintenance.sibling(name)), lock);
        } catch (SQLException e) {
            lock.close();
            throw e;
        }
    }

    /** Drops what killed restores left behind, and returns the names. */
    @SuppressWarnings("try") // the lock is held, no more
    static List<String> cleanUp(Database maintenance) throws SQLException {
        List<String> names = leftovers(maintenance);
        for (String name : names) {
            try (Lock ours = Lock.take(maintenance, name, 1)) {
                Scratch.drop(maintenance.connection(), name);
            } catch (Failure e) {
                if (e.kind != Failure.Kind.LOCKED) throw e; // another restore is at work in a database that is locked
            }
        }
        return names;
    }

    static List<String> leftovers(Database maintenance) throws SQLException {
        return Database.list(
                maintenance.connection(),
                """
                SELECT datname FROM pg_database
                WHERE datname ~ ('^' || ? || '[0-9]+_[0-9]+$') AND pg_has_role(datdba, 'USAGE')""",
                row -> row.getString(1),
                PREFIX);
    }

    Database fresh() {
        return fresh;
    }

    /**
     * Gives the new database the name.
     *
     * @param kept the name under which the old one, if there is one, is kept
     * @throws Failure (23) if a session in the old one cannot be ended
     */
    void take(String name, Optional<String> kept) throws Exception {
        fresh.close();
        exchange(maintenance, fresh.name(), name, kept);
        swapped = true;
    }

    /**
     * Gives the database {@code incoming} the name {@code name}, in one transaction with keeping the one that has it.
     * Whoever connects in between waits for the lock that the rename holds, and then meets the new one.
     *
     * @param kept the name under which that one is kept; nothing if there is none
     * @throws Failure (23) if a session in one of them cannot be ended
     */
    static void exchange(Database maintenance, String incoming, String name, Optional<String> kept) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread ender = new Thread(() -> endSessions(maintenance, name, incoming, over), "ender");
        try (Connection c = maintenance.connect()) {
            for (String setting : List.of("synchronous_commit = on", "statement_timeout = 0", "lock_timeout = '30s'"))
                Database.run(c, "SET " + setting);
            c.setAutoCommit(false);
            ender.start();
            if (kept.isPresent())
                Database.run(c, "ALTER DATABASE " + Sql.quoted(name) + " RENAME TO " + Sql.quoted(kept.get()));
            Database.run(c, "ALTER DATABASE " + Sql.quoted(incoming) + " RENAME TO " + Sql.quoted(name));
            c.commit();
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.OBJECT_IN_USE)) throw e;
            throw Failure.locked(
                    "sessions in " + name + " do not end: " + Failures.message(e),
                    "end them (pg_stat_activity shows them), then run it again; nothing was changed.");
        } finally {
            over.set(true);
            ender.join();
        }
    }

    /**
     * Ends the sessions in both databases as long as the rename waits for them. Sessions of other roles may be out of
     * reach; the rename then says so.
     */
    private static void endSessions(Database maintenance, String name, String incoming, AtomicBoolean over) {
        try (Connection c = maintenance.connect()) {
            while (!over.get()) {
                for (int pid : Database.list(
                        c,
                        "SELECT pid FROM pg_stat_activity WHERE datname IN (?, ?) AND backend_type = 'client backend'",
                        row -> row.getInt(1),
                        name,
                        incoming)) {
                    try {
                        Database.one(c, "SELECT pg_terminate_backend(?)", Boolean.class, pid);
                    } catch (SQLException e) {
                        maintenance.out().detail("pid " + pid + ": " + Failures.message(e));
                    }
                }
                Thread.sleep(20);
            }
        } catch (SQLException | Failure | InterruptedException e) {
            maintenance.out().detail("ending sessions: " + e.getMessage());
        }
    }

    /**
     * The databases with a name under which a swap keeps the one of that name, the newest first. Anybody who may create
     * databases may use such a name, so that they must belong to its owner or, if it is not there, to this role.
     */
    static List<String> kept(Connection maintenance, String name) throws SQLException {
        return Database.list(
                maintenance,
                """
                SELECT datname FROM pg_database
                WHERE starts_with(datname, ?) AND substr(datname, length(?) + 1) ~ '^[0-9]{8}_[0-9]{6}$'
                  AND datdba = coalesce((SELECT datdba FROM pg_database WHERE datname = ?),
                                        (SELECT oid FROM pg_roles WHERE rolname = current_user))
                ORDER BY datname DESC""",
                row -> row.getString(1),
                keptHead(name),
                keptHead(name),
                name);
    }

    /**
     * A name that sorts behind those of all that is kept already: also if two swaps meet in a second, or the clock was
     * put back.
     */
    static String nameToKeep(Connection maintenance, String name) throws SQLException {
        LocalDateTime now = LocalDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS);
        LocalDateTime time = kept(maintenance, name).stream()
                .flatMap(kept -> timeOf(kept).stream())
                .findFirst()
                .map(newest -> newest.plusSeconds(1))
                .filter(now::isBefore)
                .orElse(now);
        return keptHead(name) + TIME.format(time);
    }

    /** When a kept database was kept; nothing if its name, which others may give too, tells no time. */
    private static Optional<LocalDateTime> timeOf(String kept) {
        try {
            return Optional.of(LocalDateTime.parse(kept.substring(kept.length() - TIME_LENGTH), TIME));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The name of a kept database but for its time. */
    private static String keptHead(String name) {
        String kept = Sql.joined(name, "_before_" + "0".repeat(TIME_LENGTH));
        return kept.substring(0, kept.length() - TIME_LENGTH);
    }

    @Override
    public void close() throws SQLException {
        try (lock) {
            fresh.close();
            if (!swapped) Scratch.drop(maintenance.connection(), fresh.name());
        }
    }
}
