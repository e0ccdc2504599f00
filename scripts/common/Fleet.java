import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.PartOutput;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.fleet.FleetRecord;
import avdaily.fleet.FleetRun;
import avdaily.fleet.Target;
import avdaily.fleet.TargetOutcome;
import avdaily.fleet.TargetReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One command on many databases. Each target gets a command of its own, with its own options, output, connections and
 * gate: the command does not know of the others. The steps:
 *
 * <ol>
 *   <li>find the targets that the project's file names;
 *   <li>if the command changes anything, look which environment each of them is, and ask once for all;
 *   <li>run the command for each target: a few first, then several at a time ({@link FleetRun});
 *   <li>print one table, or one document ({@link FleetReport}).
 * </ol>
 */
final class Fleet {
    private final Script script;
    private final FleetOptions options;
    private final Out out;
    private final FleetEffect effect;
    private final Map<Target, PartOutput> running = new ConcurrentHashMap<>();
    private final Map<Target, Environment> environments = new ConcurrentHashMap<>();
    private final AtomicBoolean isInterrupted = new AtomicBoolean();
    private final AtomicInteger ended = new AtomicInteger();
    private FleetRecord record;
    private int all;

    Fleet(Script script, FleetOptions options) {
        this.script = script;
        this.options = options;
        this.out = script.out();
        this.effect = script.effect();
    }

    @SuppressWarnings("try") // the watch is there, no more
    int run() throws Exception {
        Instant start = Instant.now();
        FleetRun.At stop =
                effect == FleetEffect.READS ? FleetRun.At.FAILURE_BUT_NOT_FINDINGS : FleetRun.At.FIRST_FAILURE;
        FleetRun.Order order = options.order(stop);
        List<Target> targets = new TargetReader(script.invocation(), script.choice()).read(options.sets);
        script.mustSuitMany(targets);
        if (effect == FleetEffect.SAVES) targets = Target.databases(targets);
        all = targets.size();
        record = record();
        FleetRun run = new FleetRun(order, this::work, this::ended);
        List<TargetOutcome> outcomes;
        try (Out.Ending watched = out.onInterrupt(() -> interrupt(run))) {
            if (effect == FleetEffect.CHANGES) lookAndAsk(targets);
            outcomes = run.through(targets);
        }
        if (outcomes.stream().allMatch(TargetOutcome::isGreen)) forget();
        return new FleetReport(script, outcomes, Duration.between(start, Instant.now())).show(isInterrupted.get());
    }

    // -- before

    /** What was done before; of what changes databases, their own histories say that. */
    private FleetRecord record() {
        Invocation invocation = script.invocation();
        String command = invocation.program() + " " + Format.words(FleetOptions.deed(invocation.arguments()));
        return options.resume && effect != FleetEffect.CHANGES
                ? FleetRecord.resume(script.settings(), options.sets, command)
                : FleetRecord.begin(script.settings(), options.sets, command);
    }

    /** Nothing is changed anywhere before it is known of each target what it is. */
    private void lookAndAsk(List<Target> targets) throws Exception {
        List<Failure> failures = new ArrayList<>();
        FleetRun look = new FleetRun(
                new FleetRun.Order(options.width(), 0, FleetRun.At.END), target -> look(target, failures), o -> {});
        look.through(targets);
        if (!failures.isEmpty() && !options.keepGoing) {
            Failure first = failures.get(0);
            throw new Failure(
                    first.kind,
                    first.getMessage() + " (" + failures.size() + " of " + targets.size()
                            + " targets cannot be opened; nothing was changed)",
                    first.next,
                    first);
        }
        if (environments.isEmpty()) return;
        Environment gravest =
                environments.values().stream().max(Comparator.naturalOrder()).orElseThrow();
        Invocation invocation = script.invocation();
        if (out.isInteractive()) listTargets(targets);
        Gate.before(invocation, gravest, String.join(",", options.sets), deed(targets))
                .ofSet()
                .byName()
                .destructive();
    }

    private String deed(List<Target> targets) {
        List<String> production = targets.stream()
                .filter(target -> environments.get(target) == Environment.PRODUCTION)
                .map(Target::name)
                .toList();
        return "run 'avdaily-" + FleetReport.command(script) + "' on " + Format.count(targets.size(), "target") + " of "
                + String.join(", ", options.sets)
                + (production.isEmpty() ? "" : ", of which are production: " + String.join(", ", production));
    }

    private void listTargets(List<Target> targets) {
        out.table(
                List.of("Target", "Environment"),
                targets.stream()
                        .map(target -> List.of(
                                target.name(),
                                Optional.ofNullable(environments.get(target))
                                        .map(Environment::toString)
                                        .orElse("cannot be opened")))
                        .toList());
    }

    private TargetOutcome look(Target target, List<Failure> failures) {
        PartOutput part = out.part(target.name());
        try (Database db = Database.open(script.invocation(part.out(), Optional.empty()), script.choice(target))) {
            environments.put(target, db.environment());
        } catch (Exception e) {
            synchronized (failures) {
                failures.add(Failures.explain(e));
            }
        }
        return new TargetOutcome(target, TargetOutcome.State.DONE, Exit.DONE, "", null, "", Duration.ZERO);
    }

    // -- each target

    private TargetOutcome work(Target target) {
        if (effect != FleetEffect.CHANGES && options.resume && record.has(target))
            return new TargetOutcome(
                    target, TargetOutcome.State.SKIPPED, Exit.DONE, "done by the run before", null, "", Duration.ZERO);
        Instant start = Instant.now();
        PartOutput part = out.part(target.name());
        running.put(target, part);
        if (isInterrupted.get()) part.interrupt();
        try {
            Optional<String> agreed = out.isInteractive()
                    ? Optional.ofNullable(environments.get(target)).map(Environment::toString)
                    : Optional.empty();
            Script command = script.copy(part.out());
            int code = command.runOn(target, agreed, options.width());
            return outcome(target, code, command, part, Duration.between(start, Instant.now()));
        } finally {
            running.remove(target);
        }
    }

    private static TargetOutcome outcome(Target target, int code, Script command, PartOutput part, Duration took) {
        TargetOutcome.State state = code == Exit.DONE
                ? TargetOutcome.State.DONE
                : code == Exit.FINDINGS ? TargetOutcome.State.FINDINGS : TargetOutcome.State.FAILED;
        String summary = command.end().map(JobNotices.End::summary).orElse(code == Exit.DONE ? "done" : "failed");
        return new TargetOutcome(target, state, code, summary, part.document().orElse(null), part.text(), took);
    }

    private void ended(TargetOutcome outcome) {
        if (outcome.state() == TargetOutcome.State.DONE) remember(outcome.target());
        boolean isTold =
                outcome.state() == TargetOutcome.State.FINDINGS || outcome.state() == TargetOutcome.State.FAILED;
        if (isTold) FleetReport.block(out, outcome);
        out.status("[" + ended.incrementAndGet() + "/" + all + "] "
                + outcome.target().name() + ": " + outcome.state() + " in " + Format.duration(outcome.took()) + ", "
                + outcome.summary());
    }

    private void remember(Target target) {
        try {
            record.add(target);
        } catch (IOException e) {
            out.noteOnce("What is done is not written down for --resume: "
                    + Failures.explain(e).getMessage());
        }
    }

    private void forget() {
        try {
            record.forget();
        } catch (IOException e) {
            out.detail("The record for --resume stays: " + Failures.explain(e).getMessage());
        }
    }

    /** What runs is taken back, or comes to its end; nothing else begins. */
    private void interrupt(FleetRun run) {
        isInterrupted.set(true);
        run.stop("interrupted");
        out.note("Interrupted: nothing new begins; what runs is taken back or comes to its end.");
        running.values().forEach(PartOutput::interrupt);
    }
}
