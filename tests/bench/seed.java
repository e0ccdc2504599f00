///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7
//DEPS org.postgresql:postgresql:42.7.14

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures 'avdaily-seed generate' against psql's \copy and batched JDBC inserts: the same rows into the same empty
 * tables, with indexes and constraints. Ours also makes the rows; the peers have them ready. Needs PostgreSQL's client
 * programs.
 */
@Command(
        name = "bench-seed",
        mixinStandardHelpOptions = true,
        description =
                "Times avdaily-seed generate, psql \\copy and batched inserts, one after the other on the same server.")
class BenchSeed implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "postgresql://user@host:port/postgres of a superuser; PGPASSWORD holds the password.")
    String url;

    @Option(
            names = "--users",
            defaultValue = "10000",
            description = "How many people, with a year of history (default: ${DEFAULT-VALUE}).")
    int users;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is measured; the best counts (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(names = "--heap", defaultValue = "256m", description = "Heap of our Java (default: ${DEFAULT-VALUE}).")
    String heap;

    private static final int BATCH = 1000;
    private static final String DATABASE = "avdaily_bench_seed";
    private static final String PEER = "avdaily_bench_seed_peer";

    private final Path work = Files.createTempDirectory("bench");
    private final String jbang = Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .map(folder -> folder.resolve("jbang"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"))
            .toString();

    BenchSeed() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchSeed()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        sh(jbang + " avdaily-seed --help"); // JBang builds the script
        double ours = 0;
        double copy = 0;
        double inserts = 0;
        for (int round = 1; round <= rounds; round++) {
            fresh(DATABASE);
            double generated = seconds(() -> generate());
            List<String> tables = tables();
            long rows = unload(tables);
            fresh(PEER);
            double copied =
                    seconds(() -> sh("psql -XqAt -v ON_ERROR_STOP=1 -d " + address(PEER) + " -f " + script(tables)));
            fresh(PEER);
            double inserted = insert(tables);
            System.out.printf(
                    Locale.ROOT,
                    "Round %d: %,d rows: ours %.1f s, psql \\copy %.1f s, batched inserts %.1f s%n",
                    round,
                    rows,
                    generated,
                    copied,
                    inserted);
            ours = Math.max(ours, rows / generated);
            copy = Math.max(copy, rows / copied);
            inserts = Math.max(inserts, rows / inserted);
        }
        System.out.printf(
                Locale.ROOT,
                "Best of %d, rows a second with indexes and keys: ours %,.0f, psql \\copy %,.0f (ours is %.2f times as "
                        + "fast), batched inserts %,.0f (%.2f times).%n",
                rounds,
                ours,
                copy,
                ours / copy,
                inserts,
                ours / inserts);
        for (String database : List.of(DATABASE, PEER)) drop(database);
        sh("rm -r " + work);
        return 0;
    }

    private void generate() throws Exception {
        sh("JAVA_TOOL_OPTIONS=-Xmx" + heap + " " + jbang + " avdaily-seed generate development --yes --users " + users
                + " --url " + address(DATABASE));
    }

    private String address(String database) {
        return url.replaceFirst("/[^/?]*(\\?|$)", "/" + database + "$1");
    }

    private void drop(String database) throws Exception {
        sh("psql -Xq -d " + url + " -c 'DROP DATABASE IF EXISTS " + database + " WITH (FORCE)'");
    }

    private void fresh(String database) throws Exception {
        drop(database);
        sh("psql -Xq -d " + url + " -c 'CREATE DATABASE " + database + "'");
        sh(jbang + " avdaily-migrate up --yes --no-backup --url " + address(database));
        sh("psql -Xq -d " + url + " -c CHECKPOINT"); // the next one does not pay for what the one before wrote
    }

    /** Each table comes after those that it refers to: the order in which ours fills them. */
    private List<String> tables() throws SQLException {
        List<String> tables = new ArrayList<>(List.of("roles", "permissions", "role_permissions"));
        try (Connection c = connect(DATABASE);
                Statement s = c.createStatement();
                ResultSet names = s.executeQuery(
                        "SELECT jsonb_object_keys(details -> 'rows') FROM avdaily_ops.operation WHERE command = 'seed "
                                + "generate'")) {
            List<String> filled = new ArrayList<>();
            while (names.next()) filled.add(names.getString(1));
            List<String> first =
                    List.of("user", "wallets", "savings_plans", "transactions", "ajo_groups", "group_members");
            tables.addAll(first);
            filled.stream().filter(name -> !first.contains(name)).forEach(tables::add);
        }
        return tables;
    }

    private long unload(List<String> tables) throws Exception {
        StringBuilder script = new StringBuilder();
        for (String table : tables)
            script.append("\\copy \"")
                    .append(table)
                    .append("\" to '")
                    .append(work.resolve(table))
                    .append("'\n");
        Path file = Files.writeString(work.resolve("unload.sql"), script);
        sh("psql -Xq -v ON_ERROR_STOP=1 -d " + address(DATABASE) + " -f " + file);
        long rows = 0;
        for (String table : tables)
            try (Stream<String> lines = Files.lines(work.resolve(table))) {
                rows += lines.count();
            }
        return rows;
    }

    private Path script(List<String> tables) throws IOException {
        return Files.writeString(
                work.resolve("load.sql"),
                tables.stream()
                        .map(table -> "\\copy \"" + table + "\" from '" + work.resolve(table) + "'\n")
                        .collect(Collectors.joining()));
    }

    /** Seconds that the inserts alone take: the rows wait in memory, a batch at a time. */
    private double insert(List<String> tables) throws SQLException {
        long nanos = 0;
        try (Connection from = connect(DATABASE);
                Connection to = connect(PEER)) {
            from.setAutoCommit(false);
            to.setAutoCommit(false);
            for (String table : tables) nanos += insert(table, from, to);
            long start = System.nanoTime();
            to.commit();
            nanos += System.nanoTime() - start;
        }
        return nanos / 1e9;
    }

    private long insert(String table, Connection from, Connection to) throws SQLException {
        long nanos = 0;
        List<String> types = new ArrayList<>();
        try (Statement s = from.createStatement();
                ResultSet columns =
                        s.executeQuery("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '\""
                                + table + "\"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            while (columns.next()) types.add(columns.getString(1));
        }
        String sql = "INSERT INTO \"" + table + "\" VALUES ("
                + types.stream().map(type -> "?::" + type).collect(Collectors.joining(", ")) + ")";
        try (Statement s = from.createStatement();
                PreparedStatement insert = to.prepareStatement(sql)) {
            s.setFetchSize(BATCH);
            try (ResultSet rows = s.executeQuery("SELECT * FROM \"" + table + "\"")) {
                for (int n = 1; rows.next(); n++) {
                    for (int i = 1; i <= types.size(); i++) insert.setString(i, rows.getString(i));
                    insert.addBatch();
                    if (n % BATCH == 0) nanos += send(insert);
                }
            }
            return nanos + send(insert);
        }
    }

    private static long send(PreparedStatement insert) throws SQLException {
        long start = System.nanoTime();
        insert.executeBatch();
        return System.nanoTime() - start;
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:" + address(database).replaceFirst("//[^@/]*@", "//"),
                url.replaceFirst(".*//([^@:/]*).*", "$1"),
                System.getenv("PGPASSWORD"));
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private void sh(String command) throws IOException, InterruptedException {
        File log = work.resolve("log").toFile();
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(log)
                .redirectError(log)
                .start();
        if (process.waitFor() != 0) throw new IOException(command + "\n" + Files.readString(log.toPath()));
    }
}
