package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.Database;
import java.nio.file.Path;
import java.util.Optional;

/** The folder of a run's backups. */
public final class Backups {
    /** BACKUP_DIR, else {@code backups} in the working directory. */
    public static Path folder(Settings settings) {
        return settings.path("BACKUP_DIR").orElse(settings.path(Path.of("backups")));
    }

    /** What is known about the newest backup of this database there; those that are damaged do not count. */
    public static Optional<BackupMetadata> newestOf(Database db) {
        for (BackupFile file : BackupFile.in(folder(db.settings()))) {
            try {
                Optional<BackupMetadata> metadata = file.metadata().filter(known -> known.isOf(db));
                if (metadata.isPresent()) return metadata;
            } catch (Failure damaged) {
                db.out().detail(damaged.getMessage());
            }
        }
        return Optional.empty();
    }

    private Backups() {}
}
