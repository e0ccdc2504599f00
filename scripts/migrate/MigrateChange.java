import avdaily.base.Failure;
import picocli.CommandLine.Option;

/** What the commands share that change tables which others use. */
abstract class MigrateChange extends MigrateScript {
    @Option(
            names = "--lock-attempts",
            paramLabel = "N",
            description = "How often to try for a lock that another session holds, with growing pauses "
                    + "(default: AVDAILY_LOCK_ATTEMPTS, else 12).")
    Integer lockAttempts;

    @Override
    Integer lockAttempts() {
        if (lockAttempts != null && lockAttempts < 1)
            throw Failure.usage("--lock-attempts is " + lockAttempts, "name a number from 1 on.");
        return lockAttempts;
    }
}
