package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The statements that lead from one schema to another: those of {@link SchemaDiff}, corrected for what it cannot do.
 * Values are added to enums in their place, constraints are NOT VALID only if PostgreSQL allows it, and objects that it
 * cannot read are left out if they do not change.
 */
final class DiffStatements {
    /** Kinds of objects that other statements name, so that they must be there for them. */
    private static final Set<String> NAMED = Set.of(
            "SCHEMA",
            "TYPE",
            "DOMAIN",
            "TABLE",
            "VIEW",
            "MATERIALIZED VIEW",
            "SEQUENCE",
            "FUNCTION",
            "PROCEDURE",
            "AGGREGATE",
            "COLLATION");

    private static final Pattern NOT_VALID = StatementText.pattern("ALTER TABLE (?:ONLY )?(" + StatementText.NAME
            + ")\\s+ADD CONSTRAINT (" + StatementText.NAME + ") (EXCLUDE|FOREIGN KEY|CHECK) .* NOT VALID;");
    private static final Pattern ENFORCEMENT = StatementText.pattern("ALTER TABLE (?:ONLY )?" + StatementText.NAME
            + "\\s+ALTER CONSTRAINT " + StatementText.NAME + " (DEFERRABLE INITIALLY IMMEDIATE )(?:NOT )?ENFORCED;");
    private static final Pattern ENABLED =
            StatementText.pattern("ALTER EVENT TRIGGER (" + StatementText.NAME + ") null;");
    /** It leaves out the quotes. */
    private static final Pattern RENAMED = StatementText.pattern("(ALTER TABLE (?:ONLY )?" + StatementText.NAME
            + "\\s+RENAME CONSTRAINT )([^\"].*?) TO ([^\"].*);");

    private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*+'");

    /** How much of the two schemas is compared. */
    private enum Scope {
        CHANGED_AND_NAMED,
        CHANGED
    }

    private final SchemaDiff diff;
    private final Out out;

    DiffStatements(SchemaDiff diff, Out out) {
        this.diff = diff;
        this.out = out;
    }

    /** The statements of a migration; the values that enums get come first. */
    List<String> forward(List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        Map<String, Schema.Item> wanted = Drift.byName(to);
        List<String> values = new ArrayList<>();
        List<Schema.Item> withValues = new ArrayList<>();
        for (Schema.Item item : from) {
            List<String> added = values(item, wanted.get(name(item)));
            values.addAll(added);
            withValues.add(added.isEmpty() ? item : wanted.get(name(item)));
        }
        return Stream.concat(values.stream(), between(withValues, to).stream()).toList();
    }

    /** The statements that give an enum its new values; none if values also go or change places. */
    private static List<String> values(Schema.Item was, Schema.Item is) {
        if (is == null || !isEnum(was) || !isEnum(is)) return List.of();
        List<String> old = labels(was);
        List<String> added = new ArrayList<>();
        int at = 0;
        String last = null;
        for (String label : labels(is)) {
            if (at < old.size() && old.get(at).equals(label)) at++;
            else added.add("ALTER TYPE " + is.identity() + " ADD VALUE " + label + place(last, old) + ";");
            last = label;
        }
        return at == old.size() ? added : List.of();
    }

    /** Whether values of an enum go or change places. */
    static boolean losesValues(Schema.Item was, Schema.Item is) {
        List<String> kept = new ArrayList<>(labels(is));
        kept.retainAll(labels(was));
        return !kept.equals(labels(was));
    }

    /** @param last the value before, null for the first one */
    private static String place(String last, List<String> old) {
        if (last != null) return " AFTER " + last;
        return old.isEmpty() ? "" : " BEFORE " + old.get(0);
    }

    static boolean isEnum(Schema.Item item) {
        return item.kind().equals("TYPE") && item.ddl().contains(" AS ENUM (");
    }

    private static List<String> labels(Schema.Item type) {
        return LITERAL.matcher(type.ddl().substring(type.ddl().indexOf(" AS ENUM (")))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /**
     * The statements that lead from one schema to the other.
     *
     * <ol>
     *   <li>The whole schemas are compared.
     *   <li>If pgCodeKeeper cannot read something, which mostly does not change, it gets what changes and what that
     *       names.
     *   <li>If that fails too, it gets only what changes.
     * </ol>
     *
     * Whoever runs the statements must prove that nothing was overlooked.
     *
     * @throws Failure if all three fail
     */
    List<String> between(List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        Failure last;
        try {
            return possible(diff.statements(from, to), to);
        } catch (Failure whole) {
            out.detail(whole.getMessage() + "; it is tried again with less.");
            last = whole;
        }
        for (Scope scope : Scope.values()) {
            try {
                Set<String> kept = changed(from, to, scope);
                return possible(diff.statements(only(from, kept), only(to, kept)), to);
            } catch (Failure less) {
                out.detail(less.getMessage());
                last = less;
            }
        }
        throw last;
    }

    private static List<Schema.Item> only(List<Schema.Item> items, Set<String> kept) {
        return items.stream().filter(item -> kept.contains(name(item))).toList();
    }

    /**
     * pgCodeKeeper adds every constraint NOT VALID and validates it afterwards. PostgreSQL cannot have exclusion
     * constraints and what is NOT ENFORCED so, and before version 18 no foreign keys of partitioned tables. What gets
     * ENFORCED, or no longer is, does not become deferrable besides. Of the schema public it takes every right that no
     * grant names. It has no word for an event trigger that is enabled as usual, and no quotes for a constraint's name.
     */
    private static List<String> possible(List<String> statements, List<Schema.Item> wanted) {
        Set<String> partitioned = wanted.stream()
                .filter(item -> item.kind().equals("TABLE") && item.ddl().matches("(?s).*\\)\\s+PARTITION BY .*"))
                .map(Schema.Item::identity)
                .collect(Collectors.toSet());
        Set<String> needless = new HashSet<>();
        if (!OverlookedSteps.isClosed(wanted)) needless.add(OverlookedSteps.CLOSED);
        List<String> result = new ArrayList<>();
        for (String text : statements) {
            Optional<Matcher> added = StatementText.match(NOT_VALID, text)
                    .filter(m -> m.group(3).equals("EXCLUDE")
                            || text.endsWith(" NOT ENFORCED NOT VALID;")
                            || m.group(3).equals("FOREIGN KEY") && partitioned.contains(m.group(1)));
            added.ifPresent(
                    m -> needless.add("ALTER TABLE " + m.group(1) + " VALIDATE CONSTRAINT " + m.group(2) + ";"));
            if (needless.contains(text)) continue;
            Optional<Matcher> enforcement = StatementText.match(ENFORCEMENT, text);
            String plain = enforcement.map(m -> text.replace(m.group(1), "")).orElse(text);
            Optional<Matcher> enabled = StatementText.match(ENABLED, text);
            if (enabled.isPresent()) result.add("ALTER EVENT TRIGGER " + enabled.get().group(1) + " ENABLE;");
            else result.add(added.isPresent() ? StatementText.valid(text) : renamed(plain));
        }
        return result;
    }

    private static String renamed(String text) {
        return StatementText.match(RENAMED, text)
                .map(m -> m.group(1) + quoted(m.group(2)) + " TO " + quoted(m.group(3)) + ";")
                .orElse(text);
    }

    /** Names that end so are no keywords. */
    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*_not_null") ? name : Sql.quoted(name);
    }

    private static String name(Schema.Item item) {
        return item.kind() + " " + item.identity();
    }

    /**
     * The names of what is not the same in both, of all schemas and, depending on the scope, of all that those name.
     */
    private static Set<String> changed(List<Schema.Item> from, List<Schema.Item> to, Scope scope) {
        List<Schema.Item> both = Stream.concat(from.stream(), to.stream()).toList();
        Set<Schema.Item> same = new HashSet<>(from);
        same.retainAll(new HashSet<>(to));
        Set<Schema.Item> kept = both.stream()
                .filter(item -> !same.contains(item) || item.kind().equals("SCHEMA"))
                .collect(Collectors.toCollection(HashSet::new));
        boolean grows = scope == Scope.CHANGED_AND_NAMED;
        while (grows) {
            String text = kept.stream().map(Schema.Item::ddl).collect(Collectors.joining("\n"));
            grows = kept.addAll(
                    both.stream().filter(item -> isNamed(item, text)).toList());
        }
        return kept.stream().map(DiffStatements::name).collect(Collectors.toSet());
    }

    private static boolean isNamed(Schema.Item item, String text) {
        return NAMED.contains(item.kind()) && text.contains(item.identity().replaceFirst("\\(.*", ""));
    }
}
