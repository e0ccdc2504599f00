package avdaily.monitor;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.deploy.Thresholds;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import avdaily.sql.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether the tables that the project names go on being filled. */
final class TableChecks {
    /** A table by name; without a schema it is in public. */
    private record Table(String schema, String name) {
        static Table of(List<String> words) {
            return words.size() == 1 ? new Table("public", words.get(0)) : new Table(words.get(0), words.get(1));
        }

        /** Whether it is there, and reading it runs no stranger's code. */
        boolean isThere(HealthContext context) throws SQLException {
            return ForeignCode.isTable(context.c(), schema, name);
        }

        String sql() {
            return Sql.quoted(schema) + "." + Sql.quoted(name);
        }
    }

    private final HealthContext context;
    private final List<String> good = new ArrayList<>();
    private final List<String> bad = new ArrayList<>();
    private final List<Metric> metrics = new ArrayList<>();
    private Thresholds.Level worst = Thresholds.Level.OK;

    TableChecks(HealthContext context) {
        this.context = context;
    }

    /** How old the newest values are. */
    List<HealthCheck> freshness() throws SQLException {
        if (context.thresholds().freshness().isEmpty())
            return List.of(HealthCheck.skipped(Name.FRESHNESS, "avdaily.yaml names no column under 'freshness'"));
        for (Map.Entry<String, Thresholds.Limit> each :
                context.thresholds().freshness().entrySet()) freshness(each.getKey(), each.getValue());
        return List.of(result(Name.FRESHNESS));
    }

    private void freshness(String column, Thresholds.Limit limit) throws SQLException {
        List<String> words = List.of(column.split("\\."));
        int last = words.size() - 1;
        Table table = Table.of(words.subList(0, last));
        if (!table.isThere(context)) {
            note(Thresholds.Level.UNKNOWN, "there is no table of " + column);
            return;
        }
        Double age = Database.one(
                context.c(),
                "SELECT extract(epoch FROM clock_timestamp() - max(" + Sql.quoted(words.get(last))
                        + ")::timestamptz)::float8 FROM " + table.sql(),
                Double.class);
        if (age == null) {
            note(Thresholds.Level.CRITICAL, column + " has no value");
            return;
        }
        metrics.add(new Metric("freshness_seconds", Map.of("column", column), age));
        note(limit.of(age), "the newest of " + column + " is " + HealthContext.time(age) + " old");
    }

    /** Whether tables have as many rows as they should at least; no more are counted. */
    List<HealthCheck> volume() throws SQLException {
        if (context.thresholds().volume().isEmpty())
            return List.of(HealthCheck.skipped(Name.VOLUME, "avdaily.yaml names no table under 'volume'"));
        for (Map.Entry<String, Integer> each : context.thresholds().volume().entrySet())
            volume(each.getKey(), each.getValue());
        return List.of(result(Name.VOLUME));
    }

    private void volume(String called, int least) throws SQLException {
        Table table = Table.of(List.of(called.split("\\.", 2)));
        if (!table.isThere(context)) {
            note(Thresholds.Level.UNKNOWN, "there is no table " + called);
            return;
        }
        long rows = Database.one(
                context.c(),
                "SELECT count(*) FROM (SELECT FROM " + table.sql() + " LIMIT " + least + ") r",
                Long.class);
        boolean isEnough = rows >= least;
        note(
                isEnough ? Thresholds.Level.OK : Thresholds.Level.CRITICAL,
                called + " has " + (isEnough ? "at least " : "") + Format.count(rows, "row")
                        + (isEnough ? "" : " of at least " + least));
    }

    private void note(Thresholds.Level level, String text) {
        (level == Thresholds.Level.OK ? good : bad).add(text);
        if (level.compareTo(worst) > 0) worst = level;
    }

    private HealthCheck result(Name name) {
        return new HealthCheck(name, worst, String.join("; ", bad.isEmpty() ? good : bad), metrics);
    }
}
