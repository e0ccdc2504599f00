package avdaily.migrate;

import avdaily.base.Json;
import avdaily.schema.Schema;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a schema differs from the one it should be, object by object. */
public record Drift(List<Change> changes) {
    static final Drift NONE = new Drift(List.of());

    /** What is said of an object that is not read: it counts where both schemas have the object. */
    static final String REMARKS = "COMMENTS AND PRIVILEGES";

    private static final int CONTEXT = 1;

    /** What has become of an object, seen from the schema that should be. */
    public enum How {
        MISSING,
        EXTRA,
        CHANGED;

        /** The word for it in texts and JSON. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What becomes of partitions that only one of two schemas has. */
    public enum Partitions {
        /** They belong to their parent, and are no difference. */
        FOLDED,
        COUNTED
    }

    /**
     * One object that differs; the lines of its DDL that should be there begin with '-', those that are there with '+'.
     */
    public record Change(How how, String kind, String identity, List<String> lines) {
        String title() {
            return how + " " + kind + " " + identity;
        }

        public Map<String, Object> json() {
            return Json.object(
                    "change",
                    how.toString(),
                    "kind",
                    kind,
                    "identity",
                    identity,
                    "difference",
                    String.join("\n", lines));
        }
    }

    /** Objects are the same that have the same kind and identity. */
    static Map<String, Schema.Item> byName(List<Schema.Item> items) {
        return items.stream()
                .collect(Collectors.toMap(
                        item -> item.kind() + " " + item.identity(), item -> item, (a, b) -> a, LinkedHashMap::new));
    }

    static Drift between(List<Schema.Item> expected, List<Schema.Item> live) {
        Map<String, Schema.Item> should = byName(expected);
        Map<String, Schema.Item> is = byName(live);
        Map<String, Change> changes = new TreeMap<>();
        Stream.concat(expected.stream(), live.stream())
                .map(item -> item.kind() + " " + item.identity())
                .distinct()
                .forEach(name -> {
                    Schema.Item mine = is.get(name);
                    Schema.Item wanted = should.get(name);
                    if (mine != null && wanted != null && isSame(wanted, mine)) return;
                    if (wanted == null && mine.kind().equals(Schema.SETTINGS)) return; // recorded before they were
                    Schema.Item any = mine == null ? wanted : mine;
                    boolean isAlone = mine == null || wanted == null;
                    if (isAlone && any.kind().equals(REMARKS)) return; // so is the object, or the record is old
                    changes.put(name, new Change(how(wanted, mine), any.kind(), any.identity(), lines(wanted, mine)));
                });
        return new Drift(List.copyOf(changes.values()));
    }

    /** The same, with partitions as {@code partitions} says; {@code notes} gets what was folded. */
    static Drift between(
            List<Schema.Item> expected, List<Schema.Item> live, Partitions partitions, Consumer<String> notes) {
        Drift all = between(expected, live);
        if (partitions == Partitions.COUNTED) return all;
        PartitionFolding folding = new PartitionFolding(expected, live);
        folding.lines().forEach(notes);
        return new Drift(all.changes.stream()
                .filter(change -> !folding.has(change.identity))
                .toList());
    }

    private static How how(Schema.Item wanted, Schema.Item mine) {
        if (mine == null) return How.MISSING;
        return wanted == null ? How.EXTRA : How.CHANGED;
    }

    /** A column that is added again comes last: the order of a table's columns is no difference. */
    private static boolean isSame(Schema.Item wanted, Schema.Item live) {
        if (wanted.ddl().equals(live.ddl())) return true;
        return switch (wanted.kind()) {
            case "TABLE" -> TableLines.of(wanted.ddl()).equals(TableLines.of(live.ddl()));
            case "NOT READ" -> wanted.ddl().isEmpty() || told(wanted, live).equals(told(live, wanted));
            default -> false;
        };
    }

    /** A role that may not see the options of a user mapping sees the mapping alone. */
    private static List<String> told(Schema.Item item, Schema.Item other) {
        List<String> others = other.ddl().lines().toList();
        return item.ddl()
                .lines()
                .map(line -> {
                    String mapping = line.replaceFirst(": .*", "");
                    return line.startsWith("USER MAPPING ") && others.contains(mapping) ? mapping : line;
                })
                .toList();
    }

    private static List<String> lines(Schema.Item wanted, Schema.Item mine) {
        List<String> before = wanted == null ? List.of() : wanted.ddl().lines().toList();
        List<String> after = mine == null ? List.of() : mine.ddl().lines().toList();
        List<String> unified =
                UnifiedDiffUtils.generateUnifiedDiff("", "", before, DiffUtils.diff(before, after), CONTEXT);
        return unified.stream()
                .skip(3)
                .map(line -> line.startsWith("@@") ? " ..." : line)
                .toList(); // two file names and the first place
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /**
     * Without the objects that a pattern names.
     *
     * @param patterns match the identity, or kind and identity; '*' stands for any text, '?' for one letter
     */
    public Drift without(List<String> patterns) {
        List<Pattern> all = patterns.stream().map(Drift::pattern).toList();
        return new Drift(changes.stream()
                .filter(change -> all.stream()
                        .noneMatch(p -> p.matcher(change.identity).matches()
                                || p.matcher(change.kind + " " + change.identity)
                                        .matches()))
                .toList());
    }

    /** Without what ALTER DATABASE and ALTER ROLE set, which no migration has to take back. */
    public Drift ofObjects() {
        return without(List.of(Schema.SETTINGS + " *"));
    }

    private static Pattern pattern(String glob) {
        StringBuilder regex = new StringBuilder();
        for (String part : glob.split("(?<=[*?])|(?=[*?])"))
            switch (part) {
                case "*" -> regex.append(".*");
                case "?" -> regex.append('.');
                default -> regex.append(Pattern.quote(part));
            }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    public List<String> titles() {
        return changes.stream().map(Change::title).toList();
    }

    /** The titles, each followed by its difference. */
    public List<String> report() {
        List<String> all = new ArrayList<>();
        for (Change change : changes) {
            all.add(change.title());
            change.lines.forEach(line -> all.add("    " + line));
        }
        return all;
    }
}
