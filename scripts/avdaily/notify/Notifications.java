package avdaily.notify;

import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whom avdaily.yaml wants to be told how a job goes. Whoever cannot be told is named, and nothing fails for it. */
public final class Notifications {
    /** What a trial has seen of one target; {@code trouble} is null if it was told. */
    public record Trial(String target, String trouble) {
        @JsonIgnore
        public boolean isTold() {
            return trouble == null;
        }
    }

    private final List<Target> targets;
    private final Out out;
    private Optional<Notice.Outcome> last = Optional.empty();

    private Notifications(List<Target> targets, Out out) {
        this.targets = targets;
        this.out = out;
    }

    /** @throws Failure (2) naming file and line of a mistake */
    public static Notifications read(Settings settings, Out out) {
        Optional<Path> file = settings.project().file();
        StrictYaml map = file.map(StrictYaml::read).orElse(StrictYaml.EMPTY);
        List<Target> targets = map.maps("notify").stream()
                .map(each -> Target.read(each, file.get().toAbsolutePath().getParent(), settings))
                .toList();
        return new Notifications(targets, out);
    }

    public boolean isEmpty() {
        return targets.isEmpty();
    }

    public void started(Job job, Instant start) {
        tell(Notice.started(job, start));
    }

    /** The end of the job, or of one look of many. */
    public void ended(Notice notice) {
        tell(notice);
        last = Optional.of(notice.outcome());
    }

    private void tell(Notice notice) {
        for (Target target : targets) {
            if (!target.isFor(notice.job()) || !target.wants(notice, last)) continue;
            String trouble = trouble(target, notice);
            if (trouble != null) out.note("Not notified: " + target + ": " + trouble + ".");
        }
    }

    private static String trouble(Target target, Notice notice) {
        try {
            target.tell(notice);
            return null;
        } catch (Trust.Undelivered e) {
            return e.getMessage();
        } catch (RuntimeException e) { // whatever it is, the job's own end counts
            return String.valueOf(e.getMessage());
        }
    }

    /** Tells all of them, whatever they are for. */
    public List<Trial> test() {
        List<Trial> trials = new ArrayList<>();
        for (Target target : targets) {
            String trouble = null;
            for (Notice.Outcome outcome : target.trial())
                if (trouble == null) trouble = trouble(target, Notice.trial(outcome));
            trials.add(new Trial(target.toString(), trouble));
        }
        return trials;
    }
}
