package avdaily.deploy;

import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is looked at before a deployment may begin: server, role, disk, sessions, replicas, backups, the window. Nothing
 * is written.
 */
public final class Preflight {
    private static final int OLDEST_SERVER = 14;
    private static final Duration OLD_BACKUP = Duration.ofDays(7);

    private final Database db;
    private final Connection c;
    private final EnvironmentPolicy strategy;
    private final List<PreflightCheck> checks = new ArrayList<>();

    private Preflight(Database db, EnvironmentPolicy strategy) throws SQLException {
        this.db = db;
        this.c = db.connection();
        this.strategy = strategy;
    }

    /** @throws Failure (21) where even looking makes no sense: a server that is too old, or that only reads */
    static List<PreflightCheck> of(Database db, EnvironmentPolicy strategy) throws SQLException {
        Preflight all = new Preflight(db, strategy);
        all.server();
        all.rights();
        all.window();
        all.disk();
        all.sessions();
        all.replicas();
        all.lastBackup();
        return all.checks;
    }

    private void server() throws SQLException {
        int major = Database.one(c, "SELECT current_setting('server_version_num')::int / 10000", Integer.class);
        String version = Database.one(c, "SHOW server_version", String.class);
        if (major < OLDEST_SERVER)
            throw Failure.refused(
                    "the server of " + db + " is PostgreSQL " + major, "upgrade it to " + OLDEST_SERVER + " or newer.");
        if (Database.one(c, "SELECT pg_is_in_recovery()", Boolean.class))
            throw Failure.refused(db + " is a standby, which only reads", "deploy to its primary.");
        if (Database.one(c, "SELECT current_setting('default_transaction_read_only') = 'on'", Boolean.class))
            throw Failure.refused(
                    "transactions on " + db + " only read by default",
                    "see who set default_transaction_read_only there, and why (ALTER DATABASE or ALTER ROLE ... RESET).");
        checks.add(PreflightCheck.ok("server", "PostgreSQL " + version + ", environment " + db.environment()));
    }

    private void rights() throws SQLException {
        if (!Database.one(
                c,
                "SELECT coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), true) AND has_database_privilege(current_database(), 'CREATE')",
                Boolean.class)) {
            checks.add(PreflightCheck.refused(
                    "role",
                    "the role " + db.url().user() + " may not create tables and schemas on " + db,
                    "use the role that owns the database."));
            return;
        }
        boolean creates = Database.one(
                c, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user", Boolean.class);
        checks.add(PreflightCheck.ok(
                "role",
                db.url().user() + " may deploy; a restore would "
                        + (creates
                                ? "put a new database in this one's place"
                                : "happen in place, for it may not create databases")));
    }

    private void window() {
        MaintenanceWindow window = strategy.window();
        Instant now = Instant.now();
        if (window == null) return;
        if (window.isOpen(now)) checks.add(PreflightCheck.ok("window", "open: " + window));
        else if (db.settings().isOn("DB_DEPLOY_OUTSIDE_WINDOW"))
            checks.add(PreflightCheck.warning("window", "closed, and DB_DEPLOY_OUTSIDE_WINDOW is set: " + window));
        else
            checks.add(PreflightCheck.refused(
                    "window",
                    "it is " + window.at(now) + ", and " + db.environment() + " is deployed to " + window,
                    "wait until " + window.at(window.next(now)) + "; in an emergency set DB_DEPLOY_OUTSIDE_WINDOW=1."));
    }

    /**
     * Room for the backup, by the size of the last one or else by that of the database; and on the server, where its
     * disk can be seen.
     */
    private void disk() throws SQLException {
        Path folder = Backups.folder(db.settings()).toAbsolutePath().normalize();
        long size = Database.one(c, "SELECT pg_database_size(current_database())", Long.class);
        Optional<BackupMetadata> last = Backups.newestOf(db);
        long needed = last.map(known -> known.encoding().bytes() * 6 / 5).orElse(size / 10);
        String why = last.isPresent()
                ? "the last one took " + Format.bytes(last.get().encoding().bytes())
                : "the database has " + Format.bytes(size);
        try {
            long free = Files.getFileStore(existing(folder)).getUsableSpace();
            String text = Format.bytes(free) + " free for a backup in " + folder + ", " + why;
            checks.add(
                    free < needed
                            ? PreflightCheck.refused(
                                    "disk", text, "make room there, or name another folder with BACKUP_DIR.")
                            : PreflightCheck.ok("disk", text));
        } catch (IOException e) {
            checks.add(
                    PreflightCheck.unknown("disk", "the folder " + folder + " cannot be looked at: " + e.getMessage()));
        }
        serverDisk(size);
    }

    private void serverDisk(long size) throws SQLException {
        if (!db.url().isLocal()
                || !Database.one(c, "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class)) return;
        Path data = Path.of(Database.one(c, "SHOW data_directory", String.class));
        try {
            FileStore store = Files.getFileStore(data);
            String text = Format.bytes(store.getUsableSpace()) + " free on the server, the database has "
                    + Format.bytes(size);
            checks.add(
                    store.getUsableSpace() < size
                            ? PreflightCheck.warning("server disk", text + ": a restore would not fit")
                            : PreflightCheck.ok("server disk", text));
        } catch (IOException e) {
            db.out().detail("The server's disk cannot be looked at: " + e.getMessage());
        }
    }

    private static Path existing(Path folder) {
        Path place = folder;
        while (!Files.exists(place) && place.getParent() != null) place = place.getParent();
        return place;
    }

    /** What a migration would have to wait for. */
    private void sessions() throws SQLException {
        if (!Database.one(c, "SELECT pg_has_role('pg_read_all_stats', 'USAGE')", Boolean.class)
                && Database.one(
                        c,
                        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user)",
                        Boolean.class)) {
            checks.add(PreflightCheck.unknown(
                    "sessions",
                    db.url().user() + " sees only its own; GRANT pg_read_all_stats TO "
                            + Sql.quoted(db.url().user()) + " shows the others"));
        }
        List<String> found = Database.list(
                c,
                """
                SELECT format('pid %s (%s, %s) has been in a transaction for %s', pid, coalesce(nullif(application_name, ''), 'unknown program'), usename, date_trunc('second', clock_timestamp() - xact_start))
                FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - interval '1 minute' AND backend_type = 'client backend'
                UNION ALL
                SELECT format('pid %s waits for %s', pid, array_to_string(pg_blocking_pids(pid), ', '))
                FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0
                UNION ALL
                SELECT format('the prepared transaction %s of %s is open since %s', gid, owner, date_trunc('second', prepared)) FROM pg_prepared_xacts WHERE database = current_database()""",
                row -> row.getString(1));
        if (found.isEmpty()) checks.add(PreflightCheck.ok("sessions", "none that would hold up a migration"));
        found.forEach(text -> checks.add(PreflightCheck.warning("sessions", text)));
    }

    private void replicas() throws SQLException {
        List<String> slow = Database.list(
                c,
                """
                SELECT format('%s is %s behind', coalesce(nullif(application_name, ''), client_addr::text), coalesce(date_trunc('second', replay_lag)::text, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))))
                FROM pg_stat_replication WHERE replay_lag > interval '1 minute' OR pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 1e9""",
                row -> row.getString(1));
        slow.forEach(text -> checks.add(PreflightCheck.warning("replicas", text)));
    }

    private void lastBackup() {
        Optional<BackupMetadata> last = Backups.newestOf(db);
        if (last.isEmpty()) {
            checks.add(PreflightCheck.ok("last backup", "none here; one is made before anything changes"));
            return;
        }
        Duration age = Duration.between(last.get().origin().time(), Instant.now());
        String text = age(age) + " old";
        checks.add(
                age.compareTo(OLD_BACKUP) > 0
                        ? PreflightCheck.warning("last backup", text)
                        : PreflightCheck.ok("last backup", text));
    }

    public static String age(Duration d) {
        return d.toDays() > 2
                ? d.toDays() + " days"
                : d.toHours() > 2
                        ? d.toHours() + " hours"
                        : d.toMinutes() > 2 ? d.toMinutes() + " minutes" : Math.max(0, d.toSeconds()) + " s";
    }

    /** @throws Failure (21) saying everything that stands against it */
    public static void refuse(List<PreflightCheck> checks) {
        List<Failure> all = checks.stream()
                .map(PreflightCheck::refusal)
                .filter(java.util.Objects::nonNull)
                .toList();
        if (all.isEmpty()) return;
        throw all.size() == 1
                ? all.get(0)
                : new Failure(
                        all.get(0).kind,
                        String.join("; ", all.stream().map(Failure::getMessage).toList()),
                        String.join(" ", all.stream().map(f -> f.next).toList()),
                        null);
    }
}
