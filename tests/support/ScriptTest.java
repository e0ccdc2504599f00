import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.backup.BackupFile;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs a script, and looks at exit code, output and the database's real state. A script runs in this process, as long
 * as the test does not need one of its own: to kill it, to give it variables that the Java machine reads, or options.
 */
abstract class ScriptTest extends DatabaseAccess {
    private static final int DEADLINE_SECONDS = 600;

    @SuppressWarnings("auxiliaryclass") // a script's file is called as its command, not as its class
    private static final Map<String, Supplier<Script>> SCRIPTS = Map.ofEntries(
            entry("backup", Backup::new),
            entry("db", Db::new),
            entry("deploy", Deploy::new),
            entry("integrity", Integrity::new),
            entry("migrate", Migrate::new),
            entry("monitor", Monitor::new),
            entry("restore", Restore::new),
            entry("seed", Seed::new),
            entry("studio", Studio::new));
    /** Variables that the Java machine reads: they need a process. */
    private static final Set<String> OF_THE_PROCESS =
            Set.of("JAVA_TOOL_OPTIONS", "TZ", "LANG", "LC_ALL", "HOME");

    /** Variables of whoever runs the tests that the scripts must not see. */
    private static final String FILTERED = "(AVDAILY|DB|PG|BACKUP)_?.*|DATABASE_URL|NODE_ENV|NO_COLOR|TEST_.*";

    /** The project's folder: the one that has the catalog. */
    static final Path PROJECT = Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
            .takeWhile(folder -> folder != null)
            .filter(folder -> Files.exists(folder.resolve("jbang-catalog.json")))
            .findFirst()
            .orElseThrow();

    /** Of every command that names no other. */
    static final Path HOME = TestServer.temporary("home");

    static {
        write(HOME.resolve("server"), "a file in place of its folder: no local server may start by accident\n");
    }

    private static final ObjectMapper ONE_DOCUMENT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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

        /** Standard output must hold {@code words}. */
        Run says(String... words) {
            for (String word : words)
                assertTrue(out.contains(word), () -> "'" + word + "' is not in:\n" + out + "\nstandard error:\n" + err);
            return this;
        }

        /** Words of standard error. */
        Run notes(String... words) {
            for (String word : words) assertTrue(err.contains(word), () -> "'" + word + "' is not in:\n" + err);
            return this;
        }

        JsonNode json() {
            try {
                return ONE_DOCUMENT.readTree(out);
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
        private List<String> watcher = List.of();

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
            environment.put("AVDAILY_HOME", HOME.toString());
        }

        /** Adds words to the command line. */
        Command and(String... words) {
            arguments.addAll(List.of(words));
            return this;
        }

        Command with(String name, String value) {
            environment.put(name, value);
            return this;
        }

        Command without(String name) {
            environment.remove(name);
            return this;
        }

        Command in(Path folder) {
            this.folder = folder;
            return this;
        }

        /** Runs it in a Java machine of its own, as a user does. */
        Command asProcess() {
            isProcess = true;
            return this;
        }

        /** Runs it as a process under another program, such as strace, whose words these are. */
        Command under(List<String> watcher) {
            this.watcher = watcher;
            return asProcess();
        }

        /** The words that start it as a process. */
        private List<String> words() {
            if (script == null) return arguments;
            List<String> words = new ArrayList<>(watcher);
            words.addAll(List.of(
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

        /** What {@link SharedTerminal} needs to run it. */
        Map<String, Object> order() {
            return Map.of(
                    "script", script, "arguments", arguments, "variables", variables(), "folder", folder.toString());
        }

        /** The process on a terminal, whose keyboard and screen are its streams; {@link Terminal} starts it. */
        ProcessBuilder onTerminal() {
            String line = words().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
            return builder(List.of("script", "-qfec", line, "/dev/null"));
        }

        private ProcessBuilder builder(List<String> words) {
            ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
            builder.environment().clear();
            builder.environment().putAll(variables());
            return builder;
        }

        /** Starts it as a process, without input, and does not wait for it. */
        Process start(Path out, Path err) {
            try {
                return builder(words())
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
            } catch (IOException e) {
                return fail(e);
            }
        }

        /** Runs it to its end. */
        Run run() {
            boolean needsProcess = isProcess || environment.keySet().stream().anyMatch(OF_THE_PROCESS::contains);
            return needsProcess ? runProcess() : runHere();
        }

        private Run runHere() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Out console = Out.to(out, err, arguments);
            int code = Script.run(
                    SCRIPTS.get(script).get(),
                    console,
                    new Settings(variables(), folder),
                    arguments.toArray(String[]::new));
            return checked(new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8)));
        }

        private Run checked(Run run) {
            JsonSchema.mustFit(script, arguments, run.out);
            return run;
        }

        private Run runProcess() {
            try {
                Path out = Files.createTempFile("out", ".txt");
                Path err = Files.createTempFile("err", ".txt");
                Process process = start(out, err);
                if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    fail("it hangs: " + words() + "\n" + Files.readString(out) + Files.readString(err));
                }
                Run run = new Run(process.exitValue(), Files.readString(out), Files.readString(err));
                Files.delete(out);
                Files.delete(err);
                return script == null ? run : checked(run);
            } catch (IOException | InterruptedException e) {
                return fail(e);
            }
        }
    }

    /** A script's own object, as its {@code main} makes it. */
    static Script script(String name) {
        return SCRIPTS.get(name).get();
    }

    /** {@code command("migrate", "up")}: the script without a database. */
    static Command command(String script, String... arguments) {
        return new Command(script, List.of(arguments), List.of());
    }

    /** The script in a Java machine with these options. */
    static Command command(List<String> javaOptions, String script, String... arguments) {
        return new Command(script, List.of(arguments), javaOptions);
    }

    /** The classes that a deployment loads, archived once: each process starts as fast as JBang starts a script. */
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

    /** A new database with all migrations. */
    static DatabaseUrl migrated() {
        return TestServer.newDatabase(Migrated.DATABASE);
    }

    /** The migrations run once; each test gets a copy. */
    private static final class Migrated {
        static final String DATABASE;

        static {
            DatabaseUrl db = TestServer.newDatabase();
            run(db, "migrate", "up", "--yes").expect(0);
            DATABASE = db.database();
        }
    }

    /** Where a backup of a folder lies. */
    static Path path(BackupFile file) {
        return Path.of(file.place());
    }

    static Path metadataPath(BackupFile file) {
        return path(file).resolveSibling(file.metadataName());
    }

    static Path checksumPath(BackupFile file) {
        return path(file).resolveSibling(file.checksumName());
    }

    /** Skips the test, with the program's name, where one of these is not installed. */
    static void needs(String... programs) {
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        for (String program : programs)
            assumeTrue(
                    folders.stream().anyMatch(folder -> Files.isExecutable(Path.of(folder, program))),
                    program + " is not installed");
    }

    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            fail(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return fail(e);
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
}
