package avdaily.migrate.lint;

import avdaily.base.SqlResource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A rule as {@code lint.sql} has it.
 *
 * @param onBigTables whether a finding on a small table only informs
 * @param bad the files of the example that the rule reports
 * @param good the files of the example that does the same without harm
 */
public record LintRule(
        String id,
        Severity severity,
        boolean onBigTables,
        String title,
        String why,
        List<String> bad,
        List<String> good) {
    /** What stands between two files of an example. */
    static final String NEXT_FILE = "-- in the next migration";

    private static final List<LintRule> ALL = read();

    /** The rules in the order in which {@code lint.sql} has them. */
    public static List<LintRule> all() {
        return ALL;
    }

    public static Optional<LintRule> named(String id) {
        return ALL.stream().filter(rule -> rule.id.equals(id)).findFirst();
    }

    /** What {@code lint --explain} prints. */
    public String explanation() {
        return id + ": " + severityText() + "\n" + title + ". " + why + "\n\n" + example("Reported:", bad) + "\n"
                + example("Better:", good);
    }

    String severityText() {
        return severity.word() + (onBigTables ? " on a big table, else information" : "");
    }

    private static String example(String heading, List<String> files) {
        return files.stream()
                .map(file -> file.indent(2).stripTrailing())
                .collect(Collectors.joining("\n  " + NEXT_FILE + "\n", heading + "\n", "\n"));
    }

    private static List<LintRule> read() {
        return Stream.of(SqlResource.of(LintRule.class, "lint.sql").split("(?m)^--- rule "))
                .skip(1) // the tables of the examples
                .map(LintRule::parse)
                .toList();
    }

    private static LintRule parse(String part) {
        String[] sections = part.split("(?m)^--- (bad|good)\\R");
        List<String> lines = sections[0].lines().toList();
        String[] head = lines.get(0).split(": ");
        List<String> texts = lines.stream()
                .skip(1)
                .map(line -> line.substring("-- ".length()))
                .toList();
        return new LintRule(
                head[0],
                Severity.of(head[1].split(" ")[0]),
                head[1].endsWith("on a big table"),
                texts.get(0),
                String.join(" ", texts.subList(1, texts.size())),
                files(sections[1]),
                files(sections[2]));
    }

    private static List<String> files(String example) {
        return Stream.of(example.split("(?m)^--- then\\R")).map(String::strip).toList();
    }
}
