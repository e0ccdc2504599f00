package avdaily.db;

import avdaily.base.Project;
import avdaily.base.StrictYaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code avdaily.yaml} says that every command obeys: what the databases of an environment are called, and how
 * many people approve a change of its schema. The rest of the file is for deployments and the monitor.
 *
 * @param names patterns of hosts and databases, in which * stands for any letters
 * @param approvals how many are demanded; an environment of which the file says nothing is not in it
 */
public record ProjectFile(Map<Environment, List<String>> names, Map<Environment, Integer> approvals) {
    /** There is no file. */
    static final ProjectFile NONE = new ProjectFile(Map.of(), Map.of());

    /** @throws Failure (2) naming file and line of a mistake */
    static ProjectFile read(Path file) {
        StrictYaml map = StrictYaml.read(file);
        StrictYaml defaults = map.map("defaults");
        if (defaults.has("names"))
            throw defaults.mistake("names", "names stand below an environment", "say which one is called so.");
        Optional<Integer> byDefault = defaults.number("approvals");
        StrictYaml environments = map.map("environments");
        Map<Environment, List<String>> names = new EnumMap<>(Environment.class);
        Map<Environment, Integer> approvals = new EnumMap<>(Environment.class);
        for (Environment environment : Environment.values()) {
            StrictYaml own = environments.map(environment.toString());
            own.texts("names").ifPresent(patterns -> names.put(environment, patterns));
            own.number("approvals").or(() -> byDefault).ifPresent(number -> approvals.put(environment, number));
        }
        return new ProjectFile(names, approvals);
    }

    /** What the address of a database that does not answer gives away; {@code file} is the project's. */
    public static Optional<Environment.Signal> called(Optional<Path> file, DatabaseUrl url) {
        return file.map(ProjectFile::read).orElse(NONE).called(url);
    }

    /** What an address gives away, by our rules and by the project's patterns; the more dangerous of the two. */
    Optional<Environment.Signal> called(DatabaseUrl url) {
        return Stream.of(Environment.inUrl(url), inUrl(url))
                .flatMap(Optional::stream)
                .max(Comparator.comparing(Environment.Signal::environment));
    }

    /** What the patterns say of an address; the most dangerous environment that one names. */
    private Optional<Environment.Signal> inUrl(DatabaseUrl url) {
        List<String> called = Stream.concat(url.hostNames().stream(), Stream.of(url.database()))
                .toList();
        List<Environment> dangerousFirst = new ArrayList<>(List.of(Environment.values()));
        Collections.reverse(dangerousFirst);
        for (Environment environment : dangerousFirst)
            for (String pattern : names.getOrDefault(environment, List.of()))
                for (String name : called)
                    if (isCalled(name, pattern))
                        return Optional.of(new Environment.Signal(
                                environment,
                                Project.FILE + " (the name '" + pattern + "' fits '" + name.toLowerCase(Locale.ROOT)
                                        + "')"));
        return Optional.empty();
    }

    private static boolean isCalled(String name, String pattern) {
        String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(name)
                .matches();
    }

    /** How many people have to approve a change of the schema; none if the file does not say. */
    public int approvals(Environment environment) {
        return approvals.getOrDefault(environment, 0);
    }
}
