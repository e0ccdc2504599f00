import avdaily.base.Failure;
import avdaily.fleet.FleetRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What commands take that can work on many databases. */
final class FleetOptions {
    private static final int MOST_PARALLEL = 64;
    private static final Set<String> NUMBERS = Set.of("--parallel", "--canary");
    private static final Set<String> MANNER =
            Set.of("--keep-going", "--resume", "--yes", "--json", "--quiet", "--verbose");

    @Option(
            names = "--targets",
            paramLabel = "SET",
            split = ",",
            description = "Work on each database of this set in avdaily.yaml; 'all' for all sets.")
    List<String> sets = List.of();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "With --targets: how many at the same time (default: 4).")
    Integer parallel;

    @Option(
            names = "--canary",
            paramLabel = "N",
            description = "With --targets: so many first, and the rest only if those are green.")
    Integer canary;

    @Option(names = "--keep-going", description = "With --targets: go on with the others after one that failed.")
    boolean keepGoing;

    @Option(
            names = "--resume",
            description = "With --targets: only what the last run of this command did not do, or could not.")
    boolean resume;

    boolean isAsked() {
        if (!sets.isEmpty()) return true;
        if (parallel != null || canary != null || keepGoing || resume)
            throw Failure.usage(
                    "--parallel, --canary, --keep-going and --resume are for many databases", "add --targets SET.");
        return false;
    }

    /** The words that say what is done, and not how. */
    static List<String> deed(List<String> words) {
        List<String> deed = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (NUMBERS.contains(word)) i++;
            else if (!MANNER.contains(word) && NUMBERS.stream().noneMatch(option -> word.startsWith(option + "=")))
                deed.add(word);
        }
        return deed;
    }

    /** How many at the same time. */
    int width() {
        return within("--parallel", parallel, 4, 1, MOST_PARALLEL);
    }

    FleetRun.Order order(FleetRun.At stop) {
        return new FleetRun.Order(
                width(), within("--canary", canary, 0, 1, Integer.MAX_VALUE), keepGoing ? FleetRun.At.END : stop);
    }

    private static int within(String option, Integer number, int otherwise, int least, int most) {
        if (number != null && (number < least || number > most))
            throw Failure.usage(
                    option + " is " + number,
                    "name a number from " + least + (most == Integer.MAX_VALUE ? " on." : " to " + most + "."));
        return number == null ? otherwise : number;
    }
}
