package avdaily.migrate;

import avdaily.base.Format;
import avdaily.sql.Word;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The statements of a file that lose data, told by their words alone: no database is at hand. The linter, which has
 * one, calls them by the same rules.
 */
public final class DataLoss {
    private static final int MOST = 120;

    private static final Map<String, Pattern> RULES = rules();

    /** The rules on what no undo script brings back. */
    private static final Set<String> DELETIONS = Set.of("drop-table", "drop-column", "truncate", "delete");

    private static Map<String, Pattern> rules() {
        Map<String, Pattern> rules = new LinkedHashMap<>();
        rules.put("drop-table", pattern("DROP\\s+(FOREIGN\\s+)?(TABLE|SCHEMA|DATABASE|OWNED|EXTENSION|MATERIALIZED)"));
        rules.put(
                "drop-column",
                pattern("DROP\\s+(COLUMN|ATTRIBUTE|TYPE|DOMAIN)|^ALTER\\s+(FOREIGN\\s+)?TABLE\\b.*\\bDROP\\s+"
                        + "(?!CONSTRAINT|DEFAULT|NOT\\b|IDENTITY|EXPRESSION)\\S"));
        rules.put("truncate", pattern("TRUNCATE"));
        rules.put("delete", pattern("DELETE\\s+FROM|WHEN\\s+(NOT\\s+)?MATCHED\\b.*\\bTHEN\\s+DELETE"));
        rules.put("update", pattern("UPDATE\\s+(ONLY\\s+)?\\S+.*?\\bSET\\b|(DO|THEN)\\s+UPDATE"));
        rules.put(
                "type-change",
                pattern("ALTER\\s+((COLUMN|ATTRIBUTE)\\s+)?(\"[^\"]+\"|\\S+)\\s+(SET\\s+DATA\\s+)?TYPE"));
        // what hides behind a backslash and a quote depends on standard_conforming_strings
        rules.put("may-do-anything", pattern("^(DO|CALL|EXECUTE|.*\\\\')"));
        return rules;
    }

    private static Pattern pattern(String words) {
        return Pattern.compile("(?is)(?<![\\w$])(?:" + words + ")");
    }

    /** File and line, rule and text of each statement that loses data or may. */
    public static List<String> in(String name, String text) {
        List<String> found = new ArrayList<>();
        for (MigrationStatement statement : new MigrationScript(Path.of(name), text).statements()) {
            String plain = Word.line(statement.sql());
            RULES.forEach((rule, pattern) -> {
                String shown = Format.within(plain, MOST, "…");
                if (pattern.matcher(plain).find())
                    found.add(name + " line " + statement.line() + ", " + rule + ": " + shown);
            });
        }
        return found;
    }

    /** Whether a file takes rows or columns away. */
    public static boolean deletes(MigrationScript script) {
        return script.statements().stream()
                .map(statement -> Word.line(statement.sql()))
                .anyMatch(plain -> DELETIONS.stream()
                        .anyMatch(rule -> RULES.get(rule).matcher(plain).find()));
    }

    private DataLoss() {}
}
