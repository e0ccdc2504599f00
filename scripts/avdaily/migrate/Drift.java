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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a schema differs from the one it should be, object by object. */
public record Drift(List<Change> changes) {
    static final Drift NONE = new Drift(List.of());
    private static final int CONTEXT = 1;

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
                    Schema.Item any = mine == null ? wanted : mine;
                    changes.put(name, new Change(how(wanted, mine), any.kind(), any.identity(), lines(wanted, mine)));
                });
        return new Drift(List.copyOf(changes.values()));
    }

    private static How how(Schema.Item wanted, Schema.Item mine) {
        if (mine == null) return How.MISSING;
        return wanted == null ? How.EXTRA : How.CHANGED;
    }

    /** A column that is added again comes last: the order of a table's columns is no difference. */
    private static boolean isSame(Schema.Item a, Schema.Item b) {
        return a.ddl().equals(b.ddl())
                || a.kind().equals("TABLE") && unordered(a.ddl()).equals(unordered(b.ddl()));
    }

    private static List<String> unordered(String ddl) {
        return ddl.lines().map(line -> line.replaceFirst(",$", "")).sorted().toList();
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
