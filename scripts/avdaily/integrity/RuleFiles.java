package avdaily.integrity;

import static avdaily.integrity.YamlNodes.isNull;
import static avdaily.integrity.YamlNodes.map;
import static avdaily.integrity.YamlNodes.text;
import static avdaily.integrity.YamlNodes.texts;
import static avdaily.integrity.YamlNodes.wrong;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.integrity.YamlNodes.Located;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads rules and settings: the shipped files, then the project's own, which add to them and override them. Every
 * mistake is one {@link Failure} (2) with file, line and reason.
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
    static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");
    /** A rule that is overridden with another way to look must forget the old one. */
    private static final Set<String> WAYS = Set.of("table", "where", "values", "query");

    /** Without one of each, a rule is none. */
    private static final Set<String> NEEDED = Set.of("category", "severity", "means");

    private static final Set<String> WAYS_TO_LOOK = Set.of("where", "values", "query");

    /** What must be there for a file's rules to say anything of a database. */
    static final String ABOUT = "about";

    private static final String OF_THE_SERVER = "structure.yaml";
    private static final String OF_AV_DAILY = "integrity.yaml";

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

    /**
     * Rules, and the project's own files that say them.
     *
     * @param hashes of the files' texts as they were read
     */
    public record Loaded(List<Rule> rules, Map<Path, String> hashes) {}

    /** The shipped files as they were read, which each run does once. */
    private static final Map<String, Node> SHIPPED = new ConcurrentHashMap<>();

    private final Map<String, Located> settings = new LinkedHashMap<>();
    private final Map<String, Located> shared = new LinkedHashMap<>();
    private final Map<String, Map<String, Located>> rules = new LinkedHashMap<>();
    private final Map<Path, String> hashes = new LinkedHashMap<>();

    /**
     * The rules about the server, those that the project has, and those of {@code named}; what comes later overrides.
     *
     * @param named a file, or a folder with files; null for AVDAILY_RULES or none
     */
    public static List<Rule> read(Settings settings, Path named) {
        return load(settings, named).rules();
    }

    /** As {@link #read}, for who must know later which files these were. */
    public static Loaded load(Settings settings, Path named) {
        RuleFiles files = new RuleFiles();
        files.addShipped(OF_THE_SERVER);
        if (settings.project().hasShippedRules()) files.addShipped(OF_AV_DAILY);
        own(settings, named).forEach(file -> files.add(file, files::own));
        return new Loaded(files.rules(), files.hashes);
    }

    /** Reads the shipped files, so that another thread that needs them later finds them read. */
    public static void preload() {
        List.of(OF_THE_SERVER, OF_AV_DAILY).forEach(name -> new RuleFiles().addShipped(name));
    }

    /** The files of the project's own rules, and of those that the command line or AVDAILY_RULES names. */
    private static List<Path> own(Settings settings, Path named) {
        Optional<Path> more = Optional.ofNullable(named).or(() -> settings.path("AVDAILY_RULES"));
        return Stream.concat(settings.project().rules().stream(), more.stream())
                .flatMap(place -> files(place).stream())
                .toList();
    }

    private static Path shipped(String name) {
        return ResourceFolder.shipped("scripts/avdaily/integrity").resolve(name);
    }

    /** Whether a rule from there asks the server's catalogs alone. */
    static boolean isOfTheServer(Place from) {
        return from.file().equals(ResourceFolder.show(shipped(OF_THE_SERVER)));
    }

    private static List<Path> files(Path place) {
        if (Files.isRegularFile(place)) return List.of(place);
        List<Path> files = ResourceFolder.files(place).stream()
                .filter(file -> file.toString().matches(".*\\.ya?ml"))
                .toList();
        if (files.isEmpty())
            throw Failure.usage(
                    "there is no rule file " + place.toAbsolutePath().normalize(),
                    "name a .yaml file or a folder that has some with --rules, AVDAILY_RULES or 'rules' in "
                            + "avdaily.yaml.");
        return files;
    }

    private void addShipped(String name) {
        add(shipped(name), file -> SHIPPED.computeIfAbsent(name, none -> root(content(file))));
    }

    private Node own(Path file) {
        String text = content(file);
        hashes.put(file, Sha256.of(text));
        return root(text);
    }

    private static String content(Path file) {
        try {
            ResourceFolder.refuseTooLarge(file);
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The document, or null if there is none. */
    private static Node root(String text) {
        return new Yaml(new LoaderOptions()).compose(new StringReader(text));
    }

    private void add(Path file, Function<Path, Node> read) {
        String name = ResourceFolder.show(file);
        try {
            Node root = read.apply(file);
            if (root == null) return;
            Map<String, Located> parts = map(name, root);
            for (Map.Entry<String, Located> entry : parts.entrySet())
                switch (entry.getKey()) {
                    case "settings" ->
                        settings.putAll(map(name, entry.getValue().value()));
                    case "shared" -> shared.putAll(map(name, entry.getValue().value()));
                    case "rules" -> addRules(name, entry.getValue().value(), Optional.ofNullable(parts.get(ABOUT)));
                    case ABOUT -> texts(entry.getValue());
                    default ->
                        throw wrong(
                                entry.getValue(),
                                "'" + entry.getKey() + "' is not a part of a rule file",
                                "there are about, settings, shared and rules");
                }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw Failure.usage(name + " line " + line + ": " + e.getProblem(), "correct the file; it is YAML.")
                    .at(new Place(name, line));
        } catch (UncheckedIOException e) {
            throw unreadable(name, e.getCause());
        } catch (YAMLException e) {
            throw unreadable(name, e);
        }
    }

    private static Failure unreadable(String name, Exception e) {
        return Failure.usage("cannot read " + name + ": " + Reason.of(e), "correct the file; it is YAML in UTF-8.");
    }

    /** @param about what a database has that the file's rules are about */
    private void addRules(String file, Node list, Optional<Located> about) {
        if (isNull(list)) return;
        if (!(list instanceof SequenceNode sequence))
            throw wrong(file, list, "rules is not a list", "write '- id: ...' for each rule");
        Set<String> seen = new LinkedHashSet<>();
        for (Node node : sequence.getValue()) {
            Map<String, Located> rule = new LinkedHashMap<>(map(file, node));
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
            about.ifPresent(tables -> rule.put(ABOUT, tables));
            merge(id, rule);
        }
    }

    /** A rule that says all of what a rule says stands for itself; any other one changes keys of that of its id. */
    private void merge(String id, Map<String, Located> rule) {
        boolean isWhole =
                rule.keySet().containsAll(NEEDED) && rule.keySet().stream().anyMatch(WAYS_TO_LOOK::contains);
        if (isWhole) rules.remove(id);
        Map<String, Located> known = rules.computeIfAbsent(id, none -> new LinkedHashMap<>());
        if (rule.keySet().stream().anyMatch(WAYS::contains)
                && (rule.containsKey("query") != known.containsKey("query")))
            known.keySet().removeAll(WAYS);
        if (rule.containsKey("query")) known.remove("with");
        if (rule.containsKey("where")) known.remove("values");
        if (rule.containsKey("values")) known.remove("where");
        known.putAll(rule);
    }

    private List<Rule> rules() {
        Map<String, String> values = new LinkedHashMap<>();
        settings.forEach((name, value) -> {
            if (!value.isNull()) values.put(name, text(value));
        });
        RuleParser parser = new RuleParser(settings, shared);
        shared.values().forEach(query -> parser.settingsIn(query, text(query)));
        List<Rule> all = rules.values().stream()
                .map(keys -> parser.rule(keys).with(new Values(values)))
                .toList();
        settings.forEach((name, value) -> {
            if (!parser.used().contains(name))
                throw wrong(
                        value,
                        "no rule uses the setting '" + name + "'",
                        "there are " + parser.used().stream().sorted().collect(Collectors.joining(", ")));
        });
        return all;
    }
}
