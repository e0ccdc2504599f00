package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleResult;
import avdaily.seed.MaskedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rules that something breaks, as the monitor's last look saw it.
 *
 * @param tables as {@link #tables(Connection)} has them
 * @param byTable the rules that each table breaks
 */
record BrokenRules(
        List<RuleResult> results,
        Map<String, Reference.Table> tables,
        Map<Reference.Table, List<RuleResult>> byTable) {
    static final BrokenRules NONE = new BrokenRules(List.of(), Map.of(), Map.of());

    /** What a page needs to show what breaks rules. */
    interface Masking {
        /** What hides who somebody is in columns of a table; nothing if the visitor asked to see it. */
        Optional<MaskedTable> masks(Reference.Table table, List<MaskedTable.Column> columns);
    }

    /** The tables by the names that findings have for them and for their indexes. */
    static Map<String, Reference.Table> tables(Connection c) throws SQLException {
        Map<String, Reference.Table> tables = new HashMap<>();
        Database.list(c, SqlResource.of(BrokenRules.class, "names.sql"), row -> {
            Reference.Table table = new Reference.Table(row.getString("nspname"), row.getString("table_name"));
            tables.put(row.getString("name"), table);
            tables.putIfAbsent(table.called(), table);
            return tables.put(row.getString("full_name"), table);
        });
        return tables;
    }

    /** @param tables as {@link #tables(Connection)} has them */
    static BrokenRules of(List<RuleResult> results, Map<String, Reference.Table> tables) {
        BrokenRules broken = new BrokenRules(results, tables, new HashMap<>());
        for (RuleResult result : results)
            broken.tables(result)
                    .distinct()
                    .forEach(table -> broken.byTable
                            .computeIfAbsent(table, t -> new ArrayList<>())
                            .add(result));
        return broken;
    }

    Html mark(Relation relation) {
        List<RuleResult> own = of(relation);
        if (own.isEmpty()) return Html.NOTHING;
        String worst = worst(own).toString();
        return Html.all(" ", Show.badge(worst, Format.count(own.size(), "rule") + " broken"));
    }

    private static Rule.Severity worst(List<RuleResult> results) {
        return results.stream().map(each -> each.rule().severity()).sorted().toList().get(0);
    }

    /** What breaks rules in a table, with the cure. */
    Html section(Relation relation, Masking masking) {
        List<RuleResult> own = of(relation);
        if (own.isEmpty()) return Html.NOTHING;
        return Show.section(
                "broken",
                "Broken rules",
                own.stream().map(result -> article(result, masking, Html.NOTHING)).toList());
    }

    /** @param more what is known of it beside */
    Html article(RuleResult result, Masking masking, Html more) {
        Rule rule = result.rule();
        long others = result.count() - result.keys().size();
        return element(
                "article",
                element(
                        "h3",
                        rule.id(),
                        " ",
                        Show.badge(rule.severity().toString(), Format.count(result.count(), "finding"))),
                element("p", rule.means(), " ", more),
                element("ul", kind("keys"), keys(result, masking)),
                others > 0 ? element("p", kind("nothing"), "and " + Show.number(others) + " more") : null,
                rule.cure() == null ? null : element("p", element("strong", "Cure: "), rule.cure()));
    }

    private List<Html> keys(RuleResult result, Masking masking) {
        Optional<Reference.Table> table = ownTable(result);
        // a finding's name holds several values as one text
        List<MaskedTable.Column> columns = Stream.concat(result.key().stream(), Stream.of("finding"))
                .map(name -> new MaskedTable.Column(name, "text"))
                .toList();
        // a query of its own may take a value from any of the tables that it reads
        List<Reference.Table> read = ownTables(result).toList();
        if (read.isEmpty()) read = List.of(new Reference.Table("", ""));
        List<MaskedTable> masks = read.stream()
                .flatMap(each -> masking.masks(each, columns).stream())
                .toList();
        boolean isHidden = masks.stream()
                .anyMatch(each -> result.key().stream().anyMatch(each::isPersonal));
        List<Html> keys = new ArrayList<>();
        for (String key : result.keys()) {
            String seen = isHidden
                    ? "(personal)"
                    : masks.stream().findFirst().map(each -> each.masked("finding", key)).orElse(key);
            Html shown = element("code", seen);
            boolean isRow = result.rule().isRowRule() && result.key().size() == 1 && !result.key().contains("ctid");
            keys.add(element(
                    "li",
                    isRow && seen.equals(key) && table.isPresent()
                            ? Html.link(
                                    Filter.equal(
                                            Link.toTable("row", table.get().schema(), table.get().name()),
                                            result.key(),
                                            List.of(key)),
                                    attribute("title", "This row by itself"),
                                    shown)
                            : shown));
        }
        return keys;
    }

    private List<RuleResult> of(Relation relation) {
        return byTable.getOrDefault(new Reference.Table(relation.schema(), relation.name()), List.of());
    }

    /** The tables that findings name; else the one that the rule is about. */
    private Stream<Reference.Table> tables(RuleResult result) {
        if (result.rule().isRowRule()) return ownTable(result).stream();
        List<Reference.Table> named =
                result.keys().stream().flatMap(key -> first(key).stream()).toList();
        return named.isEmpty() ? ownTable(result).stream() : named.stream();
    }

    /** The table whose name, or whose index's, a finding's name begins with. */
    private Optional<Reference.Table> first(String key) {
        String[] parts = key.split(", ", -1);
        return IntStream.rangeClosed(1, parts.length)
                .mapToObj(n -> Stream.of(parts).limit(n).collect(Collectors.joining(", ")))
                .filter(tables::containsKey)
                .map(tables::get)
                .findFirst();
    }

    private Optional<Reference.Table> ownTable(RuleResult result) {
        return result.rule().wanted().stream().findFirst().flatMap(this::named);
    }

    private Stream<Reference.Table> ownTables(RuleResult result) {
        return result.rule().wanted().stream().flatMap(name -> named(name).stream()).distinct();
    }

    /** @param name of a table, or of a column behind its table's */
    private Optional<Reference.Table> named(String name) {
        return Stream.of(name, name.replaceFirst("\\.[^.]*$", ""))
                .filter(tables::containsKey)
                .map(tables::get)
                .findFirst();
    }
}
