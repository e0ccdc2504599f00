package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Json;
import java.util.Optional;

/**
 * One thing that was looked at before a deployment.
 *
 * @param refusal what ends the deployment and how to go on; none if it may begin
 */
record PreflightCheck(String name, Thresholds.Level level, String text, Optional<Failure> refusal) {
    static PreflightCheck ok(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.OK, text, Optional.empty());
    }

    static PreflightCheck warning(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.WARNING, text, Optional.empty());
    }

    /** It could not be looked at. */
    static PreflightCheck unknown(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.UNKNOWN, text, Optional.empty());
    }

    static PreflightCheck refused(String name, String what, String next) {
        return refused(name, Failure.refused(what, next));
    }

    static PreflightCheck refused(String name, Failure why) {
        return new PreflightCheck(name, Thresholds.Level.CRITICAL, why.getMessage(), Optional.of(why));
    }

    Object json() {
        return Json.object("name", name, "level", level.toString(), "text", text);
    }

    @Override
    public String toString() {
        String mark =
                switch (level) {
                    case OK, SKIPPED -> "";
                    case WARNING -> "WARNING ";
                    case UNKNOWN -> "UNKNOWN ";
                    case CRITICAL -> "REFUSED ";
                };
        return mark + name + ": " + text;
    }
}
