import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.console.Exit;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The documents of --json and their schema in docs/. Each run of every other test with --json must fit it; here is what
 * they do not ask for.
 */
class JsonTest extends ShopTest {
    /** They only list commands. */
    private static final Set<String> LISTS = Set.of("db", "integrity", "migrate");

    private final Path folder = TestServer.temporary("json");

    @Test
    void everyCommandsDocumentIsDescribed() {
        for (String command : CommandHelp.all().keySet())
            assertEquals(!LISTS.contains(command), JsonSchema.knows(command), command);
    }

    @Test
    void whatIsNotDescribedDoesNotFit() {
        String error = "{\"error\": \"e\", \"next\": \"n\", \"exitCode\": 2, \"code\": \"usage\", \"file\": null%s}";
        assertEquals(List.of(), JsonSchema.errors("db stop", error.formatted(", \"line\": 3")));
        assertEquals(List.of(), JsonSchema.errors("db stop", "{\"stopped\": true}"));
        for (String wrong : List.of(
                error.formatted(""),
                error.formatted(", \"line\": \"3\""),
                error.formatted(", \"line\": 3, \"more\": 1"),
                "{\"stopped\": 1}",
                "{\"stopped\": true, \"ms\": 3}",
                "{}",
                "[]")) assertFalse(JsonSchema.errors("db stop", wrong).isEmpty(), wrong);
        String operation = "{\"database\": \"a\", \"operations\": [{\"id\": 1, \"at\": \"%s\", \"command\": \"up\", "
                + "\"environment\": null, \"by\": \"ada\", \"outcome\": \"done\", \"durationMillis\": %s, "
                + "\"planHash\": null, \"details\": {\"ms\": 7}}]}";
        assertEquals(List.of(), JsonSchema.errors("deploy history", operation.formatted("2026-01-31T01:02:03Z", 1)));
        for (String[] wrong : new String[][] {{"31.1.2026", "1"}, {"2026-01-31T01:02:03Z", "-1"}})
            assertFalse(JsonSchema.errors("deploy history", operation.formatted((Object[]) wrong))
                    .isEmpty());
    }

    /** The page has the words and codes of the schema, and its example is what a command prints. */
    @Test
    void thePageExplainsTheSchema() throws Exception {
        String page = Files.readString(PROJECT.resolve("docs/json.md"));
        Set<String> vocabulary = keys(JsonSchema.ROOT.at("/$defs/vocabulary/then/properties"));
        assertEquals(vocabulary, named(page.substring(page.indexOf("## The vocabulary")), "\\| `(\\w+)` \\| [a-z].*"));
        Set<String> codes = new TreeSet<>();
        for (Failure.Kind kind : Failure.Kind.values()) {
            codes.add(kind.toString());
            assertTrue(page.contains("| `" + kind + "` | " + Exit.code(kind) + " |"), kind.toString());
        }
        assertEquals(codes, named(page, "\\| `(\\w+)` \\| \\d+ \\|"));
        String example = page.substring(page.indexOf("```json") + 7, page.indexOf("\n```\n"));
        write(folder.resolve("rules.yaml"), "rules:\n- {id: BAD-1}\n");
        JsonNode error = json(2, command(shop(), "integrity", "check", "--rules", "rules.yaml"));
        String file = error.get("file").asText();
        assertEquals(
                new ObjectMapper().readTree(example),
                new ObjectMapper().readTree(error.toString().replace(file, "/srv/shop/rules.yaml")));
    }

    private static Set<String> named(String page, String line) {
        return page.lines()
                .map(Pattern.compile(line)::matcher)
                .filter(Matcher::matches)
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The document, which the run has compared with the schema. */
    private JsonNode json(int code, Command command) {
        return command.and("--json").in(folder).run().expect(code).json();
    }

    private static Set<String> keys(JsonNode document) {
        Set<String> keys = new TreeSet<>();
        document.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    @Test
    void whatNoOtherTestAsksFor() {
        DatabaseUrl db = shop();
        json(0, command("db", "init", "new", "--name", "shop"));
        assertTrue(json(0, command(db, "seed", "recipe", "--from-database", "--out", "recipe.yaml"))
                .get("leftOut")
                .isArray());
        String file = json(0, command(db, "backup", "create")).get("file").asText();
        json(0, command(db, "backup", "compare", file, db.withPassword()));
        json(0, command("restore", file, "--list"));
        execute(db, "DELETE FROM coin", "DELETE FROM purse WHERE id = 1");
        json(22, command(db, "backup", "compare", file, db.withPassword()));
        json(0, confirmed(db, file, "--table", "purse", "--data-only"));
        json(0, confirmed(db, file, "--table", "purse", "--as", "copy"));
    }

    private static Command confirmed(DatabaseUrl db, String... words) {
        return command(db, "restore", words).and("--yes").with("DB_RESTORE_CONFIRM", "1");
    }

    @Test
    void rulesThatAreExplainedAndMigrationsThatAreUndone() {
        DatabaseUrl db = TestServer.newDatabase();
        json(0, command("migrate", "lint", "--explain", "drop-column"));
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;\n");
        json(0, command(db, "migrate", "up", "--yes", "--migrations", "migrations"));
        JsonNode undone = json(0, command(db, "migrate", "rollback", "--yes", "--migrations", "migrations"))
                .get("undone");
        assertEquals("undone", undone.get(0).get("state").asText());
    }
}
