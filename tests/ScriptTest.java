import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What the tests share: run a script as a process of its own, then look at exit code, output, and the database's real
 * state.
 */
abstract class ScriptTest {
    private static final int MOST_SECONDS = 180;
    private static final Map<String, Supplier<Object>> SCRIPTS = Map.of(
            "db",
            Db::new,
            "migrate",
            Migrate::new,
            "seed",
            Seed::new,
            "deploy",
            Deploy::new,
            "backup",
            Backup::new,
            "restore",
            Restore::new,
            "integrity",
            Integrity::new,
            "monitor",
            Monitor::new);
    /** Variables that the Java machine or the driver reads by itself: they need a process of their own. */
    private static final Set<String> OF_THE_PROCESS =
            Set.of("JAVA_TOOL_OPTIONS", "TZ", "LANG", "LC_ALL", "PGPASSFILE", "HOME");

    private static final String FILTERED = "(AVDAILY|DB|PG|BACKUP)_?.*|DATABASE_URL|NODE_ENV|NO_COLOR|TEST_.*";

    /** The project's folder: the one that has the catalog. */
    static final Path PROJECT = Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
            .takeWhile(folder -> folder != null)
            .filter(folder -> Files.exists(folder.resolve("jbang-catalog.json")))
            .findFirst()
            .orElseThrow();

    /** How a run ended. */
    record Run(int code, String out, String err) {
        Run expect(int code) {
            assertEquals(code, this.code, () -> "exit code; standard output:\n" + out + "\nstandard error:\n" + err);
            return this;
        }

        /** The run must have ended with {@code code} and two lines on standard error that hold {@code words}. */
        Run expect(int code, String... words) {
            expect(code);
            List<String> lines = err.strip().lines().toList();
            assertTrue(
                    lines.size() >= 2 && lines.get(lines.size() - 1).startsWith("Go on: "),
                    () -> "no way on in:\n" + err);
            for (String word : words) assertTrue(err.contains(word), () -> "'" + word + "' is not in:\n" + err);
            return this;
        }

        Run says(String... words) {
            for (String word : words)
                assertTrue(out.contains(word), () -> "'" + word + "' is not in:\n" + out + "\nstandard error:\n" + err);
            return this;
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                return fail("standard output is not one JSON document:\n" + out, e);
            }
        }
    }

    /** A script's command line, to be run with an environment of its own. */
    static final class Command {
        private final String script;
        private final List<String> arguments;
        private final List<String> javaOptions;
        private final Map<String, String> environment = new HashMap<>();
        private Path folder = TestServer.temporary("work");
        private boolean isProcess;

        /** Another program than a script. */
        Command(List<String> words) {
            this(null, words, List.of());
        }

        private Command(String script, List<String> arguments, List<String> javaOptions) {
            this.script = script;
            this.arguments = new ArrayList<>(arguments);
            this.javaOptions = javaOptions;
            this.isProcess = script == null || !javaOptions.isEmpty();
            environment.put("AVDAILY_LOCK_ATTEMPTS", "3");
            environment.put("AVDAILY_HOME", "/nonexistent/avdaily"); // nothing may start a local server by accident
        }

        Command with(String name, String value) {
            environment.put(name, value);
            return this;
        }

        Command in(Path folder) {
            this.folder = folder;
            return this;
        }

        /** With further arguments behind the others. */
        Command and(String... further) {
            arguments.addAll(List.of(further));
            return this;
        }

        /** In a Java machine of its own, as a user runs it. */
        Command asProcess() {
            isProcess = true;
            return this;
        }

        /** The words that start it as a process. */
        List<String> words() {
            if (script == null) return arguments;
            List<String> words = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xlog:disable"));
            words.addAll(javaOptions.isEmpty() ? List.of("-XX:SharedArchiveFile=" + Archive.FILE) : javaOptions);
            words.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    SCRIPTS.get(script).get().getClass().getName()));
            words.addAll(arguments);
            return words;
        }

        private Map<String, String> variables() {
            Map<String, String> variables = new HashMap<>(System.getenv());
            variables.keySet().removeIf(name -> name.matches(FILTERED));
            variables.putAll(environment);
            return variables;
        }

        Process start(Path out, Path err) {
            ProcessBuilder builder = new ProcessBuilder(words())
                    .directory(folder.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(variables());
            try {
                return builder.start();
            } catch (IOException e) {
                return fail(e);
            }
        }

        Run run() {
            boolean needsProcess = isProcess || environment.keySet().stream().anyMatch(OF_THE_PROCESS::contains);
            return needsProcess ? runProcess() : runHere();
        }

        private Run runHere() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Out console = Out.to(out, err, arguments.contains("--json"), arguments.contains("--verbose"));
            int code = Script.run(
                    SCRIPTS.get(script).get(),
                    console,
                    new Settings(variables(), folder),
                    arguments.toArray(String[]::new));
            return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }

        private Run runProcess() {
            try {
                Path out = Files.createTempFile("out", ".txt");
                Path err = Files.createTempFile("err", ".txt");
                Process process = start(out, err);
                if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    fail("it hangs: " + words() + "\n" + Files.readString(out) + Files.readString(err));
                }
                Run run = new Run(process.exitValue(), Files.readString(out), Files.readString(err));
                Files.delete(out);
                Files.delete(err);
                return run;
            } catch (IOException | InterruptedException e) {
                return fail(e);
            }
        }
    }

    /** {@code command("migrate", "up")}: the script without a database. */
    static Command command(String script, String... arguments) {
        return new Command(script, List.of(arguments), List.of());
    }

    /** The script in a Java machine with options of its own. */
    static Command command(List<String> javaOptions, String script, String... arguments) {
        return new Command(script, List.of(arguments), javaOptions);
    }

    /**
     * The classes that a deployment loads, archived once, so that each process starts as fast as JBang starts a script
     * with //CDS.
     */
    private static final class Archive {
        static final Path FILE = TestServer.temporary("classes").resolve("scripts.jsa");

        static {
            command(List.of("-XX:ArchiveClassesAtExit=" + FILE), "deploy", "development", "--seed", "--yes")
                    .with("DATABASE_URL", TestServer.newDatabase().withPassword())
                    .run()
                    .expect(0);
        }
    }

    static Command command(DatabaseUrl db, String script, String... arguments) {
        return command(script, arguments).with("DATABASE_URL", db.withPassword());
    }

    static Run run(DatabaseUrl db, String script, String... arguments) {
        return command(db, script, arguments).run();
    }

    /** A database with all migrations. */
    static DatabaseUrl migrated() {
        return TestServer.newDatabase(Migrated.DATABASE);
    }

    /** They are run once; each test gets a copy. */
    private static final class Migrated {
        static final String DATABASE;

        static {
            DatabaseUrl db = TestServer.newDatabase();
            run(db, "migrate", "up", "--yes").expect(0);
            DATABASE = db.database();
        }
    }

    static void execute(DatabaseUrl db, String... statements) {
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            for (String statement : statements) s.execute(statement);
        } catch (SQLException e) {
            fail(e);
        }
    }

    /** The first value of a query as text; "null" for none. */
    static String value(DatabaseUrl db, String sql) {
        return values(db, sql).stream().map(String::valueOf).findFirst().orElse("null");
    }

    static List<String> values(DatabaseUrl db, String sql) {
        try (Connection c = TestServer.connect(db)) {
            return Database.list(c, sql, row -> row.getString(1));
        } catch (SQLException e) {
            return fail(e);
        }
    }

    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            fail(e);
        }
    }

    static void copy(Path from, Path to) {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) Files.createDirectories(target);
                else Files.copy(path, target);
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    /**
     * Every table, column, constraint, index and comment outside the collection's own schema, and the history's rows on
     * request.
     */
    static String schema(DatabaseUrl db) {
        return String.join(
                "\n",
                values(
                        db,
                        """
                WITH t AS (SELECT c.oid, c.oid::regclass::text AS name, relkind, relacl FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
                             AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname IN ('information_schema', 'avdaily_ops')))
                SELECT concat_ws(' ', relkind, name, relacl::text, obj_description(oid, 'pg_class')) FROM t
                UNION ALL SELECT concat_ws(' ', 'column', name, lpad(row_number() OVER (PARTITION BY t.oid ORDER BY attnum)::text, 3, '0'), attname,
                                           format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid), col_description(t.oid, attnum))
                  FROM t JOIN pg_attribute a ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                UNION ALL SELECT concat_ws(' ', 'constraint', name, conname, pg_get_constraintdef(k.oid)) FROM t JOIN pg_constraint k ON k.conrelid = t.oid
                UNION ALL SELECT concat_ws(' ', 'index', name, pg_get_indexdef(indexrelid)) FROM t JOIN pg_index ON indrelid = t.oid
                ORDER BY 1"""));
    }

    /** A checksum of every row of every table, and of when it was written. */
    static String rows(DatabaseUrl db) {
        StringBuilder all = new StringBuilder();
        for (String table : values(
                db,
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"))
            all.append(table)
                    .append(' ')
                    .append(value(
                            db,
                            "SELECT count(*) || ' ' || md5(coalesce(string_agg(xmin::text || t::text, '|' ORDER BY t::text), '')) FROM "
                                    + table + " t"))
                    .append('\n');
        return all.toString();
    }
}
