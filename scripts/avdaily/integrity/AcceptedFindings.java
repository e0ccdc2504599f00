package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Findings that somebody has looked at and accepts for a time, from a file: a list of rule, key, reason and until. */
public final class AcceptedFindings {
    public static final AcceptedFindings NONE = new AcceptedFindings(List.of());

    record Entry(String rule, String key, String reason, String until) {
        boolean isOver() {
            return LocalDate.parse(until).isBefore(LocalDate.now());
        }

        String title() {
            return rule + " " + key;
        }
    }

    private final List<Entry> entries;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    private AcceptedFindings(List<Entry> entries) {
        this.entries = entries;
    }

    /** @throws Failure (2) if the file is no such list */
    public static AcceptedFindings read(Path file) {
        if (file == null) return NONE;
        try {
            ResourceFolder.refuseTooLarge(file);
            return read(file, Files.readString(file));
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + file + ": " + Reason.of(e), "name a file with accepted findings with --baseline.");
        }
    }

    /**
     * As {@link #read}, of a file that was read already.
     *
     * @param file for messages
     */
    public static AcceptedFindings read(Path file, String text) {
        try {
            List<Entry> entries = List.of(new YAMLMapper()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .readValue(text, Entry[].class));
            Set<String> titles = new HashSet<>();
            for (Entry entry : entries) {
                if (entry == null
                        || entry.rule == null
                        || entry.key == null
                        || entry.reason == null
                        || entry.reason.isBlank()
                        || entry.until == null)
                    throw Failure.usage(
                            file + ": an entry lacks rule, key, reason or until"
                                    + (entry == null || entry.rule == null ? "" : " (" + entry.title() + ")"),
                            "give each of them all four.");
                if (!titles.add(entry.title()))
                    throw Failure.usage(file + ": " + entry.title() + " stands twice", "remove one.");
                date(file, entry);
            }
            return new AcceptedFindings(entries);
        } catch (JsonProcessingException e) {
            throw Failure.usage(
                    file + " line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ": "
                            + why(e),
                    "it is a list of rule, key, reason and until (a date).");
        }
    }

    /** Of what is no entry, the library tells the name of a class. */
    private static String why(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown)
            return "'" + unknown.getPropertyName() + "' is no part of an entry";
        return e instanceof MismatchedInputException
                ? "this is no list of entries"
                : e.getOriginalMessage().replaceAll("\\s*\\R\\s*", " ");
    }

    private static void date(Path file, Entry entry) {
        try {
            LocalDate.parse(entry.until);
        } catch (DateTimeParseException e) {
            throw Failure.usage(
                    file + ": '" + entry.until + "' of " + entry.title() + " is not a date", "write it as 2030-12-31.");
        }
    }

    /** The accepted keys of a rule whose time is not over. */
    List<String> keys(String rule) {
        return entries.stream()
                .filter(entry -> entry.rule.equals(rule) && !entry.isOver())
                .map(Entry::key)
                .toList();
    }

    /** Tells which accepted ones were found. */
    void seen(String rule, List<String> keys) {
        keys.forEach(key -> seen.add(rule + " " + key));
    }

    /** Entries that are to be taken out: what they accept is gone, their time is over, or no rule is called so. */
    List<String> stale(List<Rule> all, List<RuleResult> outcomes) {
        List<String> stale = new ArrayList<>();
        for (Entry entry : entries) {
            boolean checked = outcomes.stream()
                    .anyMatch(outcome -> outcome.rule().id().equals(entry.rule)
                            && (outcome.is(RuleResult.Kind.PASS) || outcome.is(RuleResult.Kind.FINDINGS)));
            if (all.stream().noneMatch(rule -> rule.id().equals(entry.rule)))
                stale.add(entry.title() + ": there is no such rule");
            else if (entry.isOver()) stale.add(entry.title() + ": accepted until " + entry.until + ", counted again");
            else if (checked && !seen.contains(entry.title())) stale.add(entry.title() + ": is no longer found");
        }
        return stale;
    }
}
