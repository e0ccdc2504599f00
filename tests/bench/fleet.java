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
 * one. Each way begins with new ones. Then a second migration meets one that is broken and one that is locked, and is
 * killed when half of the targets are done: the run after it has to leave these two alone, and the last one none.
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
            names = "--loop",
            description = "How many of them the loop goes through; its time is scaled up to all (default: all).")
    int loop;

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
        if (loop == 0) loop = targets;
        boolean isGood = true;
        for (String kind : List.of("databases", "schemas"))
            if (only == null || only.equals(kind)) isGood &= measure(kind);
        remove();
        return isGood ? 0 : 1;
    }

    private boolean measure(String kind) throws Exception {
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            Files.deleteIfExists(second());
            make(kind, names());
            double single = seconds(() -> loop(kind));
            make(kind, kind.equals("schemas") ? names() : names().subList(0, loop));
            double fleet = seconds(() -> fleet(kind, 0));
            ratios.add(fleet / (single / loop * targets));
            System.out.printf(
                    Locale.ROOT,
                    "%d %s: a loop over %s %.1f s%s, --targets %.1f s: %.2f of its time%n",
                    targets,
                    kind,
                    loop == targets ? "all" : "the first " + loop,
                    single,
                    loop == targets ? "" : ", scaled up to %.1f s".formatted(single / loop * targets),
                    fleet,
                    ratios.get(round - 1));
        }
        ratios.sort(null);
        double median = ratios.get(ratios.size() / 2);
        System.out.printf(
                Locale.ROOT, "Median of %s: %.2f of the time of a loop (at most %.1f)%n", kind, median, MOST);
        fail(kind);
        return median <= MOST;
    }

    private Path second() {
        return work.resolve("migrations/V2__seen.sql");
    }

    /** One target is broken, one is locked, and the first run is killed. */
    private void fail(String kind) throws Exception {
        Files.writeString(second(), "ALTER TABLE customer ADD seen int;\n");
        String broken = names().get(targets / 4);
        String locked = names().get(targets / 2);
        execute(kind, broken, "ALTER TABLE customer ADD seen int");
        try (Connection c = connect(kind, locked);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("LOCK TABLE customer");
            int before = killed(kind);
            double seconds = seconds(() -> fleet(kind, 25, "--keep-going", "--lock-attempts", "1", "--resume"));
            System.out.printf(
                    Locale.ROOT,
                    "%d %s, one broken, one locked: killed when %d were done; the next run did all but these two, "
                            + "in %.1f s%n",
                    targets,
                    kind,
                    before,
                    seconds);
            mustBeDone(kind, targets - 2);
        }
        execute(kind, broken, "ALTER TABLE customer DROP seen");
        fleet(kind, 0, "--resume");
        mustBeDone(kind, targets);
        System.out.printf("%d %s: mended, and all of them have it once%n", targets, kind);
    }

    /** How many targets were done when it was killed. */
    private int killed(String kind) throws Exception {
        Path log = work.resolve("killed");
        Process run = started(database(kind), log, fleetWords(kind, "--keep-going", "--lock-attempts", "1"));
        while (run.isAlive() && done(log) < targets / 2) Thread.sleep(50);
        List<ProcessHandle> all =
                Stream.concat(run.descendants(), Stream.of(run.toHandle())).toList();
        if (!run.isAlive()) throw new IllegalStateException("it was not killed\n" + Files.readString(log));
        all.forEach(ProcessHandle::destroyForcibly);
        run.waitFor();
        return done(log);
    }

    private static int done(Path log) throws IOException {
        return (int) Files.readString(log).lines().filter(line -> line.contains(": done in ")).count();
    }

    private void mustBeDone(String kind, int expected) throws SQLException {
        int done = 0;
        for (String name : names()) {
            try (Connection c = connect(kind, name);
                    Statement s = c.createStatement();
                    var found = s.executeQuery("SELECT count(*), bool_and(success), "
                            + "count(*) FILTER (WHERE version = '2') FROM flyway_schema_history")) {
                found.next();
                if (found.getInt(1) > 2 || !found.getBoolean(2))
                    throw new IllegalStateException(name + " has a history of " + found.getInt(1) + " rows");
                done += found.getInt(3);
            }
        }
        if (done != expected) throw new IllegalStateException(done + " have it in place of " + expected);
    }

    private void execute(String kind, String name, String sql) throws SQLException {
        try (Connection c = connect(kind, name);
                Statement s = c.createStatement()) {
            s.execute(sql);
        }
    }

    private Connection connect(String kind, String name) throws SQLException {
        if (!kind.equals("schemas")) return DriverManager.getConnection(jdbc(PREFIX + name));
        Connection c = DriverManager.getConnection(jdbc(PREFIX + "schemas"));
        c.setSchema("t_" + name);
        return c;
    }

    private void make(String kind, List<String> names) throws Exception {
        boolean isOfSchemas = kind.equals("schemas");
        if (names.size() == targets) remove();
        try (Connection c = DriverManager.getConnection(url);
                Statement s = c.createStatement()) {
            if (isOfSchemas) s.execute("CREATE DATABASE " + PREFIX + "schemas");
            else
                for (String name : names) {
                    s.execute("DROP DATABASE IF EXISTS " + PREFIX + name + " WITH (FORCE)");
                    s.execute("CREATE DATABASE " + PREFIX + name);
                }
        }
        if (!isOfSchemas) return;
        try (Connection c = DriverManager.getConnection(jdbc(PREFIX + "schemas"));
                Statement s = c.createStatement()) {
            for (String name : names) s.execute("CREATE SCHEMA t_" + name);
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
        for (String name : names().subList(0, loop))
            if (kind.equals("schemas")) run(0, PREFIX + "schemas", List.of("--schema", "t_" + name));
            else run(0, PREFIX + name, List.of());
    }

    private void fleet(String kind, int code, String... words) throws Exception {
        run(code, database(kind), fleetWords(kind, words));
    }

    private List<String> fleetWords(String kind, String... words) {
        List<String> all = new ArrayList<>(List.of("--targets", kind, "--parallel", String.valueOf(parallel)));
        all.addAll(List.of(words));
        return all;
    }

    /** The one that says which targets there are. */
    private static String database(String kind) {
        return kind.equals("schemas") ? PREFIX + "schemas" : "postgres";
    }

    private void run(int expected, String database, List<String> words) throws Exception {
        Path log = work.resolve("log");
        int code = started(database, log, words).waitFor();
        if (code != expected) throw new IllegalStateException("it ended with " + code + "\n" + Files.readString(log));
    }

    private Process started(String database, Path log, List<String> words) throws IOException {
        List<String> all =
                new ArrayList<>(List.of((command == null ? jbang() + " avdaily-migrate" : command).split(" ")));
        all.addAll(List.of("up", "--yes", "--no-backup"));
        all.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(all).directory(work.toFile());
        builder.environment().put("DATABASE_URL", address(database));
        builder.environment().put("AVDAILY_HOME", work.resolve("home").toString());
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
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
