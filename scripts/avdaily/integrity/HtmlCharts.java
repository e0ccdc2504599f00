package avdaily.integrity;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** The sizes of tables and the use of indexes as bars. */
final class HtmlCharts {
    private static final int MOST_BARS = 12;

    /** A bar of a chart: its parts are shown beside each other, in the colours of the chart's legend. */
    private record Bar(String name, List<Long> parts, String label) {
        long whole() {
            return parts.stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Database db;
    private final StringBuilder html;

    HtmlCharts(Database db, StringBuilder html) {
        this.db = db;
        this.html = html;
    }

    void write() throws SQLException {
        chart(
                "Table sizes",
                List.of("rows", "indexes"),
                tableSizes(),
                "Tables with their largest values stored apart, and their indexes, by size.");
        chart(
                "Index use",
                List.of("scans"),
                indexUse(),
                "How often each of the biggest indexes was used since statistics were last reset. An index that "
                        + "nobody uses still costs every write.");
    }

    private List<Bar> tableSizes() throws SQLException {
        return Database.list(
                db.connection(),
                """
                SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname, pg_table_size(c.oid),
                  pg_indexes_size(c.oid)
                FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind = 'r' AND %s
                ORDER BY pg_total_relation_size(c.oid) DESC, relname
                LIMIT %d"""
                        .formatted(Sql.userSchemas("n"), MOST_BARS),
                row -> new Bar(
                        row.getString(1),
                        List.of(row.getLong(2), row.getLong(3)),
                        Format.bytes(row.getLong(2) + row.getLong(3))));
    }

    private List<Bar> indexUse() throws SQLException {
        return Database.list(
                db.connection(),
                """
                SELECT indexrelname, idx_scan, pg_relation_size(indexrelid)
                FROM pg_stat_user_indexes
                WHERE schemaname <> 'avdaily_ops'
                ORDER BY pg_relation_size(indexrelid) DESC, indexrelname
                LIMIT %d"""
                        .formatted(MOST_BARS),
                row -> new Bar(
                        row.getString(1),
                        List.of(row.getLong(2)),
                        row.getLong(2) == 0
                                ? "never, " + Format.bytes(row.getLong(3))
                                : String.format(Locale.ROOT, "%,d", row.getLong(2))));
    }

    private void chart(String title, List<String> legend, List<Bar> bars, String words) {
        if (bars.isEmpty()) return;
        double most = Math.max(1, bars.stream().mapToLong(Bar::whole).max().getAsLong());
        html.append("<section><h2>")
                .append(title)
                .append("</h2><p class=\"legend\">")
                .append(words)
                .append(' ');
        for (int i = 0; legend.size() > 1 && i < legend.size(); i++)
            html.append("<i class=\"part")
                    .append(i)
                    .append("\"></i>")
                    .append(legend.get(i))
                    .append(' ');
        html.append("</p>\n<dl class=\"bars\">\n");
        for (Bar bar : bars) {
            html.append("<dt>").append(Html.text(bar.name)).append("</dt><dd><span class=\"bar\">");
            for (int i = 0; i < bar.parts.size(); i++)
                html.append(String.format(
                        Locale.ROOT,
                        "<i class=\"part%d\" style=\"width:%.2f%%\"></i>",
                        i,
                        100 * bar.parts.get(i) / most));
            html.append("</span><span class=\"label\">").append(bar.label).append("</span></dd>\n");
        }
        html.append("</dl></section>\n");
    }
}
