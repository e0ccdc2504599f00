///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7
//DEPS org.postgresql:postgresql:42.7.14
//DEPS org.liquibase:liquibase-core:4.33.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
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
 * Measures avdaily-migrate against the command lines of Flyway and Liquibase, as whole processes, in turns. Prints the
 * medians of the times and of each round's ratios. Ours is measured twice: the java command that JBang prints, with its
 * class archive, and JBang itself, which runs that command. Flyway is the newest distribution on Maven Central, for
 * Linux, with the Java that comes with it. Needs mvn and tar.
 */
@Command(
        name = "bench-migrate",
        mixinStandardHelpOptions = true,
        description =
                "Times status and up of 100 migrations: avdaily-migrate, Flyway, Liquibase, in turns, on the same "
                        + "server.")
class BenchMigrate implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A server where the role may create a database: "
                    + "jdbc:postgresql://host:port/postgres?user=...&password=...")
    String url;

    @Option(
            names = "--rounds",
            defaultValue = "9",
            description = "How often each is measured (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--migrations",
            defaultValue = "100",
            description = "How many migrations (default: ${DEFAULT-VALUE}).")
    int migrations;

    private static final String DATABASE = "avdaily_bench_migrate";
    private static final Map<String, String> BARS = Map.of(" up", "0.55", " status", "0.35");
    private static final List<String> UP = List.of("up", "--yes", "--no-backup");
    private static final List<String> STATUS = List.of("status");

    private final Map<List<String>, String> commands = new HashMap<>();
    private final Path work = Files.createTempDirectory("bench");
    private final String jbang = Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .map(folder -> folder.resolve("jbang"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"))
            .toString();

    BenchMigrate() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchMigrate()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        write();
        unpackFlyway();
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        database();
        // JBang builds the script and archives the classes that its first run loads: those of an up.
        run(ours(UP));
        for (int round = 0; round <= rounds; round++) { // the first one only warms up
            for (String peer : List.of("Flyway", "Liquibase", "ours", "JBang + ours")) {
                database();
                double up = time(command(peer, true));
                double status = time(command(peer, false));
                if (round == 0) continue;
                seconds.computeIfAbsent(peer + " up", name -> new ArrayList<>()).add(up);
                seconds.computeIfAbsent(peer + " status", name -> new ArrayList<>())
                        .add(status);
                System.err.printf(Locale.ROOT, "  round %d  %-14s up %.2f s  status %.2f s%n", round, peer, up, status);
            }
        }
        seconds.forEach((name, all) -> System.out.printf(Locale.ROOT, "%-20s %6.2f s%n", name, median(all)));
        for (String what : List.of(" status", " up"))
            for (String peer : List.of("Flyway", "Liquibase", "JBang + ours")) {
                List<Double> ratios = IntStream.range(0, rounds)
                        .mapToObj(i -> seconds.get("ours" + what).get(i)
                                / seconds.get(peer + what).get(i))
                        .toList();
                System.out.printf(
                        Locale.ROOT,
                        "ours%s / %s%s = %.2f%s%n",
                        what,
                        peer,
                        what,
                        median(ratios),
                        peer.equals("Flyway") ? " (bar " + BARS.get(what) + ")" : "");
            }
        return 0;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** The same statements in each tool's form. */
    private void write() throws IOException {
        StringBuilder changelog = new StringBuilder("--liquibase formatted sql\n");
        for (int n = 1; n <= migrations; n++) {
            String sql =
                    """
                    CREATE TABLE t%1$d (id bigint PRIMARY KEY, name text NOT NULL, at timestamp NOT NULL DEFAULT now());
                    CREATE INDEX t%1$d_at_idx ON t%1$d (at);
                    """
                            .formatted(n);
            Files.writeString(Files.createDirectories(work.resolve("sql")).resolve("V" + n + "__t" + n + ".sql"), sql);
            changelog.append("--changeset bench:").append(n).append('\n').append(sql);
        }
        Files.writeString(work.resolve("changelog.sql"), changelog);
    }

    private void unpackFlyway() throws Exception {
        run(new ProcessBuilder(
                "mvn",
                "-B",
                "-q",
                "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
                "-Dartifact=org.flywaydb:flyway-commandline:11.8.2:tar.gz:linux-x64",
                "-DoutputDirectory=" + work));
        run(new ProcessBuilder("tar", "xzf", "flyway-commandline-11.8.2-linux-x64.tar.gz", "--strip-components=1"));
    }

    private ProcessBuilder command(String peer, boolean up) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        return switch (peer) {
            case "Flyway" ->
                new ProcessBuilder(
                        work.resolve("flyway").toString(),
                        "-url=" + jdbc(),
                        "-locations=filesystem:" + work.resolve("sql"),
                        up ? "migrate" : "info");
            case "Liquibase" ->
                new ProcessBuilder(
                        java,
                        "-cp",
                        classes,
                        "liquibase.integration.commandline.LiquibaseCommandLine",
                        "--url=" + jdbc(),
                        "--changelog-file=changelog.sql",
                        "--search-path=" + work,
                        up ? "update" : "status");
            case "ours" -> prepared(up ? UP : STATUS);
            default -> ours(up ? UP : STATUS);
        };
    }

    private ProcessBuilder ours(List<String> arguments) {
        return withOurs(new ProcessBuilder(
                Stream.concat(Stream.of(jbang, script()), arguments.stream()).toList()));
    }

    /** The java command that JBang prints for its launcher to run. */
    private ProcessBuilder prepared(List<String> arguments) throws IOException, InterruptedException {
        String command = commands.get(arguments);
        if (command == null) {
            Path jars;
            try (Stream<Path> versions = Files.list(Path.of(System.getenv("HOME"), ".avdaily/jbang"))) {
                jars = versions.filter(folder -> folder.getFileName().toString().matches("[0-9].*"))
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
            }
            ProcessBuilder print = withOurs(new ProcessBuilder(Stream.concat(
                            Stream.of(
                                    "java",
                                    "-Duser.home=" + System.getenv("HOME"),
                                    "-cp",
                                    jars + "/*",
                                    "dev.jbang.Main",
                                    script()),
                            arguments.stream())
                    .toList()));
            print.environment().put("JBANG_RUNTIME_SHELL", "bash");
            Process process =
                    print.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            command = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor() != 255) throw new IOException("JBang did not prepare a command: " + command);
            commands.put(arguments, command);
        }
        return withOurs(new ProcessBuilder("bash", "-c", "exec " + command));
    }

    private String script() {
        return Path.of(jbang).resolveSibling("scripts/migrate.java").toString();
    }

    private ProcessBuilder withOurs(ProcessBuilder builder) {
        builder.environment().put("DATABASE_URL", jdbc());
        builder.environment().put("AVDAILY_MIGRATIONS", work.resolve("sql").toString());
        return builder;
    }

    private String jdbc() {
        return url.replaceFirst("(://[^/]*/)[^?]*", "$1" + DATABASE);
    }

    private void database() throws Exception {
        try (Connection c = DriverManager.getConnection(url);
                Statement s = c.createStatement()) {
            s.execute("DROP DATABASE IF EXISTS " + DATABASE);
            s.execute("CREATE DATABASE " + DATABASE);
        }
    }

    private double time(ProcessBuilder command) throws Exception {
        long start = System.nanoTime();
        run(command);
        return (System.nanoTime() - start) / 1e9;
    }

    private void run(ProcessBuilder command) throws Exception {
        Path log = work.resolve("log");
        if (command.directory(work.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start()
                        .waitFor()
                != 0) throw new IOException(command.command() + " failed: " + Files.readString(log));
    }
}
