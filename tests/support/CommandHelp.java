import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The help of every command: of the catalog's scripts, and of the commands that a help names. It is read once. */
final class CommandHelp {
    private static final Pattern NAME = Pattern.compile("^ {2}(\\S+)", Pattern.MULTILINE);
    private static Map<String, String> texts;

    /** The help by command, as in "migrate up". */
    static synchronized Map<String, String> all() {
        if (texts == null) {
            Map<String, String> found = new LinkedHashMap<>();
            scripts().forEach(script -> read(List.of(script), found));
            texts = found;
        }
        return texts;
    }

    /** The table at the end of a help. */
    static String exitCodes(String help) {
        return help.substring(help.indexOf("\nExit codes:\n") + 1);
    }

    private static List<String> scripts() {
        try {
            List<String> names = new ArrayList<>();
            var catalog = new ObjectMapper()
                    .readTree(ScriptTest.PROJECT.resolve("jbang-catalog.json").toFile());
            catalog.get("aliases")
                    .fieldNames()
                    .forEachRemaining(alias -> names.add(alias.replaceFirst("^avdaily-", "")));
            names.remove("test"); // runs the tests, and has no help
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void read(List<String> words, Map<String, String> found) {
        String[] arguments =
                Stream.concat(words.stream().skip(1), Stream.of("--help")).toArray(String[]::new);
        ScriptTest.Run run = ScriptTest.command(words.get(0), arguments).run().expect(0);
        assertEquals("", run.err());
        found.put(String.join(" ", words), run.out());
        for (String name : commands(run.out()))
            read(Stream.concat(words.stream(), Stream.of(name)).toList(), found);
    }

    private static List<String> commands(String help) {
        int from = help.indexOf("\nCommands:\n");
        if (from < 0) return List.of();
        String list = help.substring(from, help.indexOf("\nExit codes:\n"));
        return NAME.matcher(list).results().map(name -> name.group(1)).toList();
    }

    private CommandHelp() {}
}
