package avdaily.backup;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What makes a file a copy for developers, which is no backup: the data do not come back from it.
 *
 * @param masked whether masks stand in the place of personal values
 * @param subset the tables whose rows were asked for, as schema.table; empty if those of all tables are there. Which
 *     rows is not said: a condition names values.
 */
public record DeveloperCopy(boolean masked, List<String> subset) {
    static final String SIGN = " for developers";

    private static final Pattern FIRST_LINE =
            Pattern.compile(Pattern.quote(BackupFile.FIRST_WORDS) + "\\d+, (.*?)" + SIGN + ": .*");

    /** What a file is by its first line, whatever its name and what lies beside it; nothing if it is no such copy. */
    static Optional<String> of(String firstLine) {
        Matcher line = FIRST_LINE.matcher(firstLine);
        return line.matches() ? Optional.of(line.group(1)) : Optional.empty();
    }

    /** As in "a masked subset". */
    @Override
    public String toString() {
        return subset.isEmpty() ? "a masked copy" : masked ? "a masked subset" : "a subset";
    }

    /** As in "a masked subset for developers, from rows of public.users on". */
    String described() {
        String from = subset.isEmpty() ? "" : ", from rows of " + String.join(", ", subset) + " on";
        return this + SIGN + from;
    }
}
