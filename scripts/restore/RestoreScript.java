import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.restore.DumpReader;
import avdaily.restore.RestoreOptions;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What restores of all and of a part of a backup share: the backup, the database, and the gate before it. */
abstract class RestoreScript extends Script {
    @ArgGroup(multiplicity = "1")
    Source source;

    static class Source {
        @Parameters(
                paramLabel = "FILE",
                description = "The backup: .sql, .sql.gz, .sql.zst, each also .age; a path, or s3://BUCKET/KEY.")
        String file;

        @Option(names = "--latest", description = "The newest backup of this database in the folder.")
        boolean latest;

        @Option(
                names = "--back",
                description =
                        "No backup: the database that the last swap kept, which is exchanged with the present one.")
        boolean back;
    }

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "The folder of --latest, or s3://BUCKET/PREFIX (default: BACKUP_DIR, else the project's, "
                    + "else backups).")
    String dir;

    @Option(
            names = "--into",
            paramLabel = "DB",
            description =
                    "Another database of the same server (default: the one in DATABASE_URL); created where it is not "
                            + "there.")
    String into;

    @Option(
            names = "--identity",
            paramLabel = "KEYFILE",
            description = "The file with age's secret key, for an encrypted backup (default: BACKUP_IDENTITY).")
    Path identity;

    @Option(
            names = "--no-owner",
            description =
                    "Leave owners out, and grants to roles that the server lacks: everything belongs to the role that "
                            + "restores.")
    boolean noOwner;

    @Mixin
    RestorePart part;

    @Option(names = "--dry-run", description = "Check the file and say what would be done; write nothing.")
    boolean dryRun;

    Gate gate(Database db, String deed) {
        return Gate.before(db, deed).needs("DB_RESTORE_CONFIRM").needsInProduction("DB_RESTORE_ALLOW_PRODUCTION");
    }

    /** The newest backup of the database that the address names, also if it goes into another one. */
    BackupFile newest(Database db) {
        String name = into == null
                ? db.name()
                : DatabaseUrl.named(url, settings())
                        .map(named -> named.parse(settings()).database())
                        .orElse(settings().project().databasePrefix() + "_" + db.environment());
        return Backups.newest(
                dir != null ? Backups.store(dir, settings()) : Backups.store(settings()),
                new Backups.Wanted(Optional.of(name), Optional.of(db.environment())),
                out());
    }

    /**
     * @throws Failure (21) if production would get the data of a copy for developers, from which they do not come back
     */
    void refuseCopyInProduction(Database db, DumpReader dump) {
        Optional<String> copy = dump.developerCopy();
        if (copy.isEmpty()) return;
        if (db.environment() == Environment.PRODUCTION)
            throw Failure.refused(
                    dump.file() + " is " + copy.get() + " for developers, and production would lose its data by it",
                    "name a backup ('avdaily-backup list' shows them), or another environment's database.");
        out().note(dump.file() + " is " + copy.get() + " for developers: what is not in it does not come back.");
    }

    static String from(DumpReader dump) {
        return dump.metadata()
                .map(BackupMetadata::origin)
                .map(of -> " (of " + of.database() + ", " + of.environment() + ", " + of.createdAt() + ")")
                .orElse("");
    }

    RestoreOptions.Owners owners() {
        return noOwner ? RestoreOptions.Owners.LEFT_OUT : RestoreOptions.Owners.KEPT;
    }
}
