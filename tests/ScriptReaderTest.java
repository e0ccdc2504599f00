import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.sql.ScriptReader;
import avdaily.sql.ScriptStatement;
import avdaily.sql.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SQL files are cut into statements as psql cuts them, which is the referee where it is installed. */
class ScriptReaderTest extends DatabaseAccess {
    private static final List<String> CASES = List.of(
            "SELECT 1; SELECT 2",
            "SELECT 'a;b', \"c;d\", $$e;f$$, $x$ $$ ; $y$ ; $x$; SELECT 2;",
            "SELECT 'it''s;', E'it\\'s;', e'\\\\'; SELECT '\\'; SELECT 3;",
            "-- a; comment\n/* another; /* one */ ; */ SELECT 1 -- ; here\n; SELECT /* ; */ 2;",
            "PREPARE p (int) AS SELECT $1; SELECT 1$a$; SELECT a$1; SELECT $1$a$;$a$; SELECT 2;",
            "CREATE FUNCTION f(int, int) RETURNS int LANGUAGE sql RETURN $1 + $2; SELECT 2;",
            "CREATE OR REPLACE FUNCTION f(x int) RETURNS text LANGUAGE sql BEGIN ATOMIC\n"
                    + "  SELECT CASE WHEN x > 0 THEN CASE x WHEN 1 THEN 'one' ELSE 'many' END END; SELECT 'b';\nEND;\n"
                    + "SELECT 2;",
            "CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC END; BEGIN; SELECT 1; END; COMMIT;",
            "CREATE FUNCTION begin_() RETURNS int LANGUAGE sql AS 'SELECT 1; 2'; CREATE TABLE \"begin\" (a int);",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)); SELECT 2;",
            "SELECT U&'d\\0061t;\\+000061', U&\"d;\\0061t\", N'a;', B'1', X'1F', n'b;'; SELECT 2;",
            "SET standard_conforming_strings = off;\nSELECT 'a\\'; b';\nSET standard_conforming_strings TO on;\n"
                    + "SELECT '\\'; SELECT 4;",
            "CREATE TABLE IF NOT EXISTS c (a text);\nCOPY c FROM stdin;\nit's\n$$;\n\\N\n\\.\nSELECT 3;",
            "COPY c (a) FROM STDIN WITH (FORMAT csv); SELECT 'same line';\na\n\"b;\"\n\\.\nSELECT 3;",
            "COPY c FROM stdin;\nno end of rows;",
            "COPY c FROM stdin;\n\\.",
            "SELECT 1;\r\nSELECT 2 -- three\r\n;\r\nSELECT 4;\r\n",
            "\uFEFFSELECT 1; SELECT 'ünï;cödé' AS ä$ö$; SELECT 3;",
            ";;; SELECT 1;; ;SELECT 2;",
            "SELECT 'never closed; SELECT 2;",
            "SELECT $a$ never closed; $b$;",
            "SELECT (1; SELECT 2); SELECT 3;",
            "SELECT 1 +-- ;\n 2; SELECT 3 */* ; */ 4; SELECT a[1:2] FROM (SELECT ARRAY[1] a) s; SELECT 5::text;",
            "SELECT E'a'\n'b;'; SELECT 'a'\n  'b;'; SELECT 3;",
            "select case when true then 1 end; create table x (a int); begin; end;");
    private static final List<String> TOKENS = List.of(
            "'",
            "\"",
            ";",
            "; ",
            "(",
            ")",
            " ",
            "\n",
            "--",
            "/*",
            "*/",
            "$$",
            "$a$",
            "$b$",
            "$1",
            "$",
            "a",
            "E'",
            "U&'",
            "U&\"",
            "N'",
            "X'",
            "1",
            "1e",
            "begin ",
            "atomic ",
            "case ",
            "end ",
            "end",
            "create ",
            "or ",
            "replace ",
            "function ",
            "procedure ",
            "'\\\\'",
            "''",
            "::",
            ":",
            "+",
            "-",
            "*",
            "/",
            "ä",
            "_",
            "[",
            "]",
            "\t",
            "\r\n");
    private static final Pattern QUERY =
            Pattern.compile("(?s)\\*{8,9} QUERY \\*{9,10}/?\\n(.*?)\\n/?\\*{24,26}/?\\n(?=\\n)");

    private static List<String> cut(String text) {
        return ScriptReader.read(text).stream().map(ScriptStatement::text).toList();
    }

    @Test
    void statementsHaveTheirLinesAndRows() {
        List<ScriptStatement> all = ScriptReader.read(
                "-- first\n\nSELECT 1;\n/* b\n */ COPY c FROM stdin; SELECT\n1\t2\n\\.\n 3;\n\\connect x\nSELECT 4");
        assertEquals(
                List.of(
                        "SQL 3 SELECT 1",
                        "COPY 5 COPY c FROM stdin",
                        "SQL 5 SELECT\n 3",
                        "PSQL 9 \\connect x",
                        "SQL 10 SELECT 4"),
                all.stream()
                        .map(s -> s.kind() + " " + s.line() + " " + s.text())
                        .toList());
        assertEquals(new ScriptStatement.Rows(6, "1\t2\n"), all.get(1).rows());
        ScriptStatement last = new ScriptStatement(ScriptStatement.Kind.SQL, 7, "SELECT 'ä😀',\n\n  b", null);
        assertEquals("7 7 9 9", last.lineOf(0) + " " + last.lineOf(12) + " " + last.lineOf(18) + " " + last.lastLine());
        assertEquals(List.of("SELECT 'a;b', \"c;d\", $$e;f$$, $x$ $$ ; $y$ ; $x$", "SELECT 2"), cut(CASES.get(1)));
        assertEquals(2, cut(CASES.get(5)).size());
        assertEquals(2, cut(CASES.get(6)).size());
    }

    /** A backslash is a sign like others in an ordinary string, and no dollar quote begins with a digit. */
    @Test
    void wordsEndWhereTheServerEndsThem() {
        assertEquals(
                List.of("comment", "on", "table", "t", "is", "C:\\", ";", "drop"),
                texts("COMMENT ON TABLE t IS 'C:\\'; DROP"));
        assertEquals(List.of("it\\'s", ";", "drop"), texts("E'it\\'s'; DROP"));
        assertEquals(List.of("$", "1", "$", "2", "drop", "$", "1", "$"), texts("$1$2 DROP $1$"));
    }

    private static List<String> texts(String sql) {
        return Word.of(sql, 100).stream().map(Word::text).toList();
    }

    @Test
    void psqlCutsThemSoToo() throws Exception {
        ScriptTest.needs("psql");
        List<String> texts = new ArrayList<>(CASES);
        texts.addAll(garbage(600));
        if (DatabaseAccess.majorVersion(TestServer.admin()) >= 19) // which cannot turn them off
            texts.removeIf(text -> text.contains("standard_conforming_strings"));
        texts.addAll(installed(Path.of("/usr/share/postgresql/15/extension")));
        List<List<String>> judged = judged(texts);
        assertEquals(texts.size(), judged.size());
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            assertEquals(judged.get(i), plain(cut(text)), () -> "psql cuts otherwise:\n" + text);
        }
    }

    /**
     * Texts of anything that may open or close something, in any order; what psql would take for its own is left out.
     */
    private static List<String> garbage(int count) {
        Random random = new Random(7);
        return Stream.generate(() -> random.ints(4 + random.nextInt(30), 0, TOKENS.size())
                        .mapToObj(TOKENS::get)
                        .collect(Collectors.joining()))
                .filter(text -> ScriptReader.read(text).stream().noneMatch(s -> s.kind() != ScriptStatement.Kind.SQL))
                .limit(count)
                .toList();
    }

    private static List<String> installed(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            List<String> texts = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".sql")).sorted().toList())
                texts.add(Files.readString(file).replaceAll("(?m)^\\\\.*$", ""));
            return texts;
        }
    }

    /** What psql sends of each text; what is no case of ours comes in a transaction that failed before. */
    private static List<List<String>> judged(List<String> texts) throws Exception {
        Path folder = TestServer.temporary("psql");
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            Files.writeString(folder.resolve(i + ".sql"), texts.get(i));
            script.append("ROLLBACK;\nSET standard_conforming_strings TO on;\n");
            if (i >= CASES.size()) script.append("BEGIN; SELECT 1/0;\n");
            script.append("SELECT 'next';\n\\i ")
                    .append(folder.resolve(i + ".sql"))
                    .append("\n");
        }
        script.append("ROLLBACK;\n");
        Files.writeString(folder.resolve("all.sql"), script);
        Path log = folder.resolve("log");
        DatabaseUrl db = TestServer.newDatabase();
        ProcessBuilder builder = new ProcessBuilder(
                "psql",
                "-XqL",
                log.toString(),
                "-o",
                "/dev/null",
                "-f",
                folder.resolve("all.sql").toString(),
                db.withPassword());
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("PGCLIENTENCODING", "UTF8");
        Process psql = builder.redirectError(folder.resolve("errors").toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertTrue(psql.waitFor(60, java.util.concurrent.TimeUnit.SECONDS), "psql hangs");
        return queries(Files.readString(log));
    }

    private static List<List<String>> queries(String log) {
        List<List<String>> all = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        Matcher m = QUERY.matcher(log);
        while (m.find()) sent.add(m.group(1));
        List<String> open = null;
        for (int i = 0; i < sent.size(); i++) {
            boolean ends = sent.get(i).equals("ROLLBACK;")
                    && (i + 1 == sent.size() || sent.get(i + 1).equals("SET standard_conforming_strings TO on;"));
            if (ends && open != null) {
                all.add(plain(open));
                open = null;
            } else if (sent.get(i).equals("SELECT 'next';")) open = new ArrayList<>();
            else if (open != null) open.add(sent.get(i));
        }
        return all;
    }

    /** Without the semicolon, the comments before it, and line breaks, which psql sees one by one. */
    private static List<String> plain(List<String> statements) {
        return statements.stream()
                .flatMap(text -> cut(text).stream().limit(1))
                .map(text -> text.replaceAll("\\s+", " ").strip())
                .filter(text -> !text.isEmpty())
                .toList();
    }
}
