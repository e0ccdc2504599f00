package avdaily.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A rule as lint.sql has it: its words and its examples. */
public record LintRule(
        String id,
        String severity,
        boolean onBigTables,
        String title,
        String why,
        List<String> bad,
        List<String> good) {
    static final String DANGEROUS = "dangerous";
    public static final String INFO = "info";
    private static final Map<String, LintRule> ALL = read();

    public static Map<String, LintRule> all() {
        return ALL;
    }

    /** What {@code lint --explain} prints. */
    public String explanation() {
        return id + ": " + severity + (onBigTables ? " on a big table, else information" : "") + "\n" + title + ". "
                + why + "\n\n" + example("Reported:", bad) + "\n" + example("Better:", good);
    }

    private static String example(String heading, List<String> files) {
        return heading + "\n"
                + String.join(
                        "\n  -- in the next migration\n",
                        files.stream()
                                .map(file -> file.indent(2).stripTrailing())
                                .toList())
                + "\n";
    }

    private static Map<String, LintRule> read() {
        Map<String, LintRule> all = new LinkedHashMap<>();
        for (String part : text().split("(?m)^--- rule ")) {
            if (part.startsWith("-- ")) continue; // the head, with the tables of the examples
            List<String> lines = part.lines().toList();
            String[] head = lines.get(0).split(": ");
            String[] examples = part.split("(?m)^--- (bad|good)\\R");
            all.put(
                    head[0],
                    new LintRule(
                            head[0],
                            head[1].split(" ")[0],
                            head[1].endsWith("on a big table"),
                            lines.get(1).substring(3),
                            lines.get(2).substring(3),
                            files(examples[1]),
                            files(examples[2])));
        }
        return all;
    }

    /** The file, which also holds the tables that the examples work on. */
    public static String text() {
        try (InputStream in = LintRule.class.getResourceAsStream("/lint.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> files(String example) {
        return List.of(example.split("(?m)^--- then\\R")).stream()
                .map(String::strip)
                .toList();
    }
}
