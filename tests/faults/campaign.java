///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Try faults in the runs of all commands that write, and print which promises were kept
//JAVA 17+
//MAIN RunCampaign
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//SOURCES ../all.java

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The long form of FaultsTest. */
@Command(
        name = "campaign",
        mixinStandardHelpOptions = true,
        description = "Lets faults happen in the runs of all commands that write, on a server of its own, and prints "
                + "a table in Markdown of those that were tried and of the promises that were kept. Faults of files "
                + "need strace.")
class RunCampaign implements Callable<Integer> {
    @Option(names = "--seed", description = "Chooses the moments (default: ${DEFAULT-VALUE}).", defaultValue = "1")
    long seed;

    @Option(
            names = "--moments",
            description = "How many moments of each command and fault (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    int moments;

    @Option(names = "--subject", description = "Only commands whose name contains this.")
    String subject = "";

    @Option(names = "--fault", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    Set<Fault> faults = EnumSet.noneOf(Fault.class);

    @Option(
            names = "--life",
            paramLabel = "MINUTES",
            description = "In place of the table: our commands in random order, with random faults, on one database "
                    + "for so long.")
    int minutes;

    @Override
    public Integer call() throws Exception {
        LogManager.getLogManager().reset();
        Ground.isAlone = true;
        List<Subject> subjects = new ArrayList<>(Subjects.ALL);
        subjects.removeIf(each -> !each.name().contains(subject));
        System.err.println("Server: " + TestServer.describe() + ", seed " + seed);
        if (minutes > 0) return live();
        Campaign campaign = new Campaign(seed, moments, System.err::println);
        campaign.run(subjects, faults);
        print(campaign);
        TestServer.stop();
        return campaign.broken().isEmpty() ? 0 : 1;
    }

    private int live() throws Exception {
        Life life = new Life(seed, System.err::println);
        long end = System.currentTimeMillis() + minutes * 60_000L;
        List<Fault> chosen = List.copyOf(faults.isEmpty() ? EnumSet.allOf(Fault.class) : faults);
        life.live(() -> System.currentTimeMillis() < end, chosen);
        System.out.println("Seed " + seed + ": " + life.steps() + " steps, " + life.struck() + " faults, "
                + life.broken().size() + " promises broken.");
        TestServer.stop();
        return life.broken().isEmpty() ? 0 : 1;
    }

    private static void print(Campaign campaign) {
        Map<String, int[]> bySubject = new TreeMap<>();
        Map<Fault, int[]> byFault = new TreeMap<>();
        for (Campaign.Row row : campaign.rows())
            for (int[] sum : List.of(
                    bySubject.computeIfAbsent(row.subject(), key -> new int[2]),
                    byFault.computeIfAbsent(row.fault(), key -> new int[2]))) {
                sum[0] += row.tried();
                sum[1] += row.kept();
            }
        System.out.println("| command | faults tried | promises kept |\n|---|---|---|");
        bySubject.forEach((name, sum) -> row(name, sum));
        System.out.println("\n| fault | tried | promises kept |\n|---|---|---|");
        byFault.forEach((fault, sum) -> row(fault.meaning, sum));
        int kept = byFault.values().stream().mapToInt(sum -> sum[1]).sum();
        System.out.println("\n" + campaign.tried() + " faults tried, all promises kept in " + kept + ".");
    }

    private static void row(String name, int... sum) {
        System.out.printf(Locale.ROOT, "| %s | %d | %d |%n", name, sum[0], sum[1]);
    }

    public static void main(String... words) {
        System.exit(new CommandLine(new RunCampaign()).execute(words));
    }
}
