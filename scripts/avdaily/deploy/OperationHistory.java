package avdaily.deploy;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.Migration;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Everything that the collection ever wrote to a database, as its operation log tells. */
public record OperationHistory(List<Entry> entries) {
    /** @param took null if the run never came to an end */
    public record Entry(
            long id,
            Instant at,
            String command,
            String environment,
            String who,
            String outcome,
            Duration took,
            JsonNode details) {
        public List<String> cells() {
            return Arrays.asList(
                    String.valueOf(id),
                    Migration.time(at),
                    command,
                    environment,
                    who,
                    ending(),
                    took == null ? null : Format.duration(took),
                    planHash() == null ? null : ApprovalText.brief(planHash()),
                    what());
        }

        public Map<String, Object> json() {
            return Json.object(
                    "id",
                    id,
                    "at",
                    at.toString(),
                    "command",
                    command,
                    "environment",
                    environment,
                    "by",
                    who,
                    "outcome",
                    ending(),
                    "durationMillis",
                    took == null ? null : took.toMillis(),
                    "planHash",
                    planHash(),
                    "details",
                    details);
        }

        /** The outcome in people's words: a row that is still "started" was never finished. */
        private String ending() {
            return outcome.equals("started") ? "unfinished" : outcome;
        }

        /** Null if no plan was run. */
        private String planHash() {
            return details.path("plan").asText(null);
        }

        /** In a few words, from what the different commands write down. */
        private String what() {
            List<String> words = new ArrayList<>();
            if (details.path("applied").size() > 0)
                words.add("applied " + Format.count(details.get("applied").size(), "migration"));
            if (details.path("undone").size() > 0)
                words.add("undid " + Format.count(details.get("undone").size(), "migration"));
            for (String name : List.of("version", "seeded", "file"))
                if (details.path(name).isTextual())
                    words.add((name.equals("version") ? "to version " : "")
                            + details.get(name).asText());
            if (details.path("takenBack").isTextual())
                words.add("taken back " + details.get("takenBack").asText());
            if (details.path("error").isTextual())
                words.add(details.get("error").asText());
            return Format.within(String.join("; ", words), 100, "…");
        }
    }

    /** @param most how many of the newest runs */
    public static OperationHistory of(Database db, int most) throws SQLException {
        return of(db.connection(), most);
    }

    /** The same, on another session. */
    public static OperationHistory of(Connection c, int most) throws SQLException {
        if (!OperationLog.isLogged(c)) return new OperationHistory(List.of());
        return new OperationHistory(Database.list(
                c,
                """
                SELECT id, started_at, command, environment, who || '@' || host, outcome,
                       CASE WHEN isfinite(duration) THEN extract(epoch FROM duration) * 1000 END, details
                FROM (SELECT * FROM avdaily_ops.operation ORDER BY id DESC LIMIT ?) newest ORDER BY id""",
                row -> new Entry(
                        row.getLong(1),
                        row.getTimestamp(2).toInstant(),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getObject(7) == null ? null : Duration.ofMillis(row.getLong(7)),
                        Json.tree(row.getString(8))),
                most));
    }
}
