package avdaily.fleet;

import java.time.Duration;
import java.util.Locale;

/**
 * What became of one target.
 *
 * @param summary for people, in a few words
 * @param document what the command says of this target to programs; null if it said nothing
 * @param text what the command says of it to people
 */
public record TargetOutcome(
        Target target, State state, int exitCode, String summary, Object document, String text, Duration took) {
    /** How it ended. */
    public enum State {
        DONE,
        /** The command did its work, and found what is not as it should be. */
        FINDINGS,
        FAILED,
        /** It never began. */
        UNRUN,
        /** An earlier run did it. */
        SKIPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static TargetOutcome without(Target target, State state, String why) {
        return new TargetOutcome(target, state, 0, why, null, "", Duration.ZERO);
    }

    /** Whether the next may follow without a thought. */
    public boolean isGreen() {
        return state == State.DONE || state == State.SKIPPED;
    }
}
