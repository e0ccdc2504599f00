import avdaily.backup.BackupFile;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What all the commands of avdaily-backup share: the folder. */
abstract class BackupScript extends Script {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Folder of the backups (default: BACKUP_DIR, else ./backups).")
    Path dir;

    Path folder() {
        return dir != null ? dir : Backups.folder(settings());
    }

    /** The file that the user names, as a path or as a name in the folder; without one, the newest. */
    BackupFile file(Path named) {
        if (named != null) return BackupFile.existing(Files.exists(named) ? named : folder().resolve(named));
        return BackupFile.in(folder()).stream()
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "there is no backup in " + folder(), "name a file, or the folder with --dir or BACKUP_DIR."));
    }
}
