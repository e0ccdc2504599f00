package avdaily.backup;

import avdaily.base.Failure;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rules by which backups stay: the last ones, and the newest of each of the last days, weeks and months (UTC) that
 * have one. A backup that cannot be trusted counts for nothing and is left alone.
 */
public record Retention(int last, int daily, int weekly, int monthly) {
    /**
     * What becomes of a backup.
     *
     * @param metadata null if nothing is known about it, or it is damaged
     * @param isExpired whether no rule keeps it; a damaged one stays for people to look at
     * @param why the rules that keep it, or what is wrong with it
     */
    public record Decision(BackupFile file, BackupMetadata metadata, boolean isExpired, String why) {
        /** Of one that should go, and that its place does not let go. */
        public Decision retained() {
            return new Decision(file, metadata, false, "retained");
        }

        private static Decision leave(BackupFile file, BackupMetadata metadata, String why) {
            return new Decision(file, metadata, false, why);
        }
    }

    /** Whether no rule keeps anything. */
    public boolean isEmpty() {
        return (last | daily | weekly | monthly) == 0;
    }

    /** As {@code avdaily-backup prune} takes them. */
    public String options() {
        Map<String, Integer> rules = new LinkedHashMap<>();
        rules.put("last", last);
        rules.put("daily", daily);
        rules.put("weekly", weekly);
        rules.put("monthly", monthly);
        return rules.entrySet().stream()
                .filter(rule -> rule.getValue() > 0)
                .map(rule -> "--keep-" + rule.getKey() + " " + rule.getValue())
                .collect(Collectors.joining(" "));
    }

    /**
     * Decides for each database by itself: a folder may hold the backups of several.
     *
     * @param proof how it is seen that the newest one that stays is whole; with the size alone, no backup is read
     */
    public List<Decision> evaluate(List<BackupFile> newestFirst, Backups.Proof proof) {
        List<Decision> decisions = new ArrayList<>();
        Map<String, Map<BackupFile, BackupMetadata>> databases = new TreeMap<>();
        for (BackupFile file : newestFirst) {
            Optional<String> distrust = file.distrust();
            if (distrust.isPresent()) {
                decisions.add(Decision.leave(file, null, distrust.get()));
                continue;
            }
            try {
                Optional<BackupMetadata> metadata = file.metadata();
                if (metadata.isPresent() && metadata.get().origin().copy() != null)
                    decisions.add(Decision.leave(file, null, BackupFile.COPY));
                else if (metadata.isPresent())
                    databases
                            .computeIfAbsent(database(metadata.get()), name -> new LinkedHashMap<>())
                            .put(file, metadata.get());
                else decisions.add(Decision.leave(file, null, "nothing is known about it"));
            } catch (Failure damaged) {
                if (damaged.kind != Failure.Kind.DAMAGED) throw damaged;
                decisions.add(Decision.leave(file, null, "damaged"));
            }
        }
        databases.values().forEach(files -> decisions.addAll(evaluate(files, proof)));
        return decisions;
    }

    private static String database(BackupMetadata metadata) {
        return metadata.origin().database() + " (" + metadata.origin().environment() + ")";
    }

    private List<Decision> evaluate(Map<BackupFile, BackupMetadata> files, Backups.Proof proof) {
        List<Decision> decisions = new ArrayList<>();
        if (proof == Backups.Proof.CHECKSUM) dropDamaged(files, decisions);
        Map<BackupFile, Set<String>> reasons = new LinkedHashMap<>();
        files.keySet().forEach(file -> reasons.put(file, new LinkedHashSet<>()));
        keep(reasons, last, "last", file -> file);
        keep(reasons, daily, "daily", Retention::day);
        keep(reasons, weekly, "weekly", Retention::week);
        keep(reasons, monthly, "monthly", file -> day(file).withDayOfMonth(1));
        reasons.forEach((file, why) -> decisions.add(decision(file, files.get(file), why)));
        return decisions;
    }

    private static Decision decision(BackupFile file, BackupMetadata metadata, Set<String> why) {
        Optional<String> lock = why.isEmpty() ? file.lock() : Optional.empty();
        return lock.map(how -> Decision.leave(file, metadata, "retained " + how))
                .orElseGet(() -> new Decision(file, metadata, why.isEmpty(), String.join(", ", why)));
    }

    /** The newest that stays is read whole: if it is damaged, the one before it takes its place. */
    private static void dropDamaged(Map<BackupFile, BackupMetadata> files, List<Decision> decisions) {
        for (BackupFile file : List.copyOf(files.keySet())) {
            try {
                file.verifyChecksum(n -> {});
                return;
            } catch (Failure damaged) {
                if (damaged.kind != Failure.Kind.DAMAGED) throw damaged;
                decisions.add(Decision.leave(file, files.remove(file), "damaged"));
            }
        }
    }

    /** Gives the newest of each of the last {@code most} periods a reason to stay. */
    private static void keep(
            Map<BackupFile, Set<String>> newestFirst, int most, String why, Function<BackupFile, Object> period) {
        Set<Object> seen = new HashSet<>();
        newestFirst.forEach((file, reasons) -> {
            if (seen.size() < most && seen.add(period.apply(file))) reasons.add(why);
        });
    }

    /** The week by ISO 8601, whose year may be another one than the day's. */
    private static int week(BackupFile file) {
        LocalDate day = day(file);
        return day.get(IsoFields.WEEK_BASED_YEAR) * 100 + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }

    private static LocalDate day(BackupFile file) {
        return file.nameTime().orElseThrow().atOffset(ZoneOffset.UTC).toLocalDate();
    }
}
