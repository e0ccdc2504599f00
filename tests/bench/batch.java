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
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures a data migration against one UPDATE of the same rows, in turns, each on a table that is made anew. A writer
 * changes orders all the while; the longest time that one change took is printed with each. With --kill the command is
 * killed at random moments, and each row must have been changed once.
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
            description = "How often to kill the command, or its session, in a round that is not measured "
                    + "(default: ${DEFAULT-VALUE}).")
    int kills;

    @Option(
            names = "--command",
            description = "The words that run avdaily-migrate (default: ./jbang avdaily-migrate of this clone).")
    String command;

    private static final String DATABASE = "avdaily_bench_batch";
    private static final String CHANGE = "UPDATE orders SET cents = round(total * 100), times = times + 1";

    /** How long a round took, and how long one change of somebody else's took at most. */
    private record Measured(double seconds, double longest) {}

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
                        + "SELECT NOT EXISTS (SELECT FROM orders WHERE cents IS NULL);\n");
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            Measured update = measured(this::update);
            Measured batches = measured(() -> up().waitFor());
            ratios.add(batches.seconds / update.seconds);
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
        if (!ratios.isEmpty())
            System.out.printf(Locale.ROOT, "Median: %.2f of the time of one UPDATE%n", ratios.get(ratios.size() / 2));
        return kills == 0 || killed() ? 0 : 1;
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
        try (Connection c = connect();
                Statement s = c.createStatement();
                var found = s.executeQuery("SELECT count(*) FROM orders WHERE times <> 1 AND id <= " + rows)) {
            found.next();
            if (found.getLong(1) > 0)
                throw new IllegalStateException(found.getLong(1) + " rows were not changed once\n" + log());
        }
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

    /** Kills the command or its session, in turns, and lets the next one go on. */
    private boolean killed() throws Exception {
        makeTable();
        try (Writer writer = new Writer()) {
            int done = 0;
            for (int kill = 0; kill < kills; kill++) {
                long before = batches();
                Process up = up();
                while (up.isAlive() && batches() <= before) Thread.sleep(20);
                Thread.sleep((long) (Math.random() * 700));
                if (up.isAlive()) done++;
                if (kill % 2 == 0) up.descendants().forEach(ProcessHandle::destroyForcibly);
                if (kill % 2 == 0) up.destroyForcibly();
                else while (up.isAlive() && !endedSession()) Thread.sleep(5);
                up.waitFor();
            }
            int code = up().waitFor();
            mustBeChangedOnce();
            System.out.printf(
                    Locale.ROOT,
                    "Killed %d times: the last run ended with %d, each of %,d rows was changed once; "
                            + "somebody waited %.2f s%n",
                    done,
                    code,
                    rows,
                    writer.longestMillis.get() / 1000.0);
            return code == 0;
        }
    }

    /** How many batches have run. */
    private long batches() throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement();
                var table = s.executeQuery("SELECT to_regclass('avdaily_ops.batch') IS NOT NULL")) {
            table.next();
            if (!table.getBoolean(1)) return 0;
            try (var found = s.executeQuery("SELECT coalesce(max(batches), 0) FROM avdaily_ops.batch")) {
                found.next();
                return found.getLong(1);
            }
        }
    }

    /** Ends the session that changes rows just now; false if none does. */
    private boolean endedSession() throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement();
                var ended = s.executeQuery("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        + "WHERE state = 'active' AND query LIKE 'UPDATE orders SET cents%'")) {
            ended.next();
            return ended.getLong(1) > 0;
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
        private final Thread thread = new Thread(this::write);

        Writer() {
            thread.start();
        }

        private void write() {
            try (Connection c = connect();
                    Statement s = c.createStatement()) {
                for (long n = 1; !ends.get(); n++) {
                    long start = System.nanoTime();
                    s.execute("UPDATE orders SET total = total + 1 WHERE id = " + (1 + n * 7919 % rows));
                    if (n % 10 == 0) s.execute("INSERT INTO orders VALUES (" + (rows * 2 + n) + ", 1, 100, 1)");
                    longestMillis.accumulateAndGet((System.nanoTime() - start) / 1_000_000, Math::max);
                    Thread.sleep(5);
                }
            } catch (SQLException | InterruptedException e) {
                System.out.println("The writer failed: " + e.getMessage());
            }
        }

        @Override
        public void close() throws InterruptedException {
            ends.set(true);
            thread.join();
        }
    }
}
