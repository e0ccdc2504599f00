import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The recipes of docs/at-night.md are what their readers take, and their commands do what the page says. */
class AtNightTest extends ScriptTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern METRIC = Pattern.compile("\\bavdaily_\\w+");

    private final Path folder = TestServer.temporary("night");

    /** The block of the language that holds the text. */
    private static String recipe(String language, String text) throws IOException {
        List<String> found = Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
                .matcher(Files.readString(PROJECT.resolve("docs/at-night.md")))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains(text))
                .toList();
        assertEquals(1, found.size(), text);
        return found.get(0);
    }

    private static JsonNode yaml(String text) throws IOException {
        return YAML.readTree(recipe("yaml", text));
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    @Test
    void everyLineOfCronHasATimeAndACommand() throws IOException {
        String field = "(\\*|\\d+)(/\\d+)?\\s+";
        for (String line : recipe("crontab", "avdaily-monitor").lines().toList())
            assertTrue(
                    line.matches("#.*|[A-Z_]+=\\S.*|(" + field + "){5}cd /srv/avdaily && \\./jbang avdaily-.*"), line);
    }

    @Test
    void theUnitsOfSystemdAreSectionsOfKeys() throws IOException {
        for (String file : List.of("[Service]", "[Timer]")) {
            List<String> lines = recipe("ini", file).lines().toList();
            for (String line : lines) assertTrue(line.matches("|#.*|\\[\\w+]|[A-Z]\\w+=\\S.*"), line);
        }
        assertTrue(recipe("ini", "[Service]").contains("\nUser="), "without a user there is no home folder");
    }

    @Test
    void theWorkflowOfGitHubKeepsWhatIsFetched() throws IOException {
        JsonNode workflow = yaml("actions/checkout");
        List<String> times = new ArrayList<>();
        workflow.at("/on/schedule").forEach(one -> times.add(one.get("cron").asText()));
        JsonNode steps = workflow.at("/jobs/look/steps");
        Set<String> asked = new TreeSet<>();
        steps.forEach(step -> Pattern.compile("schedule == '([^']*)'")
                .matcher(step.path("if").asText())
                .results()
                .forEach(time -> asked.add(time.group(1))));
        assertTrue(times.containsAll(asked) && asked.size() == 2, times + " " + asked);
        String cached = steps.get(1).at("/with/path").asText();
        assertEquals(
                List.of("~/.m2", "~/.jbang", "~/.avdaily/jbang"), cached.lines().toList());
    }

    @Test
    void thePipelineOfGitLabIsWhole() throws IOException {
        JsonNode pipeline = yaml(".gitlab-ci.yml");
        List<String> stages = texts(pipeline.get("stages"));
        List<String> jobs = new ArrayList<>();
        pipeline.fieldNames().forEachRemaining(jobs::add);
        jobs.removeAll(List.of("stages", "default", "variables"));
        for (String job : jobs) {
            assertTrue(stages.contains(pipeline.at("/" + job + "/stage").asText()), job);
            assertFalse(texts(pipeline.at("/" + job + "/script")).isEmpty(), job);
            assertTrue(jobs.containsAll(texts(pipeline.at("/" + job + "/needs"))), job);
        }
        String home = pipeline.at("/variables/HOME").asText();
        for (String path : texts(pipeline.at("/default/cache/paths")))
            assertTrue(home.equals("$CI_PROJECT_DIR/.home") && path.startsWith(".home/"), path);
    }

    /** The jobs' own lines, each by the person who has it run. */
    @Test
    void whatOnePersonPlansAnotherApprovesAndThePipelineDeploys() throws IOException {
        JsonNode pipeline = yaml(".gitlab-ci.yml");
        DatabaseUrl db = TestServer.newDatabase();
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;\n");
        job(pipeline, db, "plan", "ada").expect(0);
        job(pipeline, db, "deploy", "ben").expect(21, "approv");
        job(pipeline, db, "approve", "ada").expect(21, "ada's own");
        job(pipeline, db, "approve", "ben").expect(0);
        job(pipeline, db, "deploy", "ben").expect(0);
        assertEquals("0", value(db, "SELECT count(*) FROM a"));
        assertTrue(Files.readString(folder.resolve("plan.md")).contains("V1"));
    }

    private Run job(JsonNode pipeline, DatabaseUrl db, String name, String person) {
        List<String> script = texts(pipeline.at("/" + name + "/script"));
        assertEquals(1, script.size());
        List<String> words = List.of(script.get(0).split(" "));
        assertEquals(List.of("./jbang", "avdaily-deploy"), words.subList(0, 2));
        return command(db, "deploy", words.subList(2, words.size()).toArray(String[]::new))
                .in(folder)
                .with("AVDAILY_ENV", pipeline.at("/variables/AVDAILY_ENV").asText())
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("GITLAB_CI", "true")
                .with("GITLAB_USER_LOGIN", person)
                .run();
    }

    @Test
    void theDockerfileFetchesEveryCommandThatItRuns() throws IOException {
        String file = recipe("dockerfile", "FROM ");
        for (String line : file.lines().toList())
            assertTrue(line.matches("#.*|(FROM|RUN|USER|ENV|WORKDIR|COPY|VOLUME|ENTRYPOINT|CMD) \\S.*"), line);
        ObjectMapper json = new ObjectMapper();
        assertEquals("[\"./jbang\"]", json.readTree(after(file, "ENTRYPOINT ")).toString());
        String first = json.readTree(after(file, "CMD ")).get(0).asText();
        Set<String> fetched = Pattern.compile("\\./jbang (avdaily-\\w+) --version")
                .matcher(file)
                .results()
                .map(run -> run.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(fetched.contains(first), first);
        Set<String> aliases = new TreeSet<>();
        json.readTree(PROJECT.resolve("jbang-catalog.json").toFile())
                .get("aliases")
                .fieldNames()
                .forEachRemaining(aliases::add);
        aliases.removeAll(List.of("avdaily-test", "avdaily-db", "avdaily-studio")); // for a machine where one sits
        assertEquals(aliases, fetched);
        for (String alias : fetched)
            command(alias.replace("avdaily-", ""), "--version").run().expect(0).says(alias);
    }

    private static String after(String file, String word) {
        return file.lines()
                .filter(line -> line.startsWith(word))
                .map(line -> line.substring(word.length()))
                .reduce((one, two) -> two)
                .orElseThrow();
    }

    /** Also while the database is down, for that is when they are needed. */
    @Test
    void theAlertsReadWhatTheMonitorWrites() throws IOException {
        Run run = command("monitor", "--format", "prometheus", "--url", "postgresql://nobody@127.0.0.1:1/gone")
                .in(folder)
                .run()
                .expect(20, "cannot reach the database 127.0.0.1:1/gone");
        Set<String> written =
                METRIC.matcher(run.out()).results().map(MatchResult::group).collect(Collectors.toSet());
        List<Map<String, String>> rules = new ArrayList<>();
        for (JsonNode rule : yaml("avdaily.rules.yml").at("/groups/0/rules"))
            rules.add(YAML.convertValue(
                    rule, YAML.getTypeFactory().constructMapType(Map.class, String.class, String.class)));
        assertTrue(rules.size() > 10, rules.toString());
        for (Map<String, String> rule : rules) {
            assertTrue(Set.of("alert", "expr", "for").containsAll(rule.keySet()), rule.toString());
            assertTrue(rule.getOrDefault("for", "1m").matches("\\d+[mh]"), rule.toString());
            Set<String> named = METRIC.matcher(rule.get("expr"))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
            assertTrue(!named.isEmpty() && written.containsAll(named), rule.toString());
        }
        assertTrue(run.out().contains("severity=\"critical\""), run.out());
        assertTrue(run.out().contains("avdaily_up{database=\"gone\""), run.out());
    }
}
