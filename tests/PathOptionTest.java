import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every option that takes a file or a folder, with what is none, or cannot be read or written: the user is told which
 * one, in words, before anything is done.
 */
class PathOptionTest extends ScriptTest {
    private static final Pattern OPTION = Pattern.compile("(--[a-z-]+)=(?:FILE|DIR|KEYFILE|PATH|PLACE)\\b");
    private static final Pattern ARGUMENT =
            Pattern.compile("(?m)^ +\\[?(FILE|DIR|FIRST|SECOND)(?:\\.\\.\\.)?]? {2,}\\S");

    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";

    /** To be read: a folder, a file that is not UTF-8, one that is not there, one below a file. */
    private static final List<String> READ_FILE = List.of("folder", "latin", "nowhere", "file/below");

    private static final List<String> READ_FOLDER = List.of("file", "nowhere", "file/below");
    /** To be written; the last one stands for a folder that nobody may write to. */
    private static final List<String> WRITTEN_FILE = List.of("folder", "nowhere/new", "file/below", sealed() + "/new");

    private static final List<String> WRITTEN_FOLDER = List.of("file", "file/below", sealed() + "/new");

    /** The star stands for the value. */
    private record Use(String line, List<String> values) {}

    private static final List<Use> USES = List.of(
            new Use("backup create --dir *", WRITTEN_FOLDER),
            new Use("backup create --also *", WRITTEN_FOLDER),
            new Use("backup create --to *", WRITTEN_FOLDER),
            new Use("backup create --masked --seeds *", READ_FOLDER),
            new Use("backup list --dir *", List.of("file", "file/below")),
            new Use("backup info --dir *", READ_FOLDER),
            new Use("backup info *", READ_FILE),
            new Use("backup prune --keep-last 1 --yes --dir *", List.of("file", "file/below")),
            new Use("backup verify --dir *", READ_FOLDER),
            new Use("backup verify *", List.of("folder", "nowhere", "file/below")),
            new Use("backup verify SEALED --identity *", READ_FILE),
            new Use("backup info SEALED --identity *", READ_FILE),
            new Use("backup compare SEALED PLAIN --identity *", READ_FILE),
            new Use("backup compare * PLAIN", READ_FILE),
            new Use("backup compare --dir * one two", READ_FOLDER),
            new Use("db init *", WRITTEN_FOLDER),
            new Use("deploy approve *", READ_FILE),
            new Use("deploy approve plan.json --migrations *", READ_FOLDER),
            new Use("deploy plan development --out *", WRITTEN_FILE),
            new Use("deploy plan development -o p.json --markdown *", WRITTEN_FILE),
            new Use("deploy plan development -o p.json --seed --seeds *", READ_FOLDER),
            new Use("deploy plan development -o p.json --migrations *", READ_FOLDER),
            new Use("deploy development --yes --plan *", READ_FILE),
            new Use("deploy development --yes --markdown *", WRITTEN_FILE),
            new Use("deploy development --yes --migrations *", READ_FOLDER),
            new Use("deploy development --yes --seed --seeds *", READ_FOLDER),
            new Use("deploy rollback development --out *", WRITTEN_FILE),
            new Use("deploy rollback development --plan *", READ_FILE),
            new Use("deploy rollback development --dry-run --migrations *", READ_FOLDER),
            new Use("integrity check --baseline *", READ_FILE),
            new Use("integrity check --rules *", List.of("latin", "nowhere")),
            new Use("integrity report --out *", WRITTEN_FILE),
            new Use("integrity fix --dry-run --baseline *", READ_FILE),
            new Use("migrate status --migrations *", READ_FOLDER),
            new Use("migrate status --config *", READ_FILE),
            new Use("migrate status --env-file *", READ_FILE),
            new Use("migrate new thing --migrations *", WRITTEN_FOLDER),
            new Use("migrate lint *", List.of("folder", "latin", "nowhere", "file/below")),
            new Use("migrate generate thing --migrations *", READ_FOLDER),
            new Use("monitor --out *", WRITTEN_FILE),
            new Use("monitor --migrations *", READ_FOLDER),
            new Use("restore * --yes", READ_FILE),
            new Use("restore --latest --yes --dir *", READ_FOLDER),
            new Use("restore SEALED --yes --identity *", READ_FILE),
            new Use("restore PLAIN --table a --dry-run --filter *", READ_FILE),
            new Use("seed --seeds *", READ_FOLDER),
            new Use("seed export --out *", WRITTEN_FOLDER),
            new Use("seed export --out fresh --seeds *", READ_FOLDER),
            new Use("seed generate --yes --recipe *", READ_FILE),
            new Use(
                    "seed generate --yes --users 1 --defects BIZ-01=1 --config avdailys.yaml --manifest *",
                    WRITTEN_FILE),
            new Use("seed recipe --from-database --out *", WRITTEN_FILE),
            new Use("studio --out *", WRITTEN_FOLDER),
            new Use("studio --out pages --migrations *", READ_FOLDER));

    private final Path folder = TestServer.temporary("repository");
    private String plain;
    private String sealed;

    /** A folder into which nobody can put anything; root, whom no permission stops, finds one on Linux alone. */
    private static String sealed() {
        try {
            Path sealed = TestServer.temporary("sealed");
            assertTrue(sealed.toFile().setWritable(false));
            return Files.isWritable(sealed) ? "/sys" : sealed.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsNoFileOrFolderIsNamedInWords() throws IOException {
        DatabaseUrl db = project();
        String before = schema(db);
        List<String> wrong = new ArrayList<>();
        for (Use use : USES)
            for (String value : use.values) {
                DatabaseUrl filled = use.line.contains("--manifest") ? migrated() : db;
                Run run = at(filled, words(use.line, value)).run();
                if (!isSaidInWords(run, value.replaceFirst("/(below|new)$", "")))
                    wrong.add(use.line.replace("*", value) + "\n" + run.code() + " " + run.err());
            }
        assertEquals(List.of(), wrong);
        assertEquals(before, schema(db));
        for (String file : List.of("folder", "nowhere", "latin"))
            command("migrate", "status")
                    .with("DATABASE_URL_FILE", file)
                    .in(folder)
                    .run()
                    .expect(2, file);
    }

    private static boolean isSaidInWords(Run run, String name) {
        return Set.of(2, 24, 25).contains(run.code())
                && run.err().contains(name)
                && run.err().contains("Go on: ")
                && !run.err().matches("(?s).*(Exception|java\\.|avdaily\\.\\w+\\.[A-Z]|\\.new\\b|--verbose to see).*");
    }

    private DatabaseUrl project() throws IOException {
        write(folder.resolve("file"), "no folder\n");
        write(folder.resolve("folder/in.txt"), "a: b\n");
        write(folder.resolve("avdailys.yaml"), "name: avdaily\n");
        Files.write(folder.resolve("latin"), new byte[] {'-', ' ', '{', 'a', ':', ' ', (byte) 0xE4, '}', '\n'});
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;\n");
        DatabaseUrl db = TestServer.newDatabase();
        at(db, "deploy development --yes").run().expect(0);
        at(db, "deploy plan development -o plan.json").run().expect(0);
        plain = backup(db, "");
        sealed = backup(db, " --encrypt-to " + RECIPIENT);
        write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b ();\n"); // there is something to deploy
        return db;
    }

    private String backup(DatabaseUrl db, String options) {
        return at(db, "backup create --json" + options)
                .run()
                .expect(0)
                .json()
                .get("file")
                .asText();
    }

    private List<String> words(String line, String value) {
        return Stream.of(line.split(" "))
                .map(word -> switch (word) {
                    case "*" -> value;
                    case "PLAIN" -> plain;
                    case "SEALED" -> sealed;
                    default -> word;
                })
                .toList();
    }

    private Command at(DatabaseUrl db, String line) {
        return at(db, words(line, "*"));
    }

    private Command at(DatabaseUrl db, List<String> words) {
        return command(db, words.get(0), words.subList(1, words.size()).toArray(String[]::new))
                .in(folder)
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("AVDAILY_ENV", "development")
                .with("DB_RESTORE_CONFIRM", "1");
    }

    /** As the help tells it; an option that several commands have is tried with one of each script at least. */
    @Test
    void noneIsLeftOut() {
        Set<String> there = new TreeSet<>();
        CommandHelp.all().forEach((command, help) -> {
            String script = command.replaceFirst(" .*", "");
            OPTION.matcher(help).results().forEach(option -> there.add(script + " " + option.group(1)));
            ARGUMENT.matcher(help).results().forEach(argument -> there.add(command + " *"));
        });
        there.removeIf(use -> use.matches("(?!migrate).* --(config|env-file)")); // those of every command
        Set<String> tried = new TreeSet<>();
        for (Use use : USES) {
            String words = use.line.replaceFirst("(--\\S+) \\*", "$1=*");
            Stream.of(words.split(" "))
                    .filter(word -> word.endsWith("*"))
                    .forEach(word -> tried.add(name(words, word)));
        }
        assertEquals(there, tried);
    }

    private static String name(String line, String word) {
        String script = line.substring(0, line.indexOf(' '));
        if (word.startsWith("--")) return script + " " + word.replace("=*", "");
        String command = line.replaceFirst(" \\*.*", "");
        return command + " *";
    }

    /** A variable that the shell does not have is an empty word, and not the working directory. */
    @Test
    void anEmptyWordIsRefused() throws IOException {
        DatabaseUrl db = project();
        List<String> before = files();
        for (Use use : USES) {
            Run run = at(db, words(use.line, "")).run().expect(2, "Go on: ");
            assertTrue(
                    run.err().matches("(?s).*(it is empty|argument at index \\d+: '').*"), use.line + "\n" + run.err());
        }
        command(db, "backup", "create")
                .in(folder)
                .with("BACKUP_ENCRYPT_TO", " ")
                .run()
                .expect(2, "BACKUP_ENCRYPT_TO is empty");
        command("migrate", "status").with("DATABASE_URL_FILE", "").run().expect(2, "DATABASE_URL_FILE is empty");
        command(db, "integrity", "check", "--only", ",").run().expect(2, "--only", "it names nothing");
        command(db, "seed", "export", "--tables", " , ,").run().expect(2, "--tables");
        command(db, "backup", "--jobs", "four").run().expect(2, "'four' is no whole number");
        command(db, "migrate", "status").with("PGPASSWORD_FILE", "").run().expect(2, "PGPASSWORD_FILE is empty");
        assertEquals(before, files());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.map(Path::toString).sorted().toList();
        }
    }
}
