package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.backup.BackupStore;
import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.Database;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The backup that a deployment made.
 *
 * @param sha256 of the file, as its metadata had it when it was made; null if a deployment without that is read
 */
record MadeBackup(BackupFile file, String sha256) {
    static MadeBackup of(BackupFile file) {
        return new MadeBackup(
                file.absolute(), file.metadata().orElseThrow().encoding().sha256());
    }

    /** What a deployment wrote down; nothing if it made none. */
    static Optional<MadeBackup> read(JsonNode details, Settings settings) {
        return Optional.ofNullable(details.path("backup").textValue())
                .map(place -> new MadeBackup(
                        Backups.file(place, settings),
                        details.path("backupSha256").textValue()));
    }

    void write(Map<String, Object> details) {
        details.put("backup", file.place());
        details.put("backupSha256", sha256);
    }

    /** When it was made, as its metadata tell; nothing if they do not. */
    Optional<Instant> time() {
        try {
            return file.metadata().map(metadata -> metadata.origin().time());
        } catch (DateTimeException e) {
            return Optional.empty();
        } catch (Failure e) {
            if (e.kind != Failure.Kind.DAMAGED) throw e;
            return Optional.empty();
        }
    }

    boolean isThere() {
        return file.store().leadsTo(file.name());
    }

    /**
     * The file, if our folder and the metadata beside it confirm that it is the one.
     *
     * @param state where the schema stood when it was made
     * @throws Failure (21) if it is not there, lies elsewhere, is somebody else's, or another one
     */
    BackupFile confirmed(Database db, SchemaState state) {
        String why = doubt(db, state);
        if (why == null) return file;
        throw Failure.refused(
                "the backup " + file.place() + " is not restored without a person's word: " + why,
                "look at it with 'avdaily-backup info " + file.place() + "'; if it is the right one, "
                        + "DB_RESTORE_CONFIRM=1 avdaily-restore " + file.place() + " restores it.");
    }

    /** What speaks against the file, or null. */
    private String doubt(Database db, SchemaState state) {
        BackupStore place = Backups.store(db.settings()).absolute();
        try {
            if (!isThere()) return "it is not there";
            if (!file.store().isSame(place) || !file.store().has(file.name()))
                return "it does not lie in " + place + " (BACKUP_DIR)";
            Optional<BackupMetadata> metadata = file.metadata();
            if (metadata.isEmpty()) return "no metadata beside it say what it is";
            if (!metadata.get().isOf(db)) return "its metadata name another database or environment";
            if (!metadata.get().encoding().sha256().equals(sha256)) return "it is not the one that was made then";
            if (!state.isIn(metadata.get().origin())) return "it is of another schema than was there then";
            return file.distrust().map(how -> "it " + how).orElse(null);
        } catch (IOException e) {
            return "it is not there";
        }
    }
}
