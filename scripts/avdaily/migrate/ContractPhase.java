package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Files that drop what older programs still use: {@code -- phase: contract}. Nothing runs them before somebody names
 * them, or before the data migrations are applied that they say they come after.
 */
final class ContractPhase {
    private static final Pattern MARK = Pattern.compile("(?i)[ \\t]*--[ \\t]*phase:[ \\t]*contract\\b(.*)");
    private static final Pattern AFTER = Pattern.compile("\\s*(?:after=(V?[0-9._]+(?:,V?[0-9._]+)*))?\\s*");

    private final MigrationFiles files;
    private final FlywayHistory history;
    private final Set<MigrationVersion> named = new HashSet<>();

    ContractPhase(MigrationFiles files, FlywayHistory history) {
        this.files = files;
        this.history = history;
    }

    /**
     * Lets these versions run, written as in 43 or V43.
     *
     * @throws Failure (2) if one is no such file
     */
    void allow(List<String> versions) {
        for (String text : versions) {
            MigrationVersion version = version(text);
            boolean isContract = files.forward(version)
                    .filter(file -> after(files.script(file)).isPresent())
                    .isPresent();
            if (!isContract)
                throw Failure.usage(
                        "--contract " + text + " names no file with a line '-- phase: contract'",
                        "name the version of such a file: 'avdaily-migrate status' lists them.");
            named.add(version);
        }
    }

    /** Those that may run now: what is before the first one that has to wait, and what runs again when it changes. */
    List<Migration> due(List<Migration> pending) throws SQLException {
        List<Migration> due = new ArrayList<>();
        boolean waits = false;
        for (Migration m : pending) {
            waits |= m.version() != null && waits(m);
            if (!waits || m.version() == null) due.add(m);
        }
        return due;
    }

    private boolean waits(Migration m) throws SQLException {
        Optional<List<MigrationVersion>> after = after(files.of(m));
        if (after.isEmpty() || named.contains(m.version())) return false;
        if (after.get().isEmpty()) return true;
        for (MigrationVersion version : after.get())
            if (files.forward(version).isEmpty())
                throw Failure.usage(
                        files.of(m).name() + " comes after version " + version + ", which has no file",
                        "correct its line '-- phase: contract'.");
        Set<MigrationVersion> applied = new HashSet<>();
        for (Migration each : history.appliedNewestFirst()) applied.add(each.version());
        return !applied.containsAll(after.get());
    }

    private static MigrationVersion version(String text) {
        return Migration.version(text.replaceFirst("^V", ""));
    }

    /**
     * The versions after which it may run, none if somebody has to name it; nothing if it is no such file. The mark
     * stands before the first statement.
     */
    static Optional<List<MigrationVersion>> after(MigrationScript script) {
        Place place = Place.of(script.file());
        List<String> lines = script.text().replaceFirst("^\uFEFF", "").lines().toList();
        if (lines.stream().noneMatch(line -> MARK.matcher(line).matches())) return Optional.empty();
        int first = script.statements().stream()
                .mapToInt(MigrationStatement::line)
                .findFirst()
                .orElse(lines.size() + 1);
        for (String line : lines.subList(0, first - 1)) {
            Matcher mark = MARK.matcher(line);
            if (!mark.matches()) continue;
            Matcher after = AFTER.matcher(mark.group(1));
            if (!after.matches())
                throw Failure.usage(
                                place + ": '" + line.strip() + "' cannot be read",
                                "write '-- phase: contract', or '-- phase: contract after=42' with the version of the "
                                        + "data migration that comes first.")
                        .at(place);
            List<MigrationVersion> versions = new ArrayList<>();
            if (after.group(1) != null) for (String version : after.group(1).split(",")) versions.add(version(version));
            return Optional.of(versions);
        }
        return Optional.empty();
    }
}
