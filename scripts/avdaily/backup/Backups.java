package avdaily.backup;

import avdaily.base.Settings;
import java.nio.file.Path;

/** The folder of a run's backups. */
public final class Backups {
    /** BACKUP_DIR, else {@code backups} in the working directory. */
    public static Path folder(Settings settings) {
        return settings.path("BACKUP_DIR").orElse(settings.path(Path.of("backups")));
    }

    private Backups() {}
}
