package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.Database;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The folder of a run's backups. */
public final class Backups {
    /** What proves that a backup is whole: its size is the one in its metadata, or its content has their checksum. */
    public enum Proof {
        SIZE,
        CHECKSUM
    }

    /**
     * The newest whole backup of a database.
     *
     * @param damaged the damaged files that are newer, of whichever database
     */
    public record Newest(Optional<BackupFile> file, List<BackupFile> damaged) {}

    /** BACKUP_DIR, else {@code backups} in the working directory. */
    public static Path folder(Settings settings) {
        return settings.path("BACKUP_DIR").orElse(settings.path(Path.of("backups")));
    }

    /** The age recipients of every backup: BACKUP_ENCRYPT_TO, several with blanks or commas between them. */
    public static List<String> recipients(Settings settings) {
        return settings.get("BACKUP_ENCRYPT_TO").stream()
                .flatMap(keys -> Stream.of(keys.strip().split("[,\\s]+")))
                .filter(key -> !key.isEmpty())
                .toList();
    }

    /**
     * The file with age's secret keys that opens backups; null if there is none.
     *
     * @param named what the command line says, or null for BACKUP_IDENTITY
     */
    public static Path identity(Settings settings, Path named) {
        return named != null ? named : settings.path("BACKUP_IDENTITY").orElse(null);
    }

    /**
     * Looks for the newest whole backup of this database, made in the same environment.
     *
     * @throws Failure (2) if the folder cannot be read
     */
    public static Newest newestOf(Database db, Proof proof) {
        List<BackupFile> damaged = new ArrayList<>();
        for (BackupFile file : BackupFile.in(folder(db.settings()))) {
            try {
                if (!isOf(db, file)) continue;
                if (proof == Proof.CHECKSUM) file.verifyChecksum(bytes -> {});
                return new Newest(Optional.of(file), damaged);
            } catch (Failure e) {
                if (e.kind != Failure.Kind.DAMAGED) throw e;
                db.out().detail(e.getMessage());
                damaged.add(file);
            }
        }
        return new Newest(Optional.empty(), damaged);
    }

    private static boolean isOf(Database db, BackupFile file) {
        return file.metadata().filter(metadata -> metadata.isOf(db)).isPresent();
    }

    private Backups() {}
}
