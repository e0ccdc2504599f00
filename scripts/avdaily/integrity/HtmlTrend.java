package avdaily.integrity;

import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.sql.SqlState;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The findings of the last checks of the same kind as one chart, read from the operation log. */
final class HtmlTrend {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final int MOST_RUNS = 20;
    /** Of one check's column in the chart. */
    private static final int WIDTH = 40;

    private static final int HEIGHT = 140;

    /** How an earlier check ended. */
    private record Past(Instant at, long critical, long warning, long info, long errors) {
        long most() {
            return critical + warning + info;
        }

        long count(Rule.Severity severity) {
            return switch (severity) {
                case CRITICAL -> critical;
                case WARNING -> warning;
                case INFO -> info;
            };
        }
    }

    private final Database db;
    private final CheckReport checkup;
    private final StringBuilder html;

    HtmlTrend(Database db, CheckReport checkup, StringBuilder html) {
        this.db = db;
        this.checkup = checkup;
        this.html = html;
    }

    void write() throws SQLException {
        List<Past> runs = past();
        runs.add(new Past(
                checkup.at(),
                checkup.count(Rule.Severity.CRITICAL),
                checkup.count(Rule.Severity.WARNING),
                checkup.count(Rule.Severity.INFO),
                checkup.of(RuleResult.Kind.ERROR).size()));
        if (runs.size() < 2) return;
        long most = Math.max(1, runs.stream().mapToLong(Past::most).max().getAsLong());
        html.append("<section><h2>Trend</h2><p class=\"legend\"><i class=\"critical\"></i>critical <i "
                        + "class=\"warning\"></i>warnings <i class=\"info\"></i>remarks; the last ")
                .append(runs.size())
                .append(" checks of this kind, from ")
                .append(DAY.format(runs.get(0).at))
                .append(" to now")
                .append(runs.stream().anyMatch(run -> run.errors > 0) ? "; ! not everything could be checked" : "")
                .append("</p>\n<svg class=\"trend\" style=\"max-width:")
                .append(runs.size() * WIDTH * 2)
                .append("px\" role=\"img\" aria-label=\"Findings of the last checks\" "
                        + "preserveAspectRatio=\"xMinYMax\" viewBox=\"0 0 ")
                .append(runs.size() * WIDTH)
                .append(' ')
                .append(HEIGHT + 2)
                .append("\">\n<line x1=\"0\" x2=\"")
                .append(runs.size() * WIDTH)
                .append("\" y1=\"")
                .append(HEIGHT)
                .append("\" y2=\"")
                .append(HEIGHT)
                .append("\"/>\n");
        for (int i = 0; i < runs.size(); i++) column(runs.get(i), i * WIDTH, most);
        html.append("</svg></section>\n");
    }

    /** One check: its findings on each other, the critical ones on top, and their number above. */
    private void column(Past run, int x, long most) {
        double y = HEIGHT;
        html.append("<g><title>")
                .append(DAY.format(run.at))
                .append(": ")
                .append(run.critical)
                .append(" critical, ")
                .append(run.warning)
                .append(" warnings, ")
                .append(run.info)
                .append(" remarks</title>");
        for (Rule.Severity severity : List.of(Rule.Severity.INFO, Rule.Severity.WARNING, Rule.Severity.CRITICAL)) {
            double tall = (HEIGHT - 18.0) * run.count(severity) / most;
            y -= tall;
            if (tall > 0)
                html.append(String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
                        severity,
                        x + 6,
                        y,
                        WIDTH - 12,
                        tall));
        }
        html.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%.1f\">%s</text></g>%n",
                x + WIDTH / 2,
                y - 5,
                run.errors > 0 ? run.most() + "!" : String.valueOf(run.most())));
    }

    /** The earlier checks of the same kind, the first one first; none if there is no log that the role may read. */
    private List<Past> past() throws SQLException {
        try {
            if (!db.believesOps() || !OperationLog.isLogged(db.connection())) return new ArrayList<>();
            List<Past> runs = new ArrayList<>(Database.list(
                    db.connection(),
                    """
                    SELECT started_at, substring(details ->> 'critical' FROM '^[0-9]{1,9}$')::bigint,
                      substring(details ->> 'warning' FROM '^[0-9]{1,9}$')::bigint,
                      substring(details ->> 'info' FROM '^[0-9]{1,9}$')::bigint,
                      substring(details ->> 'errors' FROM '^[0-9]{1,9}$')::bigint
                    FROM avdaily_ops.operation
                    WHERE command LIKE 'integrity %' AND outcome = 'done' AND details ->> 'scope' = ?
                      AND details ->> 'whole' = 'true' AND started_at < ?
                    ORDER BY id DESC
                    LIMIT\s"""
                            + (MOST_RUNS - 1),
                    row -> new Past(
                            row.getTimestamp(1).toInstant(),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5)),
                    checkup.quick() ? "quick" : "full",
                    Timestamp.from(checkup.at().minusMillis(1))));
            Collections.reverse(runs);
            return runs;
        } catch (SQLException e) {
            if (SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) return new ArrayList<>();
            throw e;
        }
    }
}
