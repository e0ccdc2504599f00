import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The schema in docs/: what a command prints with --json is its own document or that of errors, in one vocabulary. */
final class JsonSchema {
    static final Path FILE = ScriptTest.PROJECT.resolve("docs/json.schema.json");

    private static final ObjectMapper JSON = new ObjectMapper();
    static final JsonNode ROOT = read();
    /** For each command, what its document is compared with. */
    private static final Map<String, Schema> VALIDATORS = new ConcurrentHashMap<>();
    /** What prints no document, whatever else is asked for. */
    private static final Set<String> TEXTS = Set.of("--help", "-h", "help", "--version", "-V");

    private static JsonNode read() {
        try {
            return JSON.readTree(Files.readString(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the schema describes the document of the command, as in "migrate up". */
    static boolean knows(String command) {
        return ROOT.at("/$defs").has(command.replace(' ', '-'));
    }

    /** What a script has printed must be one document that fits, or a line each if it goes on and on. */
    static void mustFit(String script, List<String> arguments, String out) {
        if (!arguments.contains("--json") || arguments.stream().anyMatch(TEXTS::contains) || out.isBlank()) return;
        String command = Stream.concat(arguments.stream().map(word -> script + " " + word), Stream.of(script))
                .filter(JsonSchema::knows)
                .findFirst()
                .orElse("error");
        List<String> documents = arguments.contains("--watch") ? out.lines().toList() : List.of(out);
        for (String document : documents) {
            List<String> errors = errors(command, document);
            assertTrue(
                    errors.isEmpty(),
                    () -> "avdaily-" + command + " answers otherwise than " + ScriptTest.PROJECT.relativize(FILE)
                            + " says:\n" + String.join("\n", errors) + "\n" + document);
        }
    }

    /** What is wrong with the document of a command. */
    static List<String> errors(String command, String document) {
        try {
            return VALIDATORS.computeIfAbsent(command, JsonSchema::validator).validate(JSON.readTree(document)).stream()
                    .map(Object::toString)
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The schema with the command's own document, or that of errors, in place of all. */
    private static Schema validator(String command) {
        ObjectNode root = ROOT.deepCopy();
        ArrayNode documents = root.putArray("anyOf");
        for (String document : List.of("error", command.replace(' ', '-')))
            documents.addObject().put("$ref", "#/$defs/" + document);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(root);
    }

    private JsonSchema() {}
}
