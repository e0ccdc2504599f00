package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Reason;
import avdaily.base.SqlResource;
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

/**
 * What is looked at before a deployment may begin: server, role, window, disk, sessions, replicas, backups. Nothing is
 * written.
 */
final class Preflight {
    private static final int OLDEST_SERVER = 14;
    private static final Duration OLD_BACKUP = Duration.ofDays(7);

    private final Database db;
    private final Connection c;
    private final EnvironmentPolicy policy;
    private final Optional<BackupFile> lastBackup;
    private final List<PreflightCheck> checks = new ArrayList<>();

    private Preflight(Database db, EnvironmentPolicy policy) throws SQLException {
        this.db = db;
        this.c = db.connection();
        this.policy = policy;
        this.lastBackup = Backups.newestOf(db, Backups.Proof.SIZE).file();
    }

    /** @throws Failure (21) if even looking makes no sense: the server is too old, or only reads */
    static List<PreflightCheck> of(Database db, EnvironmentPolicy policy) throws SQLException {
        Preflight all = new Preflight(db, policy);
        all.server();
        all.rights();
        policy.window().ifPresent(all::window);
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
                    "see who set default_transaction_read_only there, and why "
                            + "(ALTER DATABASE or ALTER ROLE ... RESET).");
        checks.add(PreflightCheck.ok("server", "PostgreSQL " + version + ", environment " + db.environment()));
    }

    private void rights() throws SQLException {
        String role = db.url().user();
        boolean mayCreate = Database.one(
                c,
                """
                SELECT coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), true)
                   AND has_database_privilege(current_database(), 'CREATE')""",
                Boolean.class);
        if (!mayCreate) {
            checks.add(PreflightCheck.refused(
                    "role",
                    "the role " + role + " may not create tables and schemas on " + db,
                    "use the role that owns the database."));
            return;
        }
        boolean createsDatabases = Database.one(
                c, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user", Boolean.class);
        String restore = createsDatabases
                ? "put a new database in this one's place"
                : "happen in place, for it may not create databases";
        checks.add(PreflightCheck.ok("role", role + " may deploy; a restore would " + restore));
    }

    private void window(MaintenanceWindow window) {
        Instant now = Instant.now();
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
     * Room for the backup, by the size of the last one or else by that of the database; and room on the server's disk.
     */
    private void disk() throws SQLException {
        Optional<Path> folder = Backups.store(db.settings()).disk();
        long database = Database.one(c, "SELECT pg_database_size(current_database())", Long.class);
        if (folder.isPresent()) backupDisk(folder.get(), database);
        serverDisk(database);
    }

    private void backupDisk(Path folder, long database) {
        Optional<Long> last = lastBackup.map(BackupFile::size);
        long needed = last.map(bytes -> bytes + bytes / 5).orElse(database / 10);
        String why = last.map(bytes -> "the last one took " + Format.bytes(bytes))
                .orElseGet(() -> "the database has " + Format.bytes(database));
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
                    PreflightCheck.unknown("disk", "the folder " + folder + " cannot be looked at: " + Reason.of(e)));
        }
    }

    /** Looks at the disk of the server if it is this machine's and the role may know where it is. */
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
            db.out().detail("The server's disk cannot be looked at: " + Reason.of(e));
        }
    }

    private static Path existing(Path folder) {
        Path place = folder;
        while (!Files.exists(place) && place.getParent() != null) place = place.getParent();
        return place;
    }

    /** What a migration would have to wait for. */
    private void sessions() throws SQLException {
        if (hidesSessions())
            checks.add(PreflightCheck.unknown(
                    "sessions",
                    db.url().user() + " sees only its own; GRANT pg_read_all_stats TO "
                            + Sql.quoted(db.url().user()) + " shows the others"));
        List<String> found =
                Database.list(c, SqlResource.of(Preflight.class, "sessions-in-the-way.sql"), row -> row.getString(1));
        if (found.isEmpty()) checks.add(PreflightCheck.ok("sessions", "none that would hold up a migration"));
        found.forEach(text -> checks.add(PreflightCheck.warning("sessions", text)));
    }

    /** Whether there are sessions whose work the role may not see. */
    private boolean hidesSessions() throws SQLException {
        return Database.one(
                c,
                """
                SELECT NOT pg_has_role('pg_read_all_stats', 'USAGE')
                   AND EXISTS (SELECT FROM pg_stat_activity
                               WHERE datname = current_database() AND usename <> current_user)""",
                Boolean.class);
    }

    private void replicas() throws SQLException {
        List<String> slow = Database.list(
                c,
                """
                SELECT format('%s is %s behind', coalesce(nullif(application_name, ''), client_addr::text),
                              coalesce(date_trunc('second', replay_lag)::text,
                                       pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))))
                FROM pg_stat_replication
                WHERE replay_lag > interval '1 minute' OR pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 1e9""",
                row -> row.getString(1));
        slow.forEach(text -> checks.add(PreflightCheck.warning("replicas", text)));
    }

    private void lastBackup() {
        if (lastBackup.isEmpty()) {
            checks.add(PreflightCheck.ok("last backup", "none here; one is made before anything changes"));
            return;
        }
        Instant time = lastBackup.get().metadata().orElseThrow().origin().time();
        Duration age = Duration.between(time, Instant.now());
        String text = Format.age(age) + " old";
        checks.add(
                age.compareTo(OLD_BACKUP) > 0
                        ? PreflightCheck.warning("last backup", text)
                        : PreflightCheck.ok("last backup", text));
    }
}
