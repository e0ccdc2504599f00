import avdaily.fleet.Target;
import avdaily.fleet.TargetOutcome;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who of many databases is behind the others, or has another schema than most of those at the same version. */
final class Stragglers {
    /** What is known of a target that was looked at. */
    private record Seen(Target target, String version, long pending, String fingerprint) {
        static Optional<Seen> of(TargetOutcome outcome) {
            if (!(outcome.document() instanceof Map<?, ?> said) || !said.containsKey("fingerprint"))
                return Optional.empty();
            return Optional.of(new Seen(
                    outcome.target(),
                    String.valueOf(said.get("version")),
                    ((Number) said.get("pending")).longValue(),
                    String.valueOf(said.get("fingerprint"))));
        }
    }

    /** What is to be said of each that is not as most are. */
    static Map<Target, String> among(List<TargetOutcome> outcomes) {
        List<Seen> all =
                outcomes.stream().map(Seen::of).flatMap(Optional::stream).toList();
        Map<Target, String> remarks = new HashMap<>();
        long least = all.stream().mapToLong(Seen::pending).min().orElse(0);
        for (Seen seen : all) if (seen.pending > least) remarks.put(seen.target, "behind");
        Map<String, List<Seen>> byVersion = all.stream().collect(Collectors.groupingBy(Seen::version));
        for (List<Seen> same : byVersion.values()) {
            Map<String, Long> times =
                    same.stream().collect(Collectors.groupingBy(Seen::fingerprint, Collectors.counting()));
            String usual = times.entrySet().stream()
                    .max(Map.Entry.<String, Long>comparingByValue()
                            .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                    .orElseThrow()
                    .getKey();
            for (Seen seen : same)
                if (!seen.fingerprint.equals(usual))
                    remarks.merge(
                            seen.target,
                            "another schema than " + times.get(usual) + " of " + same.size() + " at this version",
                            (one, other) -> one + ", " + other);
        }
        return remarks;
    }

    private Stragglers() {}
}
