package avdaily.backup;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the planner knows of the tables, as statements that tell it to another server: it then plans from the first
 * query on as the old one did, and nobody has to read the tables again. Servers before 18 pass them by.
 */
final class StatisticsText {
    private static final int WITH_RANGES = 17;
    private static final int ROWS_AT_ONCE = 200;
    private static final String TAG = "$statistics$";

    /** A column of pg_stats, and its type as an argument. */
    private record Measure(String name, String type) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure("null_frac", "real"),
            new Measure("avg_width", "integer"),
            new Measure("n_distinct", "real"),
            new Measure("most_common_vals", "text"),
            new Measure("most_common_freqs", "real[]"),
            new Measure("histogram_bounds", "text"),
            new Measure("correlation", "real"),
            new Measure("most_common_elems", "text"),
            new Measure("most_common_elem_freqs", "real[]"),
            new Measure("elem_count_histogram", "real[]"));

    private static final List<Measure> RANGES = List.of(
            new Measure("range_length_histogram", "text"),
            new Measure("range_empty_frac", "real"),
            new Measure("range_bounds_histogram", "text"));

    /** Takes the statements of one table. */
    interface Taker {
        void take(String statement) throws IOException;
    }

    private final Taker taker;
    private final int version;
    private String relation = "";
    private final StringBuilder body = new StringBuilder();

    private StatisticsText(Taker taker, int version) {
        this.taker = taker;
        this.version = version;
    }

    /** @param without the tables whose rows are not in the backup */
    static void of(Connection c, Set<String> without, Taker taker) throws SQLException, IOException {
        // what its tables hold may be no text
        if (Database.one(c, "SHOW server_encoding", String.class).equals("SQL_ASCII")) return;
        int major = c.getMetaData().getDatabaseMajorVersion();
        List<Measure> measures = major < WITH_RANGES
                ? MEASURES
                : Stream.concat(MEASURES.stream(), RANGES.stream()).toList();
        String query = SqlResource.of(StatisticsText.class, "planner-statistics.sql")
                .formatted(
                        measures.stream().map(one -> "s." + one.name + "::text").collect(Collectors.joining(", ")));
        StatisticsText text = new StatisticsText(
                taker, Database.one(c, "SELECT current_setting('server_version_num')::int", Integer.class));
        try (PreparedStatement statement = c.prepareStatement(query)) {
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) if (!without.contains(row.getString("table_of"))) text.add(row, measures);
            }
        }
        text.end();
    }

    private void add(ResultSet row, List<Measure> measures) throws SQLException, IOException {
        String named = "'schemaname', " + literal(row.getString("nspname")) + ", 'relname', "
                + literal(row.getString("relname"));
        if (!named.equals(relation)) {
            end();
            relation = named;
            if (!row.getBoolean("is_index"))
                call(
                        "relation",
                        "'relpages', " + row.getInt("relpages") + "::integer, 'reltuples', '"
                                + row.getFloat("reltuples") + "'::real, 'relallvisible', " + row.getInt("relallvisible")
                                + "::integer");
        }
        if (row.getString("attnum") == null) return;
        String column = row.getBoolean("is_index")
                ? "'attnum', " + row.getInt("attnum") + "::smallint"
                : "'attname', " + literal(row.getString("attname"));
        StringBuilder arguments = new StringBuilder(column + ", 'inherited', " + row.getBoolean("inherited"));
        for (Measure measure : measures) {
            String value = row.getString(measure.name);
            if (value != null)
                arguments
                        .append(", '")
                        .append(measure.name)
                        .append("', ")
                        .append(literal(value))
                        .append("::")
                        .append(measure.type);
        }
        call("attribute", arguments.toString());
    }

    private void call(String of, String arguments) {
        body.append("        PERFORM pg_catalog.pg_restore_")
                .append(of)
                .append("_stats('version', ")
                .append(version)
                .append(", ")
                .append(relation)
                .append(", ")
                .append(arguments)
                .append(");\n");
    }

    private static String literal(String text) {
        return Sql.standardLiteral(text);
    }

    /** A server that does not know them, or a role that may not, goes on without. */
    private void end() throws IOException {
        if (body.isEmpty()) return;
        String tag = TAG;
        while (body.indexOf(tag) >= 0) tag = tag.replaceFirst("\\$$", "_\\$");
        taker.take("DO " + tag + "\nBEGIN\n"
                + "    IF pg_catalog.to_regproc('pg_catalog.pg_restore_attribute_stats') IS NOT NULL THEN\n" + body
                + "    END IF;\nEXCEPTION WHEN OTHERS THEN\n    RAISE WARNING 'statistics: %', SQLERRM;\nEND\n" + tag
                + ";\n\n");
        body.setLength(0);
    }
}
