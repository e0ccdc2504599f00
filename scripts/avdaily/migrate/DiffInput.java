package avdaily.migrate;

import avdaily.schema.Schema;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A schema as pgCodeKeeper reads it: as in a dump, but for the words that it does not know. */
final class DiffInput {
    private static final Pattern COMMENT = Pattern.compile("(?s)COMMENT ON (\\S+) (.*?) IS (?:NULL|E?').*");
    private static final Pattern VIEW_COLUMN = Pattern.compile("(?s)ALTER TABLE ONLY (.+?) ALTER COLUMN .*");

    /** What columns of materialized views have, {@link OverlookedSteps} compares. */
    private static final String VIEW_COLUMNS = "\n+ALTER TABLE ONLY [^\n]+ ALTER COLUMN [^\n]+;(?=\n|$)";

    /** Written with quotes, it comes back with them. */
    private static final String CHECKED = "( WITH \\([^)]*check_option=)'(cascaded|local)'";

    private final List<Schema.Item> items;
    private final Set<String> domains;
    private final Set<String> views;

    private DiffInput(List<Schema.Item> items) {
        this.items = items;
        this.domains = identities("DOMAIN");
        this.views = identities("VIEW");
    }

    /** The schema; a materialized view is wanted with its rows. */
    static String of(List<Schema.Item> items) {
        return new DiffInput(items).text();
    }

    private Set<String> identities(String kind) {
        return items.stream()
                .filter(item -> item.kind().equals(kind))
                .map(Schema.Item::identity)
                .collect(Collectors.toSet());
    }

    private String text() {
        return "SET search_path = pg_catalog;\n\n"
                + items.stream()
                        .filter(item -> !item.kind().equals("NOT READ"))
                        .map(item -> known(item.ddl()).replaceFirst("\n  WITH NO DATA;$", ";"))
                        .collect(Collectors.joining("\n\n"))
                + "\n";
    }

    /** It wants a domain to be called one, a view too, and types of PostgreSQL's without their schema. */
    private String known(String ddl) {
        if (ddl.startsWith("CREATE MATERIALIZED VIEW ")) return ddl.replaceAll(VIEW_COLUMNS, "");
        Matcher comment = COMMENT.matcher(ddl);
        if (comment.matches() && comment.group(1).equals("TYPE") && domains.contains(comment.group(2)))
            return ddl.replaceFirst("TYPE", "DOMAIN");
        if (comment.matches() && comment.group(2).endsWith(")"))
            return ddl.replaceFirst(
                    Pattern.quote(comment.group(2)),
                    Matcher.quoteReplacement(comment.group(2).replace("pg_catalog.", "")));
        if (ddl.startsWith("CREATE VIEW ")) return ddl.replaceFirst(CHECKED, "$1$2");
        Matcher column = VIEW_COLUMN.matcher(ddl);
        return column.matches() && views.contains(column.group(1))
                ? ddl.replaceFirst("TABLE ONLY", "VIEW")
                : ddl;
    }
}
