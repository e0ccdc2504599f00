package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Json;

/**
 * One thing that was looked at before a deployment.
 *
 * @param refusal what ends the deployment and how to go on; null where it may begin
 */
public record PreflightCheck(String name, Thresholds.Level level, String text, Failure refusal) {
    static PreflightCheck ok(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.OK, text, null);
    }

    static PreflightCheck warning(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.WARNING, text, null);
    }

    /** It could not be looked at. */
    static PreflightCheck unknown(String name, String text) {
        return new PreflightCheck(name, Thresholds.Level.UNKNOWN, text, null);
    }

    static PreflightCheck refused(String name, String what, String next) {
        return new PreflightCheck(name, Thresholds.Level.CRITICAL, what, Failure.refused(what, next));
    }

    Object json() {
        return Json.object("name", name, "level", level.name().toLowerCase(), "text", text);
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
