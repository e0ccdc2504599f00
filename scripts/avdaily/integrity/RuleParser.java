package avdaily.integrity;

import static avdaily.integrity.YamlNodes.flag;
import static avdaily.integrity.YamlNodes.map;
import static avdaily.integrity.YamlNodes.sql;
import static avdaily.integrity.YamlNodes.text;
import static avdaily.integrity.YamlNodes.texts;
import static avdaily.integrity.YamlNodes.word;
import static avdaily.integrity.YamlNodes.wrong;

import avdaily.base.Place;
import avdaily.integrity.YamlNodes.Located;
import avdaily.sql.Sql;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a rule of its keys, and collects the settings that rules name. */
final class RuleParser {
    private static final Set<String> FIX_KEYS =
            Set.of("kind", "table", "where", "set", "insert", "statement", "undo", "money");

    private final Map<String, Located> settings;
    private final Map<String, Located> shared;
    /** The settings that some rule names. */
    private final Set<String> used = new LinkedHashSet<>();

    RuleParser(Map<String, Located> settings, Map<String, Located> shared) {
        this.settings = settings;
        this.shared = shared;
    }

    Set<String> used() {
        return used;
    }

    /** @throws avdaily.base.Failure (2) if a key is missing, or contradicts another */
    Rule rule(Map<String, Located> keys) {
        Located id = keys.get("id");
        for (String needed : List.of("category", "severity", "means"))
            if (!keys.containsKey(needed)) throw wrong(id, "the rule " + text(id) + " has no " + needed, "add it");
        Set<String> needs = new LinkedHashSet<>(texts(keys.get("needs")));
        Rule.Query query = query(keys, needs);
        settingsIn(keys.get("means"), text(keys.get("means")));
        Rule.Fix fix = fix(keys, query.table(), needs);
        return new Rule(
                text(id),
                new Rule.Description(
                        word(keys.get("category"), Rule.Category.values()),
                        word(keys.get("severity"), Rule.Severity.values()),
                        flag(keys.get("quick")),
                        text(keys.get("means")),
                        text(keys.get("cure")),
                        reasonToBeOff(keys, needs),
                        new Place(id.file(), YamlNodes.line(id.key())),
                        texts(keys.get(RuleFiles.ABOUT))),
                texts(keys.get("tables")),
                texts(keys.get("enforced_by")),
                query,
                fix);
    }

    private Rule.Query query(Map<String, Located> keys, Set<String> needs) {
        String select = sql(keys.get("query"));
        Map<String, List<String>> values = values(keys.get("values"));
        refuseContradictions(keys, select, values);
        String where = values.isEmpty() ? sql(keys.get("where")) : notAmong(values);
        Rule.Shared start = keys.containsKey("with") ? shared(keys, select) : null;
        used.addAll(needs);
        if (start != null) needs.addAll(settingsIn(shared.get(text(keys.get("with"))), start.with()));
        for (String key : List.of("where", "query", "skip_if"))
            if (keys.containsKey(key)) needs.addAll(settingsIn(keys.get(key), text(keys.get(key))));
        return new Rule.Query(
                text(keys.get("table")),
                where,
                values,
                start == null ? select : start.with() + select,
                start,
                texts(keys.get("key")),
                text(keys.get("probe")),
                sql(keys.get("skip_if")));
    }

    /** A rule has either a query, or a table with a predicate or with values. */
    private static void refuseContradictions(
            Map<String, Located> keys, String select, Map<String, List<String>> values) {
        Located id = keys.get("id");
        String predicate = sql(keys.get("where"));
        if (!values.isEmpty() && keys.containsKey("where"))
            throw wrong(id, "the rule " + text(id) + " has both 'where' and 'values'", "make two rules of it");
        if (select != null && select.isBlank() || predicate != null && predicate.isBlank())
            throw wrong(id, "the rule " + text(id) + " has a query or a predicate that is empty", "write it");
        boolean hasPredicate = predicate != null || !values.isEmpty();
        if (hasPredicate == (select != null) || hasPredicate && text(keys.get("table")) == null)
            throw wrong(
                    id,
                    "the rule " + text(id) + " has neither a query nor a predicate, or both",
                    "give it 'query', or 'table' and 'where' or 'values'");
    }

    /** A rule is off if a file says so, or while a setting that it needs has no value; null if it is on. */
    private String reasonToBeOff(Map<String, Located> keys, Set<String> needs) {
        Located id = keys.get("id");
        for (String name : needs)
            if (!settings.containsKey(name))
                throw wrong(
                        id,
                        "the rule " + text(id) + " needs the setting " + name + ", which no file has",
                        "add it to settings, if only as '" + name + ": ~'");
        Located off = keys.get("off");
        if (off != null && flag(off))
            return "switched off in " + off.file() + "; 'off: false' in a rule file of your own switches it on";
        List<String> unset =
                needs.stream().filter(name -> settings.get(name).isNull()).toList();
        return unset.isEmpty() ? null : "off until a rule file sets " + String.join(" and ", unset) + " under settings";
    }

    /** What each column may hold. */
    private static Map<String, List<String>> values(Located at) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (at != null)
            map(at.file(), at.value()).forEach((column, list) -> {
                values.put(column, texts(list));
                if (values.get(column).isEmpty())
                    throw wrong(list, "the column " + column + " may hold no value", "name some");
            });
        return values;
    }

    private static String notAmong(Map<String, List<String>> values) {
        return values.entrySet().stream()
                .map(column -> "t." + Sql.quoted(column.getKey()) + " NOT IN ("
                        + column.getValue().stream().map(Sql::literal).collect(Collectors.joining(", "))
                        + ")")
                .collect(Collectors.joining(" OR "));
    }

    private Rule.Shared shared(Map<String, Located> rule, String query) {
        Located with = rule.get("with");
        String name = text(with);
        if (!shared.containsKey(name))
            throw wrong(
                    with, "there is no shared query '" + name + "'", "there are " + String.join(", ", shared.keySet()));
        if (query == null || rule.containsKey("skip_if") || rule.containsKey("probe"))
            throw wrong(with, "'with' goes with 'query' alone", "remove what else there is");
        return new Rule.Shared("WITH " + name + " AS MATERIALIZED (\n" + sql(shared.get(name)) + "\n)\n", query);
    }

    private Rule.Fix fix(Map<String, Located> rule, String table, Set<String> needs) {
        Located at = rule.get("fix");
        if (at == null || at.isNull()) return null;
        Map<String, Located> keys = map(at.file(), at.value());
        Rule.Fix.Kind kind = kind(at, keys);
        Map<String, String> set = new LinkedHashMap<>();
        if (keys.containsKey("set"))
            map(at.file(), keys.get("set").value()).forEach((column, value) -> {
                set.put(column, sql(value));
                needs.addAll(settingsIn(value, sql(value)));
            });
        for (String key : List.of("where", "insert"))
            if (keys.containsKey(key)) needs.addAll(settingsIn(keys.get(key), text(keys.get(key))));
        String target = keys.containsKey("table") ? text(keys.get("table")) : table;
        refuseLacks(at, kind, keys, target);
        used.add("money_tables");
        boolean money = target != null
                && Stream.of(String.valueOf(text(settings.get("money_tables"))).split(","))
                        .map(RuleParser::plain)
                        .anyMatch(plain(target)::equals);
        return new Rule.Fix(
                kind,
                target,
                sql(keys.get("where")),
                set,
                sql(keys.get("insert")),
                text(keys.get("statement")),
                text(keys.get("undo")),
                money || flag(keys.get("money")));
    }

    private static Rule.Fix.Kind kind(Located fix, Map<String, Located> keys) {
        keys.forEach((key, value) -> {
            if (!FIX_KEYS.contains(key))
                throw wrong(
                        value,
                        "a fix has no '" + key + "'",
                        "there are " + FIX_KEYS.stream().sorted().collect(Collectors.joining(", ")));
        });
        if (!keys.containsKey("kind"))
            throw wrong(fix, "a fix without kind", "there are quarantine, update, insert, ddl and sql");
        return word(keys.get("kind"), Rule.Fix.Kind.values());
    }

    private static void refuseLacks(Located fix, Rule.Fix.Kind kind, Map<String, Located> keys, String target) {
        List<String> needed =
                switch (kind) {
                    case QUARANTINE -> List.of("table");
                    case UPDATE -> List.of("table", "set");
                    case INSERT -> List.of("table", "insert");
                    case DDL -> List.of("statement");
                    case SQL -> List.of();
                };
        for (String key : needed)
            if (!keys.containsKey(key) && !(key.equals("table") && target != null))
                throw wrong(fix, "this kind of fix needs '" + key + "'", "add it");
        if (keys.containsKey("where") && kind != Rule.Fix.Kind.QUARANTINE && kind != Rule.Fix.Kind.UPDATE)
            throw wrong(fix, "'where' goes with quarantine and update", "remove it");
    }

    /** A table's name, however it is written. */
    private static String plain(String table) {
        return table.replace("\"", "").strip().replaceFirst("^public\\.", "");
    }

    /** The settings that SQL names. */
    List<String> settingsIn(Located at, String sql) {
        if (sql == null) return List.of();
        List<String> names = RuleFiles.PLACEHOLDER
                .matcher(sql)
                .results()
                .map(name -> name.group(1))
                .toList();
        for (String name : names)
            if (!settings.containsKey(name))
                throw wrong(at, "${" + name + "} is not a setting", "add it to settings, if only as '" + name + ": ~'");
        used.addAll(names);
        return names;
    }
}
