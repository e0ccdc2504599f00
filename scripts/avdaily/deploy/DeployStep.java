package avdaily.deploy;

import java.util.Arrays;
import java.util.Locale;

/** The steps of a deployment, in the order in which they run. The operation log has their words. */
enum DeployStep {
    START,
    HOOKS,
    BACKUP,
    MIGRATE,
    SEED,
    VALIDATE,
    FINISH;

    static boolean isWord(String word) {
        return Arrays.stream(values()).anyMatch(step -> step.toString().equals(word));
    }

    static DeployStep of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    boolean isBefore(DeployStep other) {
        return compareTo(other) < 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
