package avdaily.backup;

import java.util.List;

/**
 * What of the database goes into the file.
 *
 * @param masks what stands in the place of personal values; {@link Masking#NONE} for nothing
 * @param subset the rows to begin with, each as in "users where id = 7"; empty for all rows of all tables
 */
public record Extract(Masking masks, List<String> subset) {
    /** All of it, as a backup needs it. */
    public static final Extract WHOLE = new Extract(Masking.NONE, List.of());

    boolean isMasked() {
        return masks != Masking.NONE;
    }

    /** Whether it is no backup, but a copy for developers. */
    boolean isCopy() {
        return isMasked() || !subset.isEmpty();
    }

    /** What the file's name says that it is. */
    String kind() {
        if (!isCopy()) return BackupFile.BACKUP;
        return subset.isEmpty() ? "masked" : isMasked() ? "masked-subset" : "subset";
    }
}
