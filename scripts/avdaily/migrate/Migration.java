package avdaily.migrate;

import avdaily.base.Format;
import avdaily.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.MigrationVersion;

/** One migration, as far as files and history know it; times are null unless it is applied. */
public record Migration(
        MigrationVersion version,
        String description,
        String state,
        boolean transactional,
        Instant appliedAt,
        String appliedBy,
        Integer tookMs) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    public String title() {
        return (version == null ? "R" : "V" + version) + " " + description;
    }

    public boolean isPending() {
        return state.equals("pending") || state.equals("undone");
    }

    public boolean isBroken() {
        return state.equals("failed") || state.equals("passed over");
    }

    public List<String> cells() {
        return Arrays.asList(
                version == null ? "R" : version.toString(),
                description,
                state,
                time(appliedAt),
                appliedBy,
                tookMs == null ? null : Format.duration(Duration.ofMillis(tookMs)));
    }

    public static List<Map<String, Object>> json(List<Migration> migrations) {
        return migrations.stream().map(Migration::json).toList();
    }

    Map<String, Object> json() {
        return Json.object(
                "version",
                version == null ? null : version.toString(),
                "description",
                description,
                "state",
                state,
                "appliedAt",
                appliedAt == null ? null : appliedAt.toString(),
                "appliedBy",
                appliedBy,
                "ms",
                tookMs);
    }

    public static String time(Instant instant) {
        return instant == null ? null : TIME.format(instant);
    }
}
