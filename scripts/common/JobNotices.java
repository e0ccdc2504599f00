import avdaily.base.Failure;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Failures;
import avdaily.notify.Job;
import avdaily.notify.Notice;
import avdaily.notify.Notifications;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Has those told whom avdaily.yaml names: that a job begins, and how it ended. */
final class JobNotices {
    /** How a job ended, for people; {@code next} is null if nothing is left to do. */
    record End(String summary, String next) {}

    private final Job job;
    private final Script script;
    private final Notifications notifications;

    JobNotices(Job job, Script script) {
        this.job = job;
        this.script = script;
        this.notifications = Notifications.read(script.settings(), script.out());
    }

    /** Does the work between the two notices; an exception of the work is its own. */
    int around(Callable<Integer> work) throws Exception {
        if (notifications.isEmpty()) return work.call();
        Instant start = Instant.now();
        notifications.started(job, start);
        try {
            int code = work.call();
            String otherwise = code == Exit.DONE ? "it is done" : "it ended with " + code;
            tell(code, script.end().orElse(new End(otherwise, null)), start);
            return code;
        } catch (Exception e) {
            Failure failure = Failures.explain(e);
            tell(Exit.code(failure.kind), new End(failure.getMessage(), failure.next), start);
            throw e;
        }
    }

    private void tell(int code, End end, Instant start) {
        notifications.ended(new Notice(
                job,
                code == Exit.DONE ? Notice.Outcome.DONE : Notice.Outcome.FAILED,
                subject(),
                Optional.of(code),
                script.out().pasteable(end.summary()),
                end.next() == null ? null : script.out().pasteable(end.next()),
                start,
                Duration.between(start, Instant.now())));
    }

    /** What the job works on, as far as it came. */
    private Optional<Notice.Subject> subject() {
        if (script.many().filter(FleetOptions::isAsked).isPresent()) return Optional.empty();
        Optional<Database> opened = script.opened();
        if (opened.isPresent())
            return opened.map(
                    db -> subject(db.url(), db.host(), db.environment().toString()));
        try {
            Optional<DatabaseUrl> named =
                    DatabaseUrl.named(script.url, script.settings()).map(found -> found.parse(script.settings()));
            return named.map(url ->
                    subject(url, url.hosts().get(0), script.environmentOf(named).toString()));
        } catch (Failure e) {
            return Optional.empty(); // the run has said so itself
        }
    }

    private static Notice.Subject subject(DatabaseUrl url, DatabaseUrl.Host host, String environment) {
        return new Notice.Subject(url.database(), host.toString(), environment);
    }
}
