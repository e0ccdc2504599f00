package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.sql.Sql;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads rules and settings: the shipped files, then the project's own, which add to them and override them key by key.
 * Every mistake is one {@link Failure} (2) with file, line and reason.
 */
public final class RuleFiles {
    private static final Set<String> KEYS = Set.of(
            "id",
            "category",
            "severity",
            "quick",
            "means",
            "needs",
            "tables",
            "enforced_by",
            "table",
            "where",
            "values",
            "query",
            "with",
            "key",
            "probe",
            "skip_if",
            "cure",
            "fix",
            "off");
    private static final Set<String> FIX_KEYS =
            Set.of("kind", "table", "where", "set", "insert", "statement", "undo", "money");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");
    /** A rule that is overridden with another way to look must forget the old one. */
    private static final Set<String> WAYS = Set.of("table", "where", "values", "query");

    private static final List<String> SHIPPED = List.of("structure.yaml", "integrity.yaml");

    /** The settings' values, to be put into SQL. */
    record Values(Map<String, String> byName) {
        String into(String sql) {
            return sql == null
                    ? null
                    : PLACEHOLDER
                            .matcher(sql)
                            .replaceAll(
                                    name -> Matcher.quoteReplacement(byName.getOrDefault(name.group(1), name.group())));
        }

        Map<String, String> into(Map<String, String> all) {
            Map<String, String> bound = new LinkedHashMap<>();
            all.forEach((name, sql) -> bound.put(name, into(sql)));
            return bound;
        }
    }

    /** A key's value, and the file that it stands in. */
    private record Located(String file, Node key, Node value) {}

    private final Map<String, Located> settings = new LinkedHashMap<>();
    private final Map<String, Located> shared = new LinkedHashMap<>();
    private final Map<String, Map<String, Located>> rules = new LinkedHashMap<>();
    /** The settings that some rule names. */
    private final Set<String> used = new LinkedHashSet<>();

    /** The shipped rules, overridden by those of {@code own}: a file, or a folder with files; null for AVDAILY_RULES or none. */
    public static List<Rule> read(Settings settings, Path own) {
        RuleFiles files = new RuleFiles();
        SHIPPED.forEach(name -> files.add(ResourceFolder.shipped("rules").resolve(name)));
        Path place = own != null ? own : settings.path("AVDAILY_RULES").orElse(null);
        if (place != null) own(place).forEach(files::add);
        return files.rules();
    }

    private static List<Path> own(Path place) {
        if (Files.isRegularFile(place)) return List.of(place);
        List<Path> files = ResourceFolder.files(place).stream()
                .filter(file -> file.toString().matches(".*\\.ya?ml"))
                .toList();
        if (files.isEmpty())
            throw Failure.usage(
                    "there is no rule file " + place.toAbsolutePath().normalize(),
                    "name a .yaml file or a folder that has some with --rules or AVDAILY_RULES.");
        return files;
    }

    private void add(Path file) {
        String name = ResourceFolder.show(file);
        try (Reader reader = Files.newBufferedReader(file)) {
            Node root = new Yaml(new LoaderOptions()).compose(reader);
            if (root == null) return;
            for (Map.Entry<String, Located> entry : map(name, root).entrySet())
                switch (entry.getKey()) {
                    case "settings" -> settings.putAll(map(name, entry.getValue().value));
                    case "shared" -> shared.putAll(map(name, entry.getValue().value));
                    case "rules" -> addRules(name, entry.getValue().value);
                    default ->
                        throw wrong(
                                entry.getValue(),
                                "'" + entry.getKey() + "' is not a part of a rule file",
                                "there are settings, shared and rules");
                }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw Failure.usage(name + " line " + line + ": " + e.getProblem(), "correct the file; it is YAML.");
        } catch (IOException | YAMLException e) {
            throw Failure.usage(
                    "cannot read " + name + ": " + e.getMessage(), "correct the file; it is YAML in UTF-8.");
        }
    }

    private void addRules(String file, Node list) {
        if (isNull(list)) return;
        if (!(list instanceof SequenceNode sequence))
            throw wrong(file, list, "rules is not a list", "write '- id: ...' for each rule");
        Set<String> seen = new LinkedHashSet<>();
        for (Node node : sequence.getValue()) {
            Map<String, Located> rule = map(file, node);
            if (!rule.containsKey("id")) throw wrong(file, node, "a rule without id", "give it one");
            String id = text(rule.get("id"));
            if (!id.matches("[\\w.-]+"))
                throw wrong(
                        rule.get("id"),
                        "the id '" + id + "' has other characters than letters, digits, '-', '_' and '.'",
                        "rename it");
            if (!seen.add(id))
                throw wrong(
                        rule.get("id"), "the rule " + id + " stands twice", "remove one, or give it an id of its own");
            rule.forEach((key, value) -> {
                if (!KEYS.contains(key))
                    throw wrong(
                            value,
                            "a rule has no '" + key + "'",
                            "there are " + KEYS.stream().sorted().collect(Collectors.joining(", ")));
            });
            Map<String, Located> known = rules.computeIfAbsent(id, none -> new LinkedHashMap<>());
            if (rule.keySet().stream().anyMatch(WAYS::contains)
                    && (rule.containsKey("query") != known.containsKey("query")))
                known.keySet().removeAll(WAYS);
            if (rule.containsKey("query")) known.remove("with");
            if (rule.containsKey("where")) known.remove("values");
            if (rule.containsKey("values")) known.remove("where");
            known.putAll(rule);
        }
    }

    private List<Rule> rules() {
        Map<String, String> values = new LinkedHashMap<>();
        settings.forEach((name, value) -> {
            if (!isNull(value.value)) values.put(name, text(value));
        });
        shared.values().forEach(query -> settingsIn(query, text(query)));
        List<Rule> all = rules.values().stream()
                .map(rule -> rule(rule).with(new Values(values)))
                .toList();
        settings.forEach((name, value) -> {
            if (!used.contains(name))
                throw wrong(
                        value,
                        "no rule uses the setting '" + name + "'",
                        "there are " + used.stream().sorted().collect(Collectors.joining(", ")));
        });
        return all;
    }

    private Rule rule(Map<String, Located> keys) {
        Located id = keys.get("id");
        for (String needed : List.of("category", "severity", "means"))
            if (!keys.containsKey(needed)) throw wrong(id, "the rule " + text(id) + " has no " + needed, "add it");
        String query = sql(keys.get("query"));
        Map<String, List<String>> values = values(keys.get("values"));
        if (!values.isEmpty() && keys.containsKey("where"))
            throw wrong(id, "the rule " + text(id) + " has both 'where' and 'values'", "make two rules of it");
        String where = values.isEmpty() ? sql(keys.get("where")) : notAmong(values);
        String table = text(keys.get("table"));
        for (String sql : Stream.of(query, where).filter(Objects::nonNull).toList())
            if (sql.isBlank())
                throw wrong(id, "the rule " + text(id) + " has a query or a predicate that is empty", "write it");
        if (query == null && (where == null || table == null) || query != null && where != null)
            throw wrong(
                    id,
                    "the rule " + text(id) + " has neither a query nor a predicate, or both",
                    "give it 'query', or 'table' and 'where' or 'values'");
        Rule.Shared start = keys.containsKey("with") ? shared(keys, query) : null;
        Set<String> needs = new LinkedHashSet<>(texts(keys.get("needs")));
        used.addAll(needs);
        if (start != null) needs.addAll(settingsIn(shared.get(text(keys.get("with"))), start.with()));
        for (String key : List.of("where", "query", "skip_if"))
            if (keys.containsKey(key)) needs.addAll(settingsIn(keys.get(key), text(keys.get(key))));
        settingsIn(keys.get("means"), text(keys.get("means")));
        Rule.Fix fix = fix(keys, table, needs);
        for (String name : needs)
            if (!settings.containsKey(name))
                throw wrong(
                        id,
                        "the rule " + text(id) + " needs the setting " + name + ", which no file has",
                        "add it to settings, if only as '" + name + ": ~'");
        List<String> unset =
                needs.stream().filter(name -> isNull(settings.get(name).value)).toList();
        Located off = keys.get("off");
        String reason = off != null && flag(off)
                ? "switched off in " + off.file + "; 'off: false' in a rule file of your own switches it on"
                : unset.isEmpty()
                        ? null
                        : "off until a rule file sets " + String.join(" and ", unset) + " under settings";
        return new Rule(
                text(id),
                word(keys.get("category"), Rule.Category.values()),
                word(keys.get("severity"), Rule.Severity.values()),
                flag(keys.get("quick")),
                text(keys.get("means")),
                List.copyOf(needs),
                texts(keys.get("tables")),
                texts(keys.get("enforced_by")),
                table,
                where,
                values,
                start == null ? query : start.with() + query,
                start,
                texts(keys.get("key")),
                text(keys.get("probe")),
                sql(keys.get("skip_if")),
                text(keys.get("cure")),
                fix,
                reason,
                id.file + " line " + line(id.key));
    }

    /** What each column may hold. */
    private static Map<String, List<String>> values(Located at) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (at != null)
            map(at.file, at.value).forEach((column, list) -> {
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
        if (at == null || isNull(at.value)) return null;
        Map<String, Located> keys = map(at.file, at.value);
        keys.forEach((key, value) -> {
            if (!FIX_KEYS.contains(key))
                throw wrong(
                        value,
                        "a fix has no '" + key + "'",
                        "there are " + FIX_KEYS.stream().sorted().collect(Collectors.joining(", ")));
        });
        if (!keys.containsKey("kind"))
            throw wrong(at, "a fix without kind", "there are quarantine, update, insert, ddl and sql");
        Rule.Fix.Kind kind = word(keys.get("kind"), Rule.Fix.Kind.values());
        Map<String, String> set = new LinkedHashMap<>();
        if (keys.containsKey("set"))
            map(at.file, keys.get("set").value).forEach((column, value) -> {
                set.put(column, sql(value));
                needs.addAll(settingsIn(value, sql(value)));
            });
        for (String key : List.of("where", "insert"))
            if (keys.containsKey(key)) needs.addAll(settingsIn(keys.get(key), text(keys.get(key))));
        String target = keys.containsKey("table") ? text(keys.get("table")) : table;
        switch (kind) {
            case QUARANTINE -> needed(at, target != null, "table");
            case UPDATE -> {
                needed(at, target != null, "table");
                needed(at, !set.isEmpty(), "set");
            }
            case INSERT -> {
                needed(at, target != null, "table");
                needed(at, keys.containsKey("insert"), "insert");
            }
            case DDL -> needed(at, keys.containsKey("statement"), "statement");
            default -> {}
        }
        if (keys.containsKey("where") && kind != Rule.Fix.Kind.QUARANTINE && kind != Rule.Fix.Kind.UPDATE)
            throw wrong(at, "'where' goes with quarantine and update", "remove it");
        used.add("money_tables");
        boolean money = target != null
                && Stream.of(String.valueOf(text(settings.get("money_tables"))).split(","))
                        .map(RuleFiles::plain)
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

    /** A table's name, however it is written. */
    private static String plain(String table) {
        return table.replace("\"", "").strip().replaceFirst("^public\\.", "");
    }

    private static void needed(Located fix, boolean there, String key) {
        if (!there) throw wrong(fix, "this kind of fix needs '" + key + "'", "add it");
    }

    /** The settings that SQL names. */
    private List<String> settingsIn(Located at, String sql) {
        if (sql == null) return List.of();
        List<String> names =
                PLACEHOLDER.matcher(sql).results().map(name -> name.group(1)).toList();
        for (String name : names)
            if (!settings.containsKey(name))
                throw wrong(at, "${" + name + "} is not a setting", "add it to settings, if only as '" + name + ": ~'");
        used.addAll(names);
        return names;
    }

    // -- nodes

    private static Map<String, Located> map(String file, Node node) {
        if (isNull(node)) return Map.of();
        if (!(node instanceof MappingNode mapping))
            throw wrong(file, node, "this is not a list of names and values", "write 'name: value'");
        Map<String, Located> map = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            Located located = new Located(file, entry.getKeyNode(), entry.getValueNode());
            if (!(entry.getKeyNode() instanceof ScalarNode name))
                throw wrong(located, "a name is expected here", "write 'name: value'");
            if (map.put(name.getValue(), located) != null)
                throw wrong(located, "'" + name.getValue() + "' stands twice", "remove one");
        }
        return map;
    }

    private static String text(Located at) {
        if (at == null || isNull(at.value)) return null;
        if (!(at.value instanceof ScalarNode scalar))
            throw wrong(at, "a text is expected here", "write one, in quotes where it has ': ' in it");
        return scalar.getValue().strip();
    }

    private static String sql(Located at) {
        String text = text(at);
        return text == null ? null : text.replaceFirst("[;\\s]+$", "");
    }

    /** A list, or one text in its place. */
    private static List<String> texts(Located at) {
        if (at == null || isNull(at.value)) return List.of();
        if (at.value instanceof SequenceNode list)
            return list.getValue().stream()
                    .map(node -> text(new Located(at.file, at.key, node)))
                    .toList();
        return List.of(text(at));
    }

    private static boolean flag(Located at) {
        String text = text(at);
        if (text != null && !text.matches("true|false|yes|no"))
            throw wrong(at, "'" + text + "' is neither true nor false", "write one of them");
        return text != null && text.matches("true|yes");
    }

    private static <E extends Enum<E>> E word(Located at, E[] all) {
        String text = String.valueOf(text(at));
        return Arrays.stream(all)
                .filter(one -> one.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> wrong(
                        at,
                        "'" + text + "' is not known here",
                        "there are " + Stream.of(all).map(Object::toString).collect(Collectors.joining(", "))));
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static Failure wrong(Located at, String what, String next) {
        return wrong(at.file, at.key, what, next);
    }

    private static Failure wrong(String file, Node node, String what, String next) {
        return Failure.usage(file + " line " + line(node) + ": " + what, next + ".");
    }
}
