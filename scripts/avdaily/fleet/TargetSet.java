package avdaily.fleet;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A set of targets as {@code avdaily.yaml} describes it: databases, or schemas of one, that are listed or that a query
 * returns.
 *
 * @param url of the database on whose server they are, as the file writes it; nothing for the one that the command line
 *     and the variables name
 * @param isOfSchemas whether its targets are schemas of the database of {@code url}
 * @param listed names and addresses; empty if a query says them
 * @param hosts on which rows of the query may name databases besides
 * @param keys to say a mistake of the set with its line
 */
record TargetSet(
        String name,
        Optional<String> url,
        boolean isOfSchemas,
        List<String> listed,
        Optional<String> query,
        List<String> hosts,
        StrictYaml keys) {
    /** Stands for all sets. */
    static final String ALL = "all";

    private static final String DATABASES = "databases";
    private static final String SCHEMAS = "schemas";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,39}";

    /**
     * The sets of these names.
     *
     * @throws Failure (2) if the project's file has no such set, or describes one wrongly
     */
    static List<TargetSet> named(List<String> names, Settings settings) {
        Optional<Path> file = settings.project().file();
        Map<String, TargetSet> all = read(file.map(StrictYaml::read).orElse(StrictYaml.EMPTY));
        if (all.isEmpty())
            throw Failure.usage(
                    file.map(path -> path + " names no targets").orElse("there is no avdaily.yaml that names targets"),
                    "write them into it below 'targets:', as docs/fleets.md shows.");
        if (names.contains(ALL)) return List.copyOf(all.values());
        List<TargetSet> sets = new ArrayList<>();
        for (String name : names) {
            if (!all.containsKey(name))
                throw Failure.usage(
                        "there is no set of targets '" + name + "'",
                        "there are " + String.join(", ", all.keySet()) + ", and '" + ALL + "' for all of them.");
            if (!sets.contains(all.get(name))) sets.add(all.get(name));
        }
        return sets;
    }

    private static Map<String, TargetSet> read(StrictYaml file) {
        StrictYaml sets = file.map("targets");
        Map<String, TargetSet> all = new LinkedHashMap<>();
        for (String name : sets.keys()) {
            if (name.equals(ALL) || !name.matches(NAME))
                throw sets.mistake(
                        name,
                        "'" + name + "' is no name of a set of targets",
                        "use up to 40 letters, digits, '-', '_' and '.', and not '" + ALL + "'.");
            all.put(name, of(name, sets.map(name)));
        }
        return all;
    }

    private static TargetSet of(String name, StrictYaml map) {
        boolean isOfSchemas = map.has(SCHEMAS);
        String key = isOfSchemas ? SCHEMAS : DATABASES;
        if (isOfSchemas == map.has(DATABASES))
            throw map.mistake(
                    isOfSchemas ? SCHEMAS : "",
                    "the set '" + name + "' names " + (isOfSchemas ? "databases and schemas" : "no databases"),
                    "write 'databases:' or 'schemas:', with a list or with {query: SELECT ...}.");
        Optional<String> query = Optional.empty();
        List<String> listed = List.of();
        if (map.isMap(key)) {
            StrictYaml below = map.map(key);
            query = below.text("query");
            if (query.isEmpty()) throw map.mistake(key, "there is no query", "write {query: SELECT ...}.");
            below.done();
        } else {
            listed = map.texts(key).orElse(List.of());
        }
        TargetSet set = new TargetSet(
                name,
                map.text("url"),
                isOfSchemas,
                listed,
                query,
                map.texts("hosts").orElse(List.of()),
                map);
        if (!set.hosts.isEmpty() && (query.isEmpty() || isOfSchemas))
            throw map.mistake("hosts", "hosts are for a query of databases", "take them out.");
        map.done();
        return set;
    }
}
