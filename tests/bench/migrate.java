///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//MAIN BenchMigrate
//DEPS info.picocli:picocli:4.7.7
//DEPS org.postgresql:postgresql:42.7.14
//DEPS org.flywaydb:flyway-database-postgresql:13.12.0
//DEPS org.liquibase:liquibase-core:4.33.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures avdaily-migrate against Flyway and Liquibase as whole processes in turns, and prints times and ratios. Ours is measured twice:
 * as JBang prepares it (the java command that it prints, with its class archive), and with JBang itself before it. Flyway's command line
 * is not to be had from Maven Central whole: in its place stands the least program that calls Flyway, which is faster than it.
 */
@Command(name = "bench-migrate", description = "Times status and up of 100 migrations: avdaily-migrate, Flyway, Liquibase, in turns on the same server.")
class BenchMigrate implements Callable<Integer> {
    @Option(names = "--url", required = true, description = "jdbc:postgresql://host:port/postgres?user=...&password=... of a server where the role may create a database.")
    String url;

    @Option(names = "--rounds", defaultValue = "5", description = "How often each is measured; the best counts (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(names = "--migrations", defaultValue = "100", description = "How many migrations (default: ${DEFAULT-VALUE}).")
    int migrations;

    private final Map<List<String>, String> commands = new HashMap<>();
    private static final String DATABASE = "avdaily_bench_migrate";

    private final Path work = Files.createTempDirectory("bench");
    private final String jbang = Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent).map(folder -> folder.resolve("jbang")).filter(Files::isExecutable).findFirst().orElseThrow().toString();

    BenchMigrate() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchMigrate()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        write();
        Map<String, Double> best = new LinkedHashMap<>();
        ours("--help"); // JBang builds the script
        for (int round = 0; round <= rounds; round++) { // the first one only warms up
            for (String peer : List.of("Flyway", "Liquibase", "ours", "JBang + ours")) {
                database();
                double up = time(command(peer, true));
                double status = time(command(peer, false));
                if (round == 0) continue;
                best.merge(peer + " up", up, Math::min);
                best.merge(peer + " status", status, Math::min);
                System.err.printf(Locale.ROOT, "  round %d  %-14s up %.2f s  status %.2f s%n", round, peer, up, status);
            }
        }
        best.forEach((name, seconds) -> System.out.printf(Locale.ROOT, "%-18s %6.2f s%n", name, seconds));
        for (String what : List.of(" status", " up"))
            for (String peer : List.of("Flyway", "Liquibase", "JBang + ours"))
                System.out.printf(Locale.ROOT, "ours%s / %s%s = %.2f%s%n", what, peer, what, best.get("ours" + what) / best.get(peer + what), peer.equals("Flyway") ? " (bar 0.60)" : "");
        return 0;
    }

    /** The same statements in each tool's form. */
    private void write() throws IOException {
        StringBuilder changelog = new StringBuilder("--liquibase formatted sql\n");
        for (int n = 1; n <= migrations; n++) {
            String sql = "CREATE TABLE t" + n + " (id bigint PRIMARY KEY, name text NOT NULL, at timestamp NOT NULL DEFAULT now());\nCREATE INDEX t" + n + "_at_idx ON t" + n + " (at);\n";
            Files.writeString(Files.createDirectories(work.resolve("sql")).resolve("V" + n + "__t" + n + ".sql"), sql);
            changelog.append("--changeset bench:").append(n).append('\n').append(sql);
        }
        Files.writeString(work.resolve("changelog.sql"), changelog);
    }

    private ProcessBuilder command(String peer, boolean up) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        return switch (peer) {
            case "Flyway" -> new ProcessBuilder(java, "-cp", classes, "FlywayProgram", up ? "migrate" : "info", jdbc(), work.resolve("sql").toString());
            case "Liquibase" -> new ProcessBuilder(java, "-cp", classes, "liquibase.integration.commandline.LiquibaseCommandLine", "--url=" + jdbc(), "--changelog-file=changelog.sql",
                    "--search-path=" + work, up ? "update" : "status");
            case "ours" -> prepared(up ? List.of("up", "--yes", "--no-backup") : List.of("status"));
            default -> ours(up ? List.of("up", "--yes", "--no-backup") : List.of("status"));
        };
    }

    private void ours(String option) throws Exception {
        run(ours(List.of(option)));
    }

    private ProcessBuilder ours(List<String> arguments) {
        return withOurs(new ProcessBuilder(Stream.concat(Stream.of(jbang, script()), arguments.stream()).toList()));
    }

    /** The command that JBang would run, which it prints for its launcher. */
    private ProcessBuilder prepared(List<String> arguments) throws IOException, InterruptedException {
        String command = commands.get(arguments);
        if (command == null) {
            Path jars;
            try (Stream<Path> versions = Files.list(Path.of(System.getProperty("user.home"), ".avdaily/jbang"))) {
                jars = versions.max(Comparator.naturalOrder()).orElseThrow();
            }
            ProcessBuilder print = withOurs(new ProcessBuilder(Stream.concat(Stream.of("java", "-Duser.home=" + System.getProperty("user.home"), "-cp", jars + "/*", "dev.jbang.Main", script()), arguments.stream()).toList()));
            print.environment().put("JBANG_RUNTIME_SHELL", "bash");
            Process process = print.redirectError(ProcessBuilder.Redirect.DISCARD).start();
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
        try (Connection c = DriverManager.getConnection(url); Statement s = c.createStatement()) {
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
        if (command.directory(work.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor() != 0)
            throw new IOException(command.command() + " failed: " + Files.readString(log));
    }
}

/** The least that has to be written to use Flyway. */
class FlywayProgram {
    public static void main(String... args) {
        Flyway flyway = Flyway.configure().dataSource(args[1], null, null).locations("filesystem:" + args[2]).load();
        if (args[0].equals("migrate")) flyway.migrate();
        else System.out.println(flyway.info().all().length);
    }
}
