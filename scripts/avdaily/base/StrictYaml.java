package avdaily.base;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
 * A mapping in a YAML file that is read key by key. Reading says which keys there are: what is left over at
 * {@link #done} is a mistake. Every mistake is named by file and line.
 */
public final class StrictYaml {
    private static final Pattern DURATION = Pattern.compile("(\\d+) ?(s|m|h|d|w)");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,6})([kMGT])B");
    private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d+)?) ?%");

    /** Says nothing. */
    public static final StrictYaml EMPTY = new StrictYaml(null, null);

    /** A value and where it stands. */
    private record Entry(int line, Node value) {}

    private final Path file;
    private final int line;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    private StrictYaml(Path file, Node node) {
        this.file = file;
        this.line = node == null ? 1 : node.getStartMark().getLine() + 1;
        if (node == null || Tag.NULL.equals(node.getTag())) return;
        if (!(node instanceof MappingNode map))
            throw mistake(file, line, "here should stand keys and values", "write 'key: value' lines.");
        for (NodeTuple tuple : map.getValue()) {
            int at = tuple.getKeyNode().getStartMark().getLine() + 1;
            if (!(tuple.getKeyNode() instanceof ScalarNode key))
                throw mistake(file, at, "a key is not a plain word", "write 'key: value' lines.");
            if (entries.put(key.getValue(), new Entry(at, tuple.getValueNode())) != null)
                throw mistake(file, at, "'" + key.getValue() + "' stands here twice", "keep one of them.");
        }
    }

    /** @throws Failure (2) where the file cannot be read or is no YAML */
    public static StrictYaml read(Path file) {
        return new StrictYaml(file, compose(file));
    }

    /** The mappings that a file lists, whose text was read already. */
    public static List<StrictYaml> readList(Path file, String text) {
        Node node = compose(file, new StringReader(text));
        if (node == null) return List.of();
        if (!(node instanceof SequenceNode list))
            throw mistake(file, 1, "here should stand a list", "start each entry with '- '.");
        return list.getValue().stream().map(each -> new StrictYaml(file, each)).toList();
    }

    private static Node compose(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            ResourceFolder.refuseTooLarge(file);
            return compose(file, reader);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static Node compose(Path file, Reader reader) {
        try {
            return new Yaml(new LoaderOptions()).compose(reader);
        } catch (MarkedYAMLException e) {
            throw mistake(
                    file,
                    e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1,
                    e.getProblem(),
                    "correct it; it is YAML.");
        } catch (YAMLException e) {
            throw unreadable(file, e);
        }
    }

    private static Failure unreadable(Path file, Exception e) {
        return Failure.usage(file + " cannot be read: " + Reason.of(e), "name a readable YAML file in UTF-8.")
                .at(Place.of(file));
    }

    private static Failure mistake(Path file, int line, String what, String next) {
        Place place = Place.of(file, line);
        return Failure.usage(place + ": " + what, next).at(place);
    }

    public Failure mistake(String key, String what, String next) {
        return mistake(file, entries.containsKey(key) ? entries.get(key).line : line, what, next);
    }

    private Optional<Entry> take(String key) {
        known.add(key);
        return Optional.ofNullable(entries.get(key)).filter(entry -> !Tag.NULL.equals(entry.value.getTag()));
    }

    /** Whether the value is this one word. */
    public boolean is(String key, String word) {
        return take(key)
                .filter(entry -> entry.value instanceof ScalarNode scalar
                        && scalar.getValue().equals(word))
                .isPresent();
    }

    public Optional<String> text(String key) {
        return take(key).map(entry -> scalar(key, entry.value));
    }

    private String scalar(String key, Node node) {
        if (node instanceof ScalarNode scalar) return scalar.getValue();
        throw mistake(
                file,
                node.getStartMark().getLine() + 1,
                "the value of '" + key + "' is not a single one",
                "write one value.");
    }

    /** One of the words of an enum, in lower case with hyphens. */
    public <T extends Enum<T>> Optional<T> word(String key, Class<T> type) {
        return text(key).map(text -> word(key, text, type));
    }

    private <T extends Enum<T>> T word(String key, String text, Class<T> type) {
        for (T constant : type.getEnumConstants())
            if (word(constant).equals(text)) return constant;
        throw mistake(
                key,
                "'" + text + "' is no value of '" + key + "'",
                Stream.of(type.getEnumConstants())
                        .map(StrictYaml::word)
                        .collect(Collectors.joining(", ", "choose from ", ".")));
    }

    /** The name of a constant as it is written in a file: in lower case with hyphens. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public <T extends Enum<T>> Optional<List<T>> words(String key, Class<T> type) {
        return texts(key)
                .map(all -> all.stream().map(text -> word(key, text, type)).toList());
    }

    public Optional<Integer> number(String key) {
        return text(key).map(text -> {
            if (!text.matches("\\d{1,9}"))
                throw mistake(key, "'" + text + "' is no number", "write a whole number from 0 on.");
            return Integer.parseInt(text);
        });
    }

    public Optional<Duration> duration(String key) {
        return text(key).map(text -> lengthOfTime(text)
                .orElseThrow(() -> mistake(
                        key, "'" + text + "' is no length of time", "write a number and s, m, h, d or w, as in 26h.")));
    }

    /** A length of time as people write it: 90s, 15m, 26h, 7d. */
    public static Optional<Duration> lengthOfTime(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches() || m.group(1).length() > 6) return Optional.empty();
        long n = Long.parseLong(m.group(1));
        return Optional.of(
                switch (m.group(2)) {
                    case "s" -> Duration.ofSeconds(n);
                    case "m" -> Duration.ofMinutes(n);
                    case "h" -> Duration.ofHours(n);
                    case "d" -> Duration.ofDays(n);
                    default -> Duration.ofDays(7 * n);
                });
    }

    public Optional<Double> percent(String key) {
        return text(key).map(text -> {
            Matcher m = PERCENT.matcher(text);
            if (!m.matches() || Double.parseDouble(m.group(1)) > 100)
                throw mistake(key, "'" + text + "' is no share", "write it as in 80%.");
            return Double.parseDouble(m.group(1));
        });
    }

    /** A number of bytes as people write it: 512MB, 5GB. */
    public Optional<Double> bytes(String key) {
        return text(key).map(text -> {
            Matcher m = BYTES.matcher(text);
            if (!m.matches()) throw mistake(key, "'" + text + "' is no size", "write it as in 5GB.");
            return Double.parseDouble(m.group(1)) * Math.pow(1000, "kMGT".indexOf(m.group(2)) + 1);
        });
    }

    /** All keys, for a mapping whose keys people choose. */
    public Set<String> keys() {
        return entries.keySet();
    }

    /** A list of texts; a single one counts as a list of one. */
    public Optional<List<String>> texts(String key) {
        return take(key).map(entry -> {
            if (!(entry.value instanceof SequenceNode list)) return List.of(scalar(key, entry.value));
            List<String> all = new ArrayList<>();
            list.getValue().forEach(node -> all.add(scalar(key, node)));
            return all;
        });
    }

    /** The mapping below a key, empty where there is none. */
    public StrictYaml map(String key) {
        return new StrictYaml(file, take(key).map(Entry::value).orElse(null));
    }

    /** The mappings that a key lists; a single one counts as a list of one. */
    public List<StrictYaml> maps(String key) {
        return take(key)
                .map(Entry::value)
                .map(node -> node instanceof SequenceNode list ? list.getValue() : List.of(node))
                .orElse(List.of())
                .stream()
                .map(node -> new StrictYaml(file, node))
                .toList();
    }

    /** Whether the value is a mapping. */
    public boolean isMap(String key) {
        return take(key).filter(entry -> entry.value instanceof MappingNode).isPresent();
    }

    public boolean has(String key) {
        return take(key).isPresent();
    }

    /** @throws Failure (2) naming the first key that nobody asked for */
    public void done() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key))
                throw mistake(
                        file,
                        entry.line,
                        "there is no key '" + key + "' here",
                        "there are " + String.join(", ", known) + ".");
        });
    }
}
