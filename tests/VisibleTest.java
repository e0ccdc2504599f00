import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Visible;
import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** Names and values of a database are text wherever they are shown, and never commands. */
class VisibleTest extends ScriptTest {
    /** A line of its own, a forged command, colour, a C1 control, a turned direction. */
    private static final String HOSTILE = "a\n::error::forged\r\n  ::stop-commands::x\u001b[31mred\u009b1m\u202eback";

    private static final String IN_SQL =
            "U&'a\\000A::error::forged\\000D\\000A  ::stop-commands::x\\001B[31mred\\009B1m\\202Eback'";
    private static final String AS_NAME = IN_SQL.replaceFirst("'", "\"").replaceFirst("'$", "\"");

    private static final String SHOWN =
            "a\\n::error::forged\\r\\n  ::stop-commands::x\\u001b[31mred\\u009b1m\\u202eback";

    /** Nothing in the text acts: on a terminal, on the reader's eye, on the system that runs the job. */
    private static void assertInert(String text) {
        text.chars()
                .filter(c -> c != '\n')
                .forEach(c -> assertFalse(
                        Character.isISOControl(c) || c == 0x202e, () -> Integer.toHexString(c) + " is in:\n" + text));
        for (String line : text.lines().toList())
            assertFalse(line.strip().startsWith("::"), () -> line + "\nin:\n" + text);
    }

    private static void assertShown(Run run) {
        assertInert(run.out());
        assertInert(run.err());
        assertTrue((run.out() + run.err()).contains(SHOWN), run.out() + run.err());
    }

    @Test
    void textIsMadeFitToBeLookedAt() {
        assertEquals(SHOWN, Visible.line(HOSTILE));
        assertEquals(
                "\\u003a:error::a\tb \\u0023#vso[task] é 😀 ##",
                Visible.line("::error::a\tb ##vso[task] é 😀 ##"));
        assertEquals("a\n \\u003a:set-output::b\\u001b", Visible.lines("a\n ::set-output::b\u001b"));
        assertEquals("a::b c:: d", Visible.lines("a::b c:: d"));
    }

    @Test
    void rowsAndNamesAreTextInEveryReport() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE owner (id text PRIMARY KEY)",
                "CREATE TABLE thing (id text PRIMARY KEY, owner text)",
                "INSERT INTO thing VALUES (" + IN_SQL + ", 'nobody')",
                "ALTER TABLE thing ADD CONSTRAINT " + AS_NAME + " FOREIGN KEY (owner) REFERENCES owner NOT VALID");
        assertShown(command(db, "integrity", "check").run().expect(22));
        for (String format : List.of("text", "html", "junit"))
            assertShown(
                    command(db, "integrity", "report", "--format", format).run().expect(22));
        Path file = TestServer.temporary("report").resolve("report.xml");
        command(db, "integrity", "report", "--out", file.toString()).run().expect(22);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        assertInert(Files.readString(file).replace("\t", " "));
        Run json = command(db, "integrity", "check", "--json").run().expect(22);
        assertInert(json.out());
        assertTrue(json.json().toString().contains("forged"));
        assertTrue(json.json().toString().contains("a\\n::error::forged\\r\\n"), "values stay values");
    }

    @Test
    void namesAreTextInEveryCommand() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE " + AS_NAME + " (id int PRIMARY KEY, email text)",
                "INSERT INTO " + AS_NAME + " VALUES (1, 'a@b.example')",
                "CREATE TABLE plain (email text)");
        Path folder = TestServer.temporary("work");
        for (List<String> words : List.of(
                List.of("seed", "export", "--seeds", folder.resolve("seeds").toString()),
                List.of("migrate", "validate"),
                List.of("integrity", "check"),
                List.of("monitor"),
                List.of("backup", "--verbose"),
                List.of("backup", "list"),
                List.of("backup", "info"),
                List.of("restore", "--latest", "--dry-run"))) {
            Run run = command(db, words.get(0), words.subList(1, words.size()).toArray(String[]::new))
                    .in(folder)
                    .run();
            assertInert(run.out());
            assertInert(run.err());
        }
    }

    /** The metadata lie beside the backup, where somebody else may have written them. */
    @Test
    void whatAFileSaysOfItselfIsText() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("backups");
        Run made = command(db, "backup", "--dir", folder.toString(), "--json")
                .run()
                .expect(0);
        Path metadata = Path.of(made.json().get("file").asText() + ".json");
        Files.writeString(
                metadata,
                Files.readString(metadata)
                        .replace("\"" + db.database() + "\"", "\"x\\u001b[2J\\n::error::forged\\u202e\""));
        Files.delete(Path.of(made.json().get("file").asText() + ".sha256"));
        for (List<String> words :
                List.of(List.of("list"), List.of("info"), List.of("verify"), List.of("prune", "--keep-last", "1"))) {
            Run run = command(db, "backup", words.toArray(String[]::new))
                    .and("--dir", folder.toString())
                    .run();
            assertInert(run.out());
            assertInert(run.err());
        }
    }

    /** A way on that names a file leads to one. */
    @Test
    void filesAreNamedAsTheyAre() {
        Matcher named = Pattern.compile("\\((\\S+\\.yaml) line \\d+\\)")
                .matcher(command("integrity", "rules", "--only", "CON-26")
                        .run()
                        .expect(0)
                        .out());
        assertTrue(named.find());
        assertTrue(Files.exists(PROJECT.resolve(named.group(1))), named.group(1));
        Path file = TestServer.temporary("target").resolve("file");
        write(file, "");
        DatabaseUrl db = TestServer.newDatabase();
        Run run = command(db, "monitor", "--out", file.resolve("report.txt").toString())
                .run()
                .expect(2, file.toString());
        assertFalse(run.err().contains("Exception"), run.err());
    }
}
