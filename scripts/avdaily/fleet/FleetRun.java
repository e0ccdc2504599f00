package avdaily.fleet;

import avdaily.base.WorkQueue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way of a work through its targets: a few first, the rest only if those are green, several at a time. After a
 * failure nothing new begins, unless it is to go on; what runs comes to its end.
 */
public final class FleetRun {
    /** The work on one target, which throws nothing: what becomes of it is its outcome. */
    public interface Work {
        TargetOutcome on(Target target);
    }

    /** What is told of each target that is done; never by two threads at the same time. */
    public interface Listener {
        void ended(TargetOutcome outcome);
    }

    /** When the work stops before the last target. */
    public enum At {
        FIRST_FAILURE,
        /** What a command finds is its result. */
        FAILURE_BUT_NOT_FINDINGS,
        END
    }

    /**
     * How it goes.
     *
     * @param parallel how many at the same time
     * @param canary how many come first; 0 for none
     */
    public record Order(int parallel, int canary, At stop) {}

    private final Order order;
    private final Work work;
    private final Listener listener;
    private final Map<Target, TargetOutcome> outcomes = new ConcurrentHashMap<>();
    private volatile String stopped;

    public FleetRun(Order order, Work work, Listener listener) {
        this.order = order;
        this.work = work;
        this.listener = listener;
    }

    /** From now on nothing begins. */
    public void stop(String why) {
        stopped = why;
    }

    /** What became of each, in their order. */
    public List<TargetOutcome> through(List<Target> targets) throws Exception {
        int first = Math.min(order.canary, targets.size());
        wave(targets.subList(0, first));
        if (stopped == null && !outcomes.values().stream().allMatch(TargetOutcome::isGreen))
            stopped = "the first ones were not green";
        wave(targets.subList(first, targets.size()));
        Map<Target, TargetOutcome> all = new LinkedHashMap<>();
        for (Target target : targets)
            all.put(
                    target,
                    outcomes.getOrDefault(
                            target, TargetOutcome.without(target, TargetOutcome.State.UNRUN, "not begun: " + stopped)));
        return new ArrayList<>(all.values());
    }

    private void wave(List<Target> targets) throws Exception {
        WorkQueue<Target> queue = new WorkQueue<>(targets);
        queue.run(order.parallel, () -> {
            while (stopped == null) {
                Target target = queue.next();
                if (target == null) return;
                end(work.on(target));
            }
        });
    }

    private synchronized void end(TargetOutcome outcome) {
        outcomes.put(outcome.target(), outcome);
        boolean stops =
                switch (outcome.state()) {
                    case DONE, SKIPPED, UNRUN -> false;
                    case FINDINGS -> order.stop == At.FIRST_FAILURE;
                    case FAILED -> order.stop != At.END;
                };
        if (stops && stopped == null) stopped = outcome.target().name() + " failed";
        listener.ended(outcome);
    }
}
