///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7
//DEPS org.postgresql:postgresql:42.7.14

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures avdaily-migrate up --targets against a shell loop over the single command, on databases and on schemas of
 * one. Each way begins with new ones.
 */
@Command(
        name = "bench-fleet",
        mixinStandardHelpOptions = true,
        description = "Times avdaily-migrate up --targets against a shell loop over the single command.")
class BenchFleet implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A server where the role may create databases: "
                    + "jdbc:postgresql://host:port/postgres?user=...&password=...")
    String url;

    @Option(names = "--targets", defaultValue = "500", description = "How many (default: ${DEFAULT-VALUE}).")
    int targets;

    @Option(
            names = "--rounds",
            defaultValue = "1",
            description = "How often each way is measured on each kind (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--parallel",
            defaultValue = "4",
            description = "How many targets at the same time (default: ${DEFAULT-VALUE}, as that of the command).")
    int parallel;

    @Option(names = "--only", description = "databases or schemas (default: both).")
    String only;

    @Option(
            names = "--command",
            description = "The words that run avdaily-migrate (default: ./jbang avdaily-migrate of this clone).")
    String command;

    private static final double MOST = 0.4;
    private static final String PREFIX = "avdaily_bench_fleet_";

    private final Path work = Files.createTempDirectory("bench");

    BenchFleet() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchFleet()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(work.resolve("migrations"));
        Files.writeString(
                work.resolve("avdaily.yaml"),
                """
                name: bench
                targets:
                  databases: {databases: {query: "SELECT datname FROM pg_database WHERE datname ~ '^%s[0-9]'"}}
                  schemas: {schemas: {query: "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'"}}
                """
                        .formatted(PREFIX));
        Files.writeString(
                work.resolve("migrations/V1__shop.sql"),
                """
                CREATE TABLE customer (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
                CREATE TABLE purchase (id bigint PRIMARY KEY, customer bigint NOT NULL REFERENCES customer, total int);
                CREATE INDEX purchase_customer ON purchase (customer);
                CREATE VIEW spent AS SELECT customer, sum(total) FROM purchase GROUP BY customer;
                """);
        boolean isGood = true;
        for (String kind : List.of("databases", "schemas"))
            if (only == null || only.equals(kind)) isGood &= measure(kind);
        remove();
        return isGood ? 0 : 1;
    }

    private boolean measure(String kind) throws Exception {
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            make(kind);
            double loop = seconds(() -> loop(kind));
            make(kind);
            double fleet = seconds(() -> run(
                    address(kind.equals("schemas") ? PREFIX + "schemas" : "postgres"),
                    "--targets",
                    kind,
                    "--parallel",
                    String.valueOf(parallel)));
            ratios.add(fleet / loop);
            System.out.printf(
                    Locale.ROOT,
                    "%d %s: a loop %.1f s, --targets %.1f s: %.2f of its time%n",
                    targets,
                    kind,
                    loop,
                    fleet,
                    fleet / loop);
        }
        ratios.sort(null);
        double median = ratios.get(ratios.size() / 2);
        System.out.printf(
                Locale.ROOT, "Median of %s: %.2f of the time of a loop (at most %.1f)%n", kind, median, MOST);
        return median <= MOST;
    }

    private void make(String kind) throws Exception {
        remove();
        try (Connection c = DriverManager.getConnection(url);
                Statement s = c.createStatement()) {
            if (kind.equals("schemas")) s.execute("CREATE DATABASE " + PREFIX + "schemas");
            else for (String name : names()) s.execute("CREATE DATABASE " + PREFIX + name);
        }
        if (kind.equals("databases")) return;
        try (Connection c = DriverManager.getConnection(jdbc(PREFIX + "schemas"));
                Statement s = c.createStatement()) {
            for (String name : names()) s.execute("CREATE SCHEMA t_" + name);
        }
    }

    private List<String> names() {
        return IntStream.rangeClosed(1, targets).mapToObj(n -> "%04d".formatted(n)).toList();
    }

    private void remove() throws SQLException {
        try (Connection c = DriverManager.getConnection(url);
                Statement s = c.createStatement()) {
            List<String> there = new ArrayList<>();
            try (var rows = s.executeQuery("SELECT datname FROM pg_database WHERE datname LIKE '" + PREFIX + "%'")) {
                while (rows.next()) there.add(rows.getString(1));
            }
            for (String name : there) s.execute("DROP DATABASE " + name + " WITH (FORCE)");
        }
    }

    /** Work whose time is taken. */
    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private void loop(String kind) throws Exception {
        for (String name : names())
            if (kind.equals("schemas")) run(address(PREFIX + "schemas"), "--schema", "t_" + name);
            else run(address(PREFIX + name));
    }

    private void run(String address, String... words) throws Exception {
        List<String> all =
                new ArrayList<>(List.of((command == null ? jbang() + " avdaily-migrate" : command).split(" ")));
        all.addAll(List.of("up", "--yes", "--no-backup"));
        all.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(all).directory(work.toFile());
        builder.environment().put("DATABASE_URL", address);
        builder.environment().put("AVDAILY_HOME", work.resolve("home").toString());
        Path log = work.resolve("log");
        int code = builder.redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (code != 0) throw new IllegalStateException("it ended with " + code + "\n" + Files.readString(log));
    }

    private String jdbc(String database) {
        return url.replaceFirst("(//[^/]+)/[^?]*", "$1/" + database);
    }

    /** The address as the command takes it. */
    private String address(String database) {
        return jdbc(database).replaceFirst("^jdbc:", "");
    }

    private static String jbang() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .map(folder -> folder.resolve("jbang"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"))
                .toString();
    }
}
