///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7
//FILES backup.sql

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures avdaily-backup and avdaily-restore against pg_dump and pg_restore, in turns, on the same database. Prints
 * times, sizes and ratios. Needs PostgreSQL's client programs and zstd. Processor seconds are those of the programs
 * and, where the server runs on this machine and the role may read its files, those of the server's sessions: on a busy
 * machine they tell more than the time does.
 */
@Command(
        name = "bench-backup",
        mixinStandardHelpOptions = true,
        description = "Times avdaily-backup and pg_dump, avdaily-restore and pg_restore, in turns on the same server.")
class BenchBackup implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A server where the role may create a database; PGPASSWORD holds its password.")
    String url;

    @Option(names = "--gb", defaultValue = "1.6", description = "How many GB of COPY text (default: ${DEFAULT-VALUE}).")
    double gigabytes;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is measured; the best counts (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(names = "--only", split = ",", description = "Measure only those whose name contains one of these.")
    List<String> only = List.of();

    private static final String DATABASE = "avdaily_bench_backup";
    private static final String RESTORED = "avdaily_bench_restored";
    private static final double BYTES_OF_TWO_ROWS = 688;

    private final Path work = Files.createTempDirectory("bench");
    private final String jbang = Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .map(folder -> folder.resolve("jbang"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"))
            .toString();

    BenchBackup() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchBackup()).execute(args));
    }

    /** The shell command of each contestant; it writes the file or folder {@code $OUT}. */
    private Map<String, String> contestants() {
        String backup = jbang + " avdaily-backup create --dir $OUT ";
        Map<String, String> all = new LinkedHashMap<>();
        all.put("pg_dump | gzip -6", "pg_dump \"$DB\" | gzip -6 > $OUT");
        all.put("pg_dump -Fd -j2", "pg_dump -Fd -j2 -f $OUT \"$DB\"");
        all.put("ours gzip", backup + "--compress gzip");
        all.put("pg_dump | zstd -3 -T2", "pg_dump \"$DB\" | zstd -q -3 -T2 > $OUT");
        all.put("ours zstd", backup + "--compress zstd");
        all.put(
                "pg_restore -j2",
                "psql -Xqc 'CREATE DATABASE " + RESTORED
                        + "' \"$SERVER\" && pg_restore -j2 -d \"$RESTORED\" $DUMPS/pg_dump && touch $OUT");
        all.put("ours restore", restore() + " && touch $OUT");
        all.keySet().removeIf(name -> !only.isEmpty() && only.stream().noneMatch(name::contains));
        return all;
    }

    private String restore() {
        return "DATABASE_URL=\"$RESTORED\" DB_RESTORE_CONFIRM=1 " + jbang + " avdaily-restore $DUMPS/ours/*.gz --yes";
    }

    /** The best of all rounds, each by itself, and the bytes that were written. */
    private record Best(double seconds, double client, double server, long bytes) {
        Best with(Best other) {
            return new Best(
                    Math.min(seconds, other.seconds),
                    Math.min(client, other.client),
                    Math.min(server, other.server),
                    other.bytes);
        }
    }

    @Override
    public Integer call() throws Exception {
        prepare();
        Map<String, Best> best = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, String> contestant : contestants().entrySet()) {
                Best one = measured(contestant.getValue());
                best.merge(contestant.getKey(), one, Best::with);
                System.err.printf("  round %d  %s%n", round, line(contestant.getKey(), one));
            }
        }
        System.out.printf("%n%-24s %8s %10s %10s %6s%n", "", "seconds", "program's", "server's", "MB");
        best.forEach((name, one) -> System.out.println(line(name, one)));
        System.out.println();
        ratio(best, "ours gzip", "pg_dump | gzip -6", "0.55");
        ratio(best, "ours gzip", "pg_dump -Fd -j2", "0.95");
        ratio(best, "ours zstd", "pg_dump | zstd -3 -T2", "0.75");
        ratio(best, "ours restore", "pg_restore -j2", "0.95");
        shell("psql -Xqc 'DROP DATABASE IF EXISTS " + RESTORED + "' \"$SERVER\"", work);
        return 0;
    }

    private Best measured(String command) throws Exception {
        Path out = work.resolve("out");
        // What the round before left to write is not this one's.
        shell("psql -Xqc 'DROP DATABASE IF EXISTS " + RESTORED + "' -c CHECKPOINT \"$SERVER\"", out);
        double server = serverSeconds();
        long start = System.nanoTime();
        shell("TIMEFORMAT='%U %S'; { time { " + command + "; } 2>&1; } 2>$TIMES", out);
        double seconds = (System.nanoTime() - start) / 1e9;
        double client = Stream.of(Files.readString(work.resolve("times")).strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .sum();
        return new Best(seconds, client, serverSeconds() - server, delete(out));
    }

    /** Of the server's sessions that have ended; not a number if the server is elsewhere. */
    private double serverSeconds() throws Exception {
        String pid = output("psql -XAtc \"SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)\" \"$SERVER\"");
        Path stat = Path.of("/proc", pid.isEmpty() ? "none" : pid, "stat");
        if (!Files.isReadable(stat) || !Files.readString(stat).contains("postgres")) return Double.NaN;
        String[] fields = Files.readString(stat).replaceFirst("(?s).*\\) ", "").split(" ");
        return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / 100.0;
    }

    private static String line(String name, Best one) {
        return String.format(
                Locale.ROOT,
                "%-24s %8.1f %10.1f %10.1f %6.0f",
                name,
                one.seconds,
                one.client,
                one.server,
                one.bytes / 1e6);
    }

    private static void ratio(Map<String, Best> best, String ours, String peer, String bar) {
        if (!best.containsKey(ours) || !best.containsKey(peer)) return;
        Best one = best.get(ours);
        Best other = best.get(peer);
        System.out.printf(
                Locale.ROOT,
                "%s / %s = %.2f (bar %s), by processor seconds %.2f%n",
                ours,
                peer,
                one.seconds / other.seconds,
                bar,
                (one.client + one.server) / (other.client + other.server));
    }

    private void prepare() throws Exception {
        long rows = Math.round(gigabytes * 1e9 / BYTES_OF_TWO_ROWS);
        Path sql = work.resolve("backup.sql");
        Files.createDirectory(work.resolve("dumps"));
        try (InputStream in = BenchBackup.class.getResourceAsStream("/backup.sql")) {
            Files.copy(in, sql);
        }
        String there = output("psql -XAtc \"SELECT count(*) FROM pg_database WHERE datname = '" + DATABASE + "_" + rows
                + "'\" " + quoted(url));
        if (!there.equals("1")) fill(rows, sql);
        // What comes before anything is measured: JBang builds the scripts, the second runs leave their classes for the
        // later ones, and pg_restore gets its dump.
        shell("pg_dump -Fd -j2 -f $DUMPS/pg_dump \"$DB\"", work);
        shell(jbang + " avdaily-backup create --dir $DUMPS/learning", work);
        shell(jbang + " avdaily-backup create --dir $DUMPS/ours", work);
        for (int run = 1; run <= 2; run++) {
            shell("psql -Xqc 'DROP DATABASE IF EXISTS " + RESTORED + "' \"$SERVER\"", work);
            shell(restore(), work);
        }
    }

    private void fill(long rows, Path sql) throws Exception {
        System.err.println("Making " + DATABASE + "_" + rows + " with twice " + rows + " rows...");
        shell(
                "psql -Xqc 'CREATE DATABASE " + DATABASE + "_" + rows + "' " + quoted(url)
                        + " && psql -Xq -v ON_ERROR_STOP=1 -v rows=" + rows + " -f " + sql + " \"$DB\"",
                work);
    }

    private String database(String name) {
        return url.replaceFirst("(://[^/]*)(/[^?]*)?", "$1/" + name);
    }

    private static String quoted(String text) {
        return "'" + text + "'";
    }

    private ProcessBuilder builder(String command, Path out) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", command);
        String full = database(DATABASE + "_" + Math.round(gigabytes * 1e9 / BYTES_OF_TWO_ROWS));
        builder.environment()
                .putAll(Map.of(
                        "DB",
                        full,
                        "DATABASE_URL",
                        full,
                        "SERVER",
                        url,
                        "RESTORED",
                        database(RESTORED),
                        "DUMPS",
                        work.resolve("dumps").toString(),
                        "TIMES",
                        work.resolve("times").toString(),
                        "OUT",
                        out.toString()));
        return builder;
    }

    private void shell(String command, Path out) throws Exception {
        File log = work.resolve("log").toFile();
        if (builder(command, out)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start()
                        .waitFor()
                != 0) throw new IOException(command + " failed: " + Files.readString(log.toPath()));
    }

    private String output(String command) throws Exception {
        Process process = builder(command, work).start();
        return new String(process.getInputStream().readAllBytes()).strip();
    }

    /** Deletes the tree and says how many bytes were in it. */
    private static long delete(Path tree) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.forEach(all::add);
        }
        long bytes = 0;
        for (int i = all.size() - 1; i >= 0; i--) {
            if (Files.isRegularFile(all.get(i))) bytes += Files.size(all.get(i));
            Files.delete(all.get(i));
        }
        return bytes;
    }
}
