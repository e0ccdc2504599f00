///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures how long a command takes from the shell, in turns with a clone of an earlier commit. Prints the medians, and
 * each round's ratios to one reference: the Java command that JBang finds for {@code migrate status} in that clone.
 * Floors are Java itself, a picocli program of three lines under JBang, and psql.
 */
@Command(
        name = "bench-start",
        mixinStandardHelpOptions = true,
        description = "Times migrate status, --help and integrity quick as whole processes, in turns with a clone.")
class BenchStart implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A database that this collection has migrated: postgresql://user:password@host:port/database")
    String url;

    @Option(names = "--before", required = true, description = "A clone of the commit to compare with.")
    Path before;

    @Option(
            names = "--rounds",
            defaultValue = "9",
            description = "How often each is measured (default: ${DEFAULT-VALUE}).")
    int rounds;

    private static final String REFERENCE = "reference: its Java command of migrate status";
    private static final String HELLO =
            """
            //DEPS info.picocli:picocli:4.7.7
            import picocli.CommandLine;
            @CommandLine.Command
            class Hello implements Runnable {
                public void run() { System.out.println("hello"); }
                public static void main(String... args) { new CommandLine(new Hello()).execute(args); }
            }
            """;

    private final Path now = Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .filter(folder -> Files.isExecutable(folder.resolve("jbang")))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"));
    private final Path work = Files.createTempDirectory("bench");

    BenchStart() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchStart()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Map<String, List<String>> commands = commands();
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = -2; round <= rounds; round++) // the first three build, and leave their classes
        for (Map.Entry<String, List<String>> command : turned(commands, round)) {
                double time = time(command.getValue());
                if (round > 0)
                    seconds.computeIfAbsent(command.getKey(), name -> new ArrayList<>())
                            .add(time);
            }
        commands.keySet().forEach(name -> print(name, seconds.get(name), seconds.get(REFERENCE)));
        return 0;
    }

    private Map<String, List<String>> commands() throws IOException, InterruptedException {
        Path hello = Files.writeString(work.resolve("Hello.java"), HELLO);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Map<String, List<String>> commands = new LinkedHashMap<>();
        commands.put(REFERENCE, javaOf(before));
        commands.put("floor: java -version", List.of(java, "-version"));
        commands.put("floor: psql -c 'SELECT 1'", List.of("psql", url, "-c", "SELECT 1"));
        commands.put("floor: picocli hello, JBang", List.of(now.resolve("jbang").toString(), hello.toString()));
        for (List<String> words :
                List.of(List.of("migrate", "status"), List.of("migrate", "--help"), List.of("integrity", "quick"))) {
            List<String> line = List.of("avdaily-" + words.get(0), words.get(1));
            commands.put("before: " + String.join(" ", words), concat(before.resolve("jbang"), line));
            commands.put("now: " + String.join(" ", words), concat(now.resolve("jbang"), line));
        }
        return commands;
    }

    private static List<String> concat(Path program, List<String> words) {
        return Stream.concat(Stream.of(program.toString()), words.stream()).toList();
    }

    /** The command that JBang runs for {@code migrate status}, after a first run has left its archive of classes. */
    private List<String> javaOf(Path clone) throws IOException, InterruptedException {
        String launcher = clone.resolve("jbang").toString();
        time(List.of(launcher, "avdaily-migrate", "status"));
        String classPath = output(
                launcher,
                "info",
                "classpath",
                clone.resolve("scripts/migrate.java").toString());
        Path jar = Path.of(classPath.split(File.pathSeparator)[0]);
        String archive = jar.toString().replaceFirst("jar$", "jsa");
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xlog:disable",
                "-XX:SharedArchiveFile=" + archive,
                "-classpath",
                classPath,
                "Migrate",
                "status");
    }

    private String output(String... words) throws IOException {
        Process process = builder(List.of(words)).start();
        try (var lines = process.inputReader()) {
            return lines.lines().reduce((first, last) -> last).orElseThrow();
        }
    }

    private double time(List<String> words) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process =
                builder(words).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        int code = process.waitFor();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (code != 0 && code != 22) throw new IllegalStateException(words + " ended with " + code);
        return seconds;
    }

    private ProcessBuilder builder(List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words).directory(work.toFile());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD).redirectInput(new File("/dev/null"));
        builder.environment().put("DATABASE_URL", url);
        return builder;
    }

    private static List<Map.Entry<String, List<String>>> turned(Map<String, List<String>> commands, int round) {
        List<Map.Entry<String, List<String>>> turned = new ArrayList<>(commands.entrySet());
        if (round % 2 == 0) Collections.reverse(turned);
        return turned;
    }

    private static void print(String name, List<Double> seconds, List<Double> reference) {
        List<Double> ratios = IntStream.range(0, seconds.size())
                .mapToObj(i -> seconds.get(i) / reference.get(i))
                .toList();
        System.out.printf(Locale.ROOT, "%-46s %5.2f s   %4.2f%n", name, median(seconds), median(ratios));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
