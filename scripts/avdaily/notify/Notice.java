package avdaily.notify;

import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.base.Visible;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One thing that is told of a job. It holds no secret and no row's value: who reads a chat need not read the database.
 *
 * @param subject what the job worked on; nothing if it did not come so far
 * @param exitCode with which the job ends; nothing while it runs
 * @param summary what happened, in a line
 * @param next how to go on, or null
 */
public record Notice(
        Job job,
        Outcome outcome,
        Optional<Subject> subject,
        Optional<Integer> exitCode,
        String summary,
        String next,
        Instant start,
        Duration took) {
    /** What the server repeats of rows. */
    private static final Pattern VALUES = Pattern.compile("(?is)(?<=\\)=)\\(.*\\)|(?<=row contains )\\(.*\\)"
            + "|(?<=: )[\"„»«].*[\"“«»]"
            + "|(?<=\\b(?:value|token|found|wert|valeur|valor|valore) )[\"„»«].*?[\"“«»]");

    private static final int LONGEST = 2000;

    /** How far a job is. That it started is told to pings alone. */
    public enum Outcome {
        STARTED,
        DONE,
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A database, as people call it. */
    public record Subject(String database, String server, String environment) {
        @Override
        public String toString() {
            return database + " on " + server + " (" + environment + ")";
        }
    }

    static Notice started(Job job, Instant start) {
        return new Notice(
                job, Outcome.STARTED, Optional.empty(), Optional.empty(), "the job begins", null, start, Duration.ZERO);
    }

    /** What a trial of the targets sends. */
    static Notice trial(Outcome outcome) {
        return new Notice(
                Job.MONITOR,
                outcome,
                Optional.empty(),
                Optional.empty(),
                "this is a trial of the notifications, and no trouble",
                null,
                Instant.now(),
                Duration.ZERO);
    }

    private static String clean(String text) {
        if (text == null) return null;
        String clean = VALUES.matcher(Visible.line(Secrets.redact(text))).replaceAll("(...)");
        return Format.within(clean, LONGEST, "...");
    }

    /** As people read it in a chat. */
    String text() {
        String of = subject.map(it -> " of " + it).orElse("");
        String code = exitCode.filter(it -> it != 0).map(it -> " (" + it + ")").orElse("");
        String goOn = next == null || outcome != Outcome.FAILED ? "" : "\nGo on: " + clean(next);
        return clean("AV-Daily: " + job + of + " " + outcome + code) + "\n" + clean(summary) + goOn + "\n"
                + Invocation.host() + ", after " + Format.duration(took);
    }

    /** As programs read it. */
    Map<String, Object> json() {
        return Json.object(
                "job", job.toString(),
                "outcome", outcome.toString(),
                "database", subject.map(Subject::database).map(Notice::clean).orElse(null),
                "server", subject.map(Subject::server).map(Notice::clean).orElse(null),
                "environment", subject.map(Subject::environment).orElse(null),
                "summary", clean(summary),
                "next", clean(next),
                "exitCode", exitCode.orElse(null),
                "startedAt", start.toString(),
                "durationMillis", took.toMillis(),
                "host", Invocation.host(),
                "version", Invocation.VERSION);
    }
}
