///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -Xlog:disable
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//FILES integrity.sql

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures a full and a quick avdaily-integrity check, in turns, on the same database, against psql that counts with
 * the same queries one after another. Needs psql.
 */
@Command(
        name = "bench-integrity",
        mixinStandardHelpOptions = true,
        description = "Times avdaily-integrity check and quick, and psql with the same queries, in turns, on the same "
                + "database.")
class BenchIntegrity implements Callable<Integer> {
    @Option(
            names = "--url",
            required = true,
            description = "A server where the role may create a database; PGPASSWORD holds its password.")
    String url;

    @Option(
            names = "--rows",
            defaultValue = "10000000",
            description = "How many transactions (default: ${DEFAULT-VALUE}).")
    long rows;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is measured; the best counts (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--heap",
            defaultValue = "256m",
            description = "The most memory that ours may have (default: ${DEFAULT-VALUE}).")
    String heap;

    private static final String DATABASE = "avdaily_bench_integrity";

    private final Path work = Files.createTempDirectory("bench");
    private final Path jbang = Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .map(folder -> folder.resolve("jbang"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("run this in a folder of the project"));

    BenchIntegrity() throws IOException {}

    public static void main(String... args) throws IOException {
        System.exit(new CommandLine(new BenchIntegrity()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        prepare();
        String ours =
                jbang + " --runtime-option=-Xmx" + heap + " " + jbang.resolveSibling("scripts/integrity.java") + " ";
        Map<String, String> contestants = new LinkedHashMap<>();
        contestants.put("psql", "psql -Xq -v ON_ERROR_STOP=1 -f queries.sql \"$DB\"");
        contestants.put("ours full", ours + "check --json --fail-on info > full.json; [ $? = 0 -o $? = 22 ]");
        contestants.put("ours quick", ours + "quick --json --fail-on info > quick.json; [ $? = 0 -o $? = 22 ]");
        shell(contestants.get("ours full")); // gives the queries, and warms up the database and JBang
        Files.write(work.resolve("queries.sql"), queries());
        Map<String, Double> best = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++)
            for (Map.Entry<String, String> contestant : contestants.entrySet()) {
                long start = System.nanoTime();
                shell(contestant.getValue());
                double seconds = (System.nanoTime() - start) / 1e9;
                best.merge(contestant.getKey(), seconds, Math::min);
                System.err.printf(Locale.ROOT, "  round %d  %-12s %6.1f s%n", round, contestant.getKey(), seconds);
            }
        System.out.printf(
                Locale.ROOT,
                "%nours full / psql = %.2f (bar 0.30)%nours quick / ours full = %.2f (bar 0.15)%n",
                best.get("ours full") / best.get("psql"),
                best.get("ours quick") / best.get("ours full"));
        slowest("full.json");
        slowest("quick.json");
        return 0;
    }

    private void prepare() throws Exception {
        try (InputStream in = BenchIntegrity.class.getResourceAsStream("/integrity.sql")) {
            Files.copy(in, work.resolve("integrity.sql"));
        }
        if (output("psql -XAtc \"SELECT count(*) FROM pg_database WHERE datname = '" + DATABASE + "_" + rows
                        + "'\" \"$SERVER\"")
                .equals("1")) return;
        System.err.println("Making " + DATABASE + "_" + rows + "...");
        shell("psql -Xqc 'CREATE DATABASE " + DATABASE + "_" + rows + "' \"$SERVER\" && " + jbang + " "
                + jbang.resolveSibling("scripts/migrate.java") + " up --env testing --yes && psql -Xq -v rows=" + rows
                + " -f integrity.sql \"$DB\"");
    }

    /** The queries of the rules that the full check ran. */
    private List<String> queries() throws IOException {
        return rules("full.json")
                .filter(rule -> !rule.get("outcome").asText().matches("skipped|error"))
                .map(rule -> "SELECT count(*) FROM (" + rule.get("query").asText() + "\n) q;")
                .toList();
    }

    private Stream<JsonNode> rules(String file) throws IOException {
        JsonNode rules =
                new ObjectMapper().readTree(work.resolve(file).toFile()).get("rules");
        return StreamSupport.stream(rules.spliterator(), false);
    }

    private void slowest(String file) throws IOException {
        System.out.println("\nSlowest in " + file + ":");
        rules(file)
                .sorted((a, b) -> b.get("durationMillis").asInt() - a.get("durationMillis").asInt())
                .limit(12)
                .forEach(rule -> System.out.printf(
                        Locale.ROOT,
                        "  %-40s %6d ms  %s%n",
                        rule.get("id").asText(),
                        rule.get("durationMillis").asInt(),
                        rule.get("outcome").asText()));
    }

    private ProcessBuilder builder(String command) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).directory(work.toFile());
        String db = url.replaceFirst("(://[^/]*)(/[^?]*)?", "$1/" + DATABASE + "_" + rows);
        builder.environment().putAll(Map.of("DB", db, "DATABASE_URL", db, "SERVER", url));
        return builder;
    }

    private void shell(String command) throws Exception {
        File log = work.resolve("log").toFile();
        if (builder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start()
                        .waitFor()
                != 0) throw new IOException(command + " failed: " + Files.readString(log.toPath()));
    }

    private String output(String command) throws Exception {
        return new String(builder(command).start().getInputStream().readAllBytes()).strip();
    }
}
