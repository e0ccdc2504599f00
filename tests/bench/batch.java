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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures a data migration against one UPDATE of the same rows, in turns, each on a table that is made anew. A writer
 * changes orders all the while; the longest time that one change took is printed with each. With --kill the command is
 * killed at random moments, spread over the work, and each row must have been changed once. It ends with 1 if batches
 * take more than 1.3 of the time, somebody waited for them for more than two seconds, or a kill met no run.
 */
@Command(
        name = "bench-batch",
        mixinStandardHelpOptions = true,
        description =
                "Times the batches of avdaily-migrate up against one UPDATE of the same rows, with a writer beside.")
class BenchBatch implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A server where the role may create a database: "
                    + "jdbc:postgresql://host:port/postgres?user=...&password=...")
    String url;

    @Option(names = "--rows", defaultValue = "5000000", description = "How many rows (default: ${DEFAULT-VALUE}).")
    long rows;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is measured (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--kill",
            defaultValue = "0",
            description = "How often to kill the command, its session or the server, in a round that is not measured "
                    + "(default: ${DEFAULT-VALUE}).")
    int kills;

    @Option(
            names = "--crash",
            paramLabel = "COMMAND",
            description = "What kills the server and starts it again, as in 'pg_ctl -D data restart -m immediate'; "
                    + "without it the server is not killed.")
    String crash;

    @Option(
            names = "--command",
            description = "The words that run avdaily-migrate (default: ./jbang avdaily-migrate of this clone).")
    String command;

    private static final double MOST = 1.3;
    private static final double LONGEST_WAIT = 2;
    /** Without them the last kill comes when all is done. */
    private static final int PARTS_AT_THE_END = 3;
    private static final String DATABASE = "avdaily_bench_batch";
    private static final String CHANGE = "UPDATE orders SET cents = round(total * 100), times = times + 1";
    private static final String DONE_WHEN = "SELECT NOT EXISTS (SELECT FROM orders WHERE cents IS NULL)";

    /** How long a round took, and how long one change of somebody else's took at most. */
    private record Measured(double seconds, double longest) {}

    /** When the run began, in millionths of a second of the server's clock. */
    private long since;

    private final Path work = Files.createTempDirectory("bench");

    BenchBatch() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchBatch()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        write("V1__orders.sql", "SELECT 1;");
        write(
                "V2__cents.sql",
                """
                -- batch: table=orders key=id size=5000 pause=0%
                """
                        + CHANGE + " WHERE id > ${from} AND id <= ${to};\n-- batch: done when\n"
                        + DONE_WHEN + ";\n");
        List<Double> ratios = new ArrayList<>();
        double longest = 0;
        for (int round = 1; round <= rounds; round++) {
            Measured update = measured(this::update);
            Measured batches = measured(() -> up().waitFor());
            ratios.add(batches.seconds / update.seconds);
            longest = Math.max(longest, batches.longest);
            System.out.printf(
                    Locale.ROOT,
                    "%,d rows: one UPDATE %.1f s, somebody waited %.1f s; batches %.1f s, somebody waited %.2f s; "
                            + "%.2f of the time%n",
                    rows,
                    update.seconds,
                    update.longest,
                    batches.seconds,
                    batches.longest,
                    batches.seconds / update.seconds);
        }
        ratios.sort(null);
        boolean isGood = ratios.isEmpty() || ratios.get(ratios.size() / 2) <= MOST && longest <= LONGEST_WAIT;
        if (!ratios.isEmpty())
            System.out.printf(
                    Locale.ROOT,
                    "Median: %.2f of the time of one UPDATE (at most %.1f); somebody waited %.2f s at most%n",
                    ratios.get(ratios.size() / 2),
                    MOST,
                    longest);
        return (kills == 0 || killed()) && isGood ? 0 : 1;
    }

    /** Work whose time is taken. */
    private interface Work {
        void run() throws Exception;
    }

    private Measured measured(Work work) throws Exception {
        makeTable();
        try (Writer writer = new Writer()) {
            long start = System.nanoTime();
            work.run();
            double seconds = (System.nanoTime() - start) / 1e9;
            mustBeChangedOnce();
            return new Measured(seconds, writer.longestMillis.get() / 1000.0);
        }
    }

    private void makeTable() throws Exception {
        try (Connection c = DriverManager.getConnection(url);
                Statement s = c.createStatement()) {
            s.execute("DROP DATABASE IF EXISTS " + DATABASE + " WITH (FORCE)");
            s.execute("CREATE DATABASE " + DATABASE);
        }
        Process first = started("up", "--to", "1", "--yes", "--no-backup");
        if (first.waitFor() != 0) throw new IllegalStateException(Files.readString(work.resolve("log")));
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            s.execute("CREATE TABLE orders (id bigint, total numeric NOT NULL, cents bigint, times int NOT NULL)");
            s.execute("INSERT INTO orders SELECT n, n / 7.0, NULL, 0 FROM generate_series(1, " + rows + ") n");
            s.execute("ALTER TABLE orders ADD PRIMARY KEY (id)");
            s.execute("VACUUM ANALYZE orders");
            s.execute("CHECKPOINT");
        }
    }

    private void update() throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            s.execute(CHANGE);
        }
    }

    private void mustBeChangedOnce() throws SQLException {
        long others = number("SELECT count(*) FROM orders WHERE times <> 1 AND id <= " + rows);
        if (others > 0) throw new IllegalStateException(others + " rows were not changed once\n" + log());
    }

    private String log() {
        try {
            return Files.readString(work.resolve("log"));
        } catch (IOException e) {
            return "";
        }
    }

    private Process up() throws IOException {
        return started("up", "--yes", "--no-backup", "--lock-attempts", "60");
    }

    private Process started(String... words) throws IOException {
        List<String> all =
                new ArrayList<>(List.of((command == null ? jbang() + " avdaily-migrate" : command).split(" ")));
        all.addAll(List.of(words));
        all.addAll(List.of("--migrations", work.resolve("migrations").toString()));
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("DATABASE_URL", address());
        builder.environment().put("AVDAILY_PROGRESS_SECONDS", "5");
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(work.resolve("log").toFile()))
                .start();
    }

    /**
     * Kills the command, its session or the server, in turns, and lets the next one go on. The n-th kill comes at a
     * random moment in the n-th part of the work, or, if that is done, of the first batch of the run; it counts if it
     * met a run that was changing rows.
     */
    private boolean killed() throws Exception {
        makeTable();
        try (Writer writer = new Writer()) {
            int[] met = new int[crash == null ? 2 : 3];
            for (int kill = 0; kill < kills; kill++) {
                since = number("SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint");
                Process up = up();
                long until = (long) (rows * (kill + Math.random()) / (kills + PARTS_AT_THE_END));
                while (up.isAlive() && (walked() < until || !changesRows(""))) Thread.sleep(20);
                Thread.sleep((long) (Math.random() * 300));
                if (isMet(up, kill % met.length, writer)) met[kill % met.length]++;
                up.waitFor();
            }
            int code = up().waitFor();
            mustBeChangedOnce();
            int all = IntStream.of(met).sum();
            System.out.printf(
                    Locale.ROOT,
                    "Killed %d times while it changed rows (%d times the command, %d its session, %d the server): the "
                            + "last run ended with %d, all is done: %s, each of %,d rows was changed once; "
                            + "somebody waited %.2f s%n",
                    all,
                    met[0],
                    met[1],
                    met.length > 2 ? met[2] : 0,
                    code,
                    isDone(),
                    rows,
                    writer.longestMillis.get() / 1000.0);
            return code == 0 && all == kills && isDone() && writer.longestMillis.get() <= LONGEST_WAIT * 1000;
        }
    }

    /** Kills one of the three; false if the run had come to its end. */
    private boolean isMet(Process up, int what, Writer writer) throws Exception {
        if (what == 1) {
            while (up.isAlive()) {
                if (changesRows("pg_terminate_backend(pid)")) return true;
                Thread.sleep(5);
            }
            return false;
        }
        boolean isMet = up.isAlive();
        if (what == 2) {
            crash(writer);
            return isMet;
        }
        up.descendants().forEach(ProcessHandle::destroyForcibly);
        up.destroyForcibly();
        return isMet;
    }

    private void crash(Writer writer) throws Exception {
        writer.isCrash = true;
        int code = new ProcessBuilder("sh", "-c", crash)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve("crash").toFile()))
                .start()
                .waitFor();
        if (code != 0) throw new IllegalStateException(Files.readString(work.resolve("crash")));
        while (!isUp()) Thread.sleep(100);
        writer.isCrash = false;
    }

    private boolean isUp() {
        try (Connection c = connect()) {
            return c.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** How many rows are done. */
    private long walked() throws SQLException {
        return isThere("SELECT to_regclass('avdaily_ops.batch') IS NOT NULL")
                ? number("SELECT coalesce(max(walked), 0) FROM avdaily_ops.batch")
                : 0;
    }

    private boolean isDone() throws SQLException {
        return isThere(DONE_WHEN) && number("SELECT count(*) FROM flyway_schema_history WHERE version = '2'") == 1;
    }

    /** Whether this run changes rows, not one that was killed before. What {@code then} calls is done to it. */
    private boolean changesRows(String then) throws SQLException {
        return number("SELECT count(" + (then.isEmpty() ? "*" : then) + ") FROM pg_stat_activity "
                        + "WHERE state = 'active' AND query LIKE 'UPDATE orders SET cents%' "
                        + "AND backend_start > to_timestamp(" + since + " / 1e6)")
                > 0;
    }

    private boolean isThere(String query) throws SQLException {
        return number("SELECT (" + query + ")::int") == 1;
    }

    private long number(String query) throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement();
                var found = s.executeQuery(query)) {
            found.next();
            return found.getLong(1);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url.replaceFirst("(//[^/]+)/[^?]*", "$1/" + DATABASE));
    }

    /** The address as the command takes it. */
    private String address() {
        return url.replaceFirst("^jdbc:", "").replaceFirst("(//[^/]+)/[^?]*", "$1/" + DATABASE);
    }

    private static String jbang() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .map(folder -> folder.resolve("jbang"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"))
                .toString();
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(work.resolve("migrations"));
        Files.writeString(work.resolve("migrations").resolve(name), text);
    }

    /** Somebody who changes one order after the other, and now and then adds one. */
    private final class Writer implements AutoCloseable {
        private final AtomicBoolean ends = new AtomicBoolean();
        private final AtomicLong longestMillis = new AtomicLong();
        private final Thread thread = new Thread(this::writeOn);
        private volatile boolean isCrash;
        private long n = 1;

        Writer() {
            thread.start();
        }

        /** Goes on behind a crash, whose end it waits for. */
        private void writeOn() {
            try {
                while (!ends.get()) {
                    try {
                        write();
                    } catch (SQLException e) {
                        if (!isCrash) throw e;
                        while (isCrash) Thread.sleep(20);
                    }
                }
            } catch (SQLException | InterruptedException e) {
                System.out.println("The writer failed: " + e.getMessage());
            }
        }

        private void write() throws SQLException, InterruptedException {
            try (Connection c = connect();
                    Statement s = c.createStatement()) {
                for (; !ends.get(); n++) {
                    long start = System.nanoTime();
                    s.execute("UPDATE orders SET total = total + 1 WHERE id = " + (1 + n * 7919 % rows));
                    if (n % 10 == 0)
                        s.execute("INSERT INTO orders VALUES (" + (rows * 2 + n) + ", 1, 100, 1) "
                                + "ON CONFLICT DO NOTHING");
                    longestMillis.accumulateAndGet((System.nanoTime() - start) / 1_000_000, Math::max);
                    Thread.sleep(5);
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            ends.set(true);
            thread.join();
        }
    }
}
