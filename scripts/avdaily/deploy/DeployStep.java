package avdaily.deploy;

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

    /** The step of this word; START if the log has none. */
    static DeployStep of(String word) {
        for (DeployStep step : values()) if (step.toString().equals(word)) return step;
        return START;
    }

    boolean isBefore(DeployStep other) {
        return compareTo(other) < 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
