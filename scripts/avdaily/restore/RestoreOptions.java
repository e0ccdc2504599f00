package avdaily.restore;

import avdaily.backup.BackupOptions;
import avdaily.db.Database;
import avdaily.sql.TablePattern;
import java.util.List;
import java.util.Optional;

/**
 * How a dump is restored.
 *
 * @param mode null to let the database and the role decide
 * @param jobs connections that load at the same time in a swap
 * @param leftEmpty the materialized views that are not filled
 * @param server what of the backup's server is restored with it
 * @param superuser who installs the extensions that the restoring role may not; nothing if nobody does
 */
public record RestoreOptions(
        Mode mode,
        int jobs,
        Owners owners,
        List<TablePattern> leftEmpty,
        Rows rows,
        Proof proof,
        Server server,
        Optional<Database> superuser) {
    /** Where the dump is loaded. */
    public enum Mode {
        /** Into a new database, which then takes the old one's place. */
        SWAP("swap"),
        /** Into the database itself, in one transaction. */
        IN_PLACE("in-place");

        private final String word;

        Mode(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** What becomes of the owners in the dump, and of grants to roles that the server lacks. */
    public enum Owners {
        KEPT,
        /** Everything belongs to the role that restores. */
        LEFT_OUT
    }

    /** What becomes of the rows in the dump. */
    public enum Rows {
        LOADED,
        LEFT_OUT
    }

    /** What of the rows is compared with the backup before a swap. */
    public enum Proof {
        NUMBERS,
        /** All of them, which reads the new database once more. */
        CONTENT
    }

    /** What becomes of the roles, tablespaces and settings in the backup's metadata. */
    public enum Server {
        LEFT_OUT,
        /** What is new is made; what gives power is refused, what changes something is left out. */
        RESTORED,
        /** All of it. */
        TRUSTED
    }

    /** The definitions without rows. */
    static RestoreOptions definitions(Owners owners) {
        return new RestoreOptions(
                null,
                1,
                owners,
                List.of(new TablePattern("*.*")),
                Rows.LEFT_OUT,
                Proof.NUMBERS,
                Server.LEFT_OUT,
                Optional.empty());
    }

    /** All as in the dump, in the mode that fits. */
    public static RestoreOptions standard() {
        return new RestoreOptions(
                null,
                BackupOptions.defaultJobs(),
                Owners.KEPT,
                List.of(),
                Rows.LOADED,
                Proof.NUMBERS,
                Server.LEFT_OUT,
                Optional.empty());
    }

    /** For a server with other roles. */
    static RestoreOptions withoutOwners(Optional<Database> superuser) {
        return new RestoreOptions(
                null,
                BackupOptions.defaultJobs(),
                Owners.LEFT_OUT,
                List.of(),
                Rows.LOADED,
                Proof.NUMBERS,
                Server.LEFT_OUT,
                superuser);
    }
}
