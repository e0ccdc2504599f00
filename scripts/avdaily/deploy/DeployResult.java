package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.migrate.Migration;
import avdaily.migrate.batch.BatchState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What became of a deployment. */
public sealed interface DeployResult {
    /** The word in JSON. */
    String word();

    /** The outcome in a line. */
    String headline(Database db, Duration took);

    default List<Migration> applied() {
        return List.of();
    }

    /** The data migration with which the next deployment goes on. */
    default Optional<BatchState> stopped() {
        return Optional.empty();
    }

    default Optional<Seeded> seeded() {
        return Optional.empty();
    }

    default Optional<BackupFile> backup() {
        return Optional.empty();
    }

    /** What is wrong with the database, and was before. */
    default List<String> findings() {
        return List.of();
    }

    default List<String> removedBackups() {
        return List.of();
    }

    /** Whether schema or rows changed. */
    default boolean isChange() {
        return false;
    }

    /** Whether the run ends with its findings (22). */
    default boolean endsWithFindings() {
        return false;
    }

    /** A dry run. */
    record Planned() implements DeployResult {
        @Override
        public String word() {
            return "planned";
        }

        @Override
        public String headline(Database db, Duration took) {
            return "Dry run: nothing was changed.";
        }
    }

    /**
     * Nothing was left to do.
     *
     * @param seeded what seeding would do: nothing
     */
    record Unchanged(Optional<Seeded> seeded, List<String> findings) implements DeployResult {
        @Override
        public String word() {
            return "unchanged";
        }

        @Override
        public String headline(Database db, Duration took) {
            String condition =
                    findings.isEmpty() ? " is as it should be" : " has " + Format.count(findings.size(), "finding");
            return "Nothing changed: " + db + condition + summary(seeded) + ".";
        }

        @Override
        public boolean endsWithFindings() {
            return !findings.isEmpty();
        }
    }

    /**
     * It is done.
     *
     * @param stopped the data migration with which the next deployment goes on
     * @param validation what is still wrong, and what could not be validated
     */
    record Deployed(
            List<Migration> applied,
            Optional<BatchState> stopped,
            Optional<Seeded> seeded,
            Optional<BackupFile> backup,
            DeployFindings validation,
            List<String> removedBackups)
            implements DeployResult {
        @Override
        public String word() {
            return "deployed";
        }

        @Override
        public String headline(Database db, Duration took) {
            return "Deployed in " + Format.duration(took) + ": " + Format.count(applied.size(), "migration")
                    + " applied" + summary(seeded) + "."
                    + stopped.map(Deployed::handedOver).orElse("");
        }

        private static String handedOver(BatchState state) {
            return " The next deployment goes on with the batches of V" + state.version() + ": " + state.words() + ".";
        }

        @Override
        public List<String> findings() {
            return validation.texts();
        }

        @Override
        public boolean isChange() {
            return !applied.isEmpty()
                    || stopped.isPresent()
                    || seeded.filter(Seeded::changed).isPresent();
        }

        @Override
        public boolean endsWithFindings() {
            return !validation.unknown().isEmpty();
        }
    }

    /**
     * It failed.
     *
     * @param failure what went wrong, and where the database stands now
     * @param takenBack how, in words that follow "taken back"; none if that failed too
     * @param kept the name of the database as it was when it failed, if a restore kept it
     * @param further the command that restores the backup
     */
    record Failed(
            Failure failure,
            Optional<String> takenBack,
            Optional<String> kept,
            Optional<BackupFile> backup,
            Optional<String> further,
            List<String> findings)
            implements DeployResult {
        @Override
        public String word() {
            return "failed";
        }

        @Override
        public String headline(Database db, Duration took) {
            return "Failed: " + failure.getMessage();
        }
    }

    private static String summary(Optional<Seeded> seeded) {
        return seeded.map(it -> "; " + it.summary()).orElse("");
    }
}
