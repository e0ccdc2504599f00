package avdaily.backup;

import avdaily.base.Failure;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Which backups stay: the last ones, and the newest of each of the last days, weeks and months (UTC) that have one. What
 * cannot be trusted counts for nothing and is left alone.
 */
public record Retention(int last, int daily, int weekly, int monthly) {
    /** A backup and why it stays, or that it goes; damaged ones stay for people to look at. */
    public record Decision(BackupFile file, BackupFile.Metadata metadata, boolean isExpired, String why) {}

    public boolean isEmpty() {
        return last + daily + weekly + monthly == 0;
    }

    /** Decides for each database by itself: a folder may hold the backups of several. */
    public List<Decision> evaluate(List<BackupFile> newestFirst) {
        List<Decision> verdicts = new ArrayList<>();
        Map<String, Map<BackupFile, BackupFile.Metadata>> databases = new TreeMap<>();
        for (BackupFile file : newestFirst) {
            try {
                BackupFile.Metadata metadata = file.metadata().orElse(null);
                if (metadata == null) verdicts.add(new Decision(file, null, false, "nothing is known about it"));
                else
                    databases
                            .computeIfAbsent(
                                    metadata.database() + " (" + metadata.environment() + ")",
                                    n -> new LinkedHashMap<>())
                            .put(file, metadata);
            } catch (Failure damaged) {
                verdicts.add(new Decision(file, null, false, "damaged"));
            }
        }
        databases.values().forEach(files -> verdicts.addAll(evaluate(files)));
        return verdicts;
    }

    private List<Decision> evaluate(Map<BackupFile, BackupFile.Metadata> files) {
        List<Decision> verdicts = new ArrayList<>();
        dropDamaged(files, verdicts);
        Map<BackupFile, Set<String>> reasons = new LinkedHashMap<>();
        files.keySet().forEach(file -> reasons.put(file, new LinkedHashSet<>()));
        keep(files.keySet(), reasons, last, "last", file -> file);
        keep(files.keySet(), reasons, daily, "daily", Retention::day);
        keep(
                files.keySet(),
                reasons,
                weekly,
                "weekly",
                file -> day(file).get(IsoFields.WEEK_BASED_YEAR) * 100
                        + day(file).get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        keep(files.keySet(), reasons, monthly, "monthly", file -> day(file).withDayOfMonth(1));
        reasons.forEach((file, why) ->
                verdicts.add(new Decision(file, files.get(file), why.isEmpty(), String.join(", ", why))));
        return verdicts;
    }

    /** The newest that stays is read whole: if it is damaged, the one before it takes its place. */
    private static void dropDamaged(Map<BackupFile, BackupFile.Metadata> files, List<Decision> verdicts) {
        for (BackupFile file : List.copyOf(files.keySet())) {
            try {
                file.verifyChecksum(n -> {});
                return;
            } catch (Failure damaged) {
                verdicts.add(new Decision(file, files.remove(file), false, "damaged"));
            }
        }
    }

    private static void keep(
            Collection<BackupFile> newestFirst,
            Map<BackupFile, Set<String>> reasons,
            int most,
            String why,
            Function<BackupFile, Object> period) {
        Set<Object> seen = new HashSet<>();
        for (BackupFile file : newestFirst)
            if (seen.size() < most && seen.add(period.apply(file)))
                reasons.get(file).add(why);
    }

    private static LocalDate day(BackupFile file) {
        return file.nameTime().orElseThrow().atOffset(ZoneOffset.UTC).toLocalDate();
    }
}
