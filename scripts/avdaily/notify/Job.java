package avdaily.notify;

import java.util.Locale;

/** What runs with nobody watching, so that somebody wants to be told. */
public enum Job {
    BACKUP,
    VERIFY,
    DRILL,
    MONITOR,
    INTEGRITY,
    DEPLOY;

    /** The word in avdaily.yaml and in notices. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
