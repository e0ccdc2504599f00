import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** Tries faults in the runs of all commands that write, and counts the promises that were kept. */
final class Campaign {
    private final long seed;
    private final int perPair;
    private final Consumer<String> progress;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    /** @param tried faults that happened; those whose moment a run did not come to do not count */
    record Row(String subject, Fault fault, int moments, int tried, int kept) {}

    /**
     * @param seed chooses the moments
     * @param perPair how many moments of each command and fault; all if there are no more
     */
    Campaign(long seed, int perPair, Consumer<String> progress) {
        this.seed = seed;
        this.perPair = perPair;
        this.progress = progress;
    }

    /** @param faults all if it is empty */
    void run(List<Subject> subjects, Collection<Fault> faults) throws Exception {
        for (Subject subject : subjects) {
            Ground ground = Ground.of(subject);
            for (Fault fault : faults.isEmpty() ? EnumSet.allOf(Fault.class) : faults) run(ground, fault);
        }
    }

    private void run(Ground ground, Fault fault) throws Exception {
        String name = ground.subject().name();
        int moments = ground.moments(fault);
        int tried = 0;
        int kept = 0;
        for (int moment : chosen(name + fault, moments)) {
            Trial trial = new Trial(ground, fault, moment).run();
            if (!trial.hasStruck()) continue;
            tried++;
            if (trial.broken().isEmpty()) kept++;
            for (String promise : trial.broken())
                say("BROKEN " + name + ", " + fault + " at " + moment + ": " + promise);
        }
        rows.add(new Row(name, fault, moments, tried, kept));
        progress.accept(String.format(
                "%-24s %-20s %5d moments, %3d tried, %3d kept", name, fault, moments, tried, kept));
    }

    private void say(String promise) {
        broken.add(promise);
        progress.accept(promise);
    }

    /** Moments from the whole of the run; the same seed gives the same. */
    private Set<Integer> chosen(String pair, int moments) {
        Set<Integer> chosen = new LinkedHashSet<>();
        Random random = new Random(seed * 31 + pair.hashCode());
        while (chosen.size() < Math.min(perPair, moments)) chosen.add(1 + random.nextInt(moments));
        return chosen;
    }

    List<Row> rows() {
        return rows;
    }

    List<String> broken() {
        return broken;
    }

    int tried() {
        return rows.stream().mapToInt(Row::tried).sum();
    }
}
