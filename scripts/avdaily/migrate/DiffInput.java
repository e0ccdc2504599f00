package avdaily.migrate;

import avdaily.schema.Schema;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A schema as pgCodeKeeper reads it: as in a dump, but for the words that it does not know, and without comments.
 * {@link OverlookedSteps} compares those: pgCodeKeeper knows some kinds alone, and refuses a schema that has another.
 */
final class DiffInput {
    private static final Pattern VIEW_COLUMN = Pattern.compile("(?s)ALTER TABLE ONLY (.+?) ALTER COLUMN .*");

    /** What columns of materialized views have, {@link OverlookedSteps} compares. */
    private static final String VIEW_COLUMNS = "\n+ALTER TABLE ONLY [^\n]+ ALTER COLUMN [^\n]+;(?=\n|$)";

    /** Written with quotes, it comes back with them. */
    private static final String CHECKED = "( WITH \\([^)]*check_option=)'(cascaded|local)'";

    /** It takes no body for none; {@link #own} has it empty again. */
    private static final String EMPTY_BODY =
            "(\nAS \\$(?:function|procedure)\\$)(?=\\$(?:function|procedure)\\$\\s*;$)";

    /** It takes no key that is both; {@link OverlookedSteps} compare whether it is valid. */
    private static final String DEFERRABLE_AND_NOT_VALID =
            "(\\sFOREIGN KEY [^;]* DEFERRABLE(?: INITIALLY DEFERRED)?) NOT VALID;$";

    private static final String NOTHING = "/* an empty body */";

    private static final Set<String> NOT_COMPARED = Set.of("NOT READ", "COMMENT");

    private DiffInput() {}

    /** The schema; a materialized view is wanted with its rows. */
    static String of(List<Schema.Item> items) {
        Set<String> views = items.stream()
                .filter(item -> item.kind().equals("VIEW"))
                .map(Schema.Item::identity)
                .collect(Collectors.toSet());
        return "SET search_path = pg_catalog;\n\n"
                + items.stream()
                        .filter(item -> !NOT_COMPARED.contains(item.kind()))
                        .map(item -> known(item.ddl(), views)
                                .replaceFirst("\n  WITH NO DATA;$", ";")
                                .replaceFirst(EMPTY_BODY, "$1" + NOTHING)
                                .replaceFirst(DEFERRABLE_AND_NOT_VALID, "$1;"))
                        .collect(Collectors.joining("\n\n"))
                + "\n";
    }

    /** What it wrote, as it is in the schema. */
    static String own(String script) {
        return script.replace("$" + NOTHING + "$", "$$");
    }

    /** It wants a view to be called one. */
    private static String known(String ddl, Set<String> views) {
        if (ddl.startsWith("CREATE MATERIALIZED VIEW ")) return ddl.replaceAll(VIEW_COLUMNS, "");
        if (ddl.startsWith("CREATE VIEW ")) return ddl.replaceFirst(CHECKED, "$1$2");
        Matcher column = VIEW_COLUMN.matcher(ddl);
        return column.matches() && views.contains(column.group(1))
                ? ddl.replaceFirst("TABLE ONLY", "VIEW")
                : ddl;
    }
}
