package avdaily.restore;

import avdaily.base.Format;
import avdaily.sql.SqlFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes the rows of some tables out of a dump. Of a backup in parts only the parts of these tables are read. */
final class PartRows {
    private static final String NAME = "(?:\"(?:[^\"]|\"\")++\"|[^\\s(\".]+)";
    private static final Pattern HEADER = Pattern.compile("(?is)COPY\\s+" + NAME + "(?:\\." + NAME + ")?(?<rest>.*)");

    private final DumpReader dump;
    private final Connection c;
    private final DumpFilter filter;

    PartRows(DumpReader dump, Connection c, DumpFilter filter) {
        this.dump = dump;
        this.c = c;
        this.filter = filter;
    }

    private interface Visitor {
        void visit(SqlFile.Part part) throws Exception;
    }

    /** Gives the session the settings of the dump, under which its rows were written. */
    void settings() throws Exception {
        eachPart(table -> false, part -> {
            if (!(part instanceof SqlFile.Statement statement)) return;
            DumpStatement step = DumpStatement.of(statement);
            if (step.kind() != DumpStatement.Kind.SETTING || filter.leavesOut(step, true)) return;
            SqlFile.Statement given = "datestyle".equals(step.name())
                    ? new SqlFile.Statement(
                            statement.line(), DateStyle.setBy(statement.text()).isoStatement())
                    : statement;
            try {
                DumpLoader.send(c, given);
            } catch (SQLException e) {
                throw StatementFailure.of(given, e);
            }
        });
    }

    /**
     * Loads them.
     *
     * @param targets each table of the dump with the name in SQL of the one that takes its rows
     * @return how many rows each table of the dump gave
     */
    Map<String, Long> load(Map<String, String> targets) throws Exception {
        Map<String, Long> loaded = new LinkedHashMap<>();
        eachPart(targets::containsKey, part -> {
            if (part instanceof SqlFile.Copy block && targets.containsKey(block.table()))
                loaded.merge(block.table(), copy(block, targets.get(block.table())), Long::sum);
        });
        for (String table : targets.keySet()) {
            long expected = dump.contents().rows().getOrDefault(table, 0L);
            long got = loaded.getOrDefault(table, 0L);
            if (got != expected)
                throw dump.file()
                        .damaged(
                                table + " has " + Format.count(got, "row") + " in it and should have "
                                        + Format.count(expected, "row"),
                                "nothing was changed; use another backup.",
                                null);
        }
        return loaded;
    }

    private long copy(SqlFile.Copy block, String target) throws Exception {
        Matcher header = HEADER.matcher(block.text());
        if (!header.matches()) throw new IllegalStateException(block.text());
        SqlFile.Copy retargeted = new SqlFile.Copy(block.line(), "COPY " + target + header.group("rest"), block.rows());
        long rows = dump.contents().rows().getOrDefault(block.table(), 0L);
        return new RowSender(c).send(retargeted, block, rows, false, block.rows()::read);
    }

    /** All parts but rows of tables that nobody wants. */
    private void eachPart(Predicate<String> isWanted, Visitor visitor) throws Exception {
        if (dump.pieces().isEmpty()) {
            try (SqlFile sql = dump.open()) {
                each(sql, visitor);
            }
            return;
        }
        for (DumpReader.Piece piece : dump.pieces()) {
            if (piece.isRows() && !isWanted.test(dump.table(piece.part()))) continue;
            try (SqlFile sql = dump.open(piece)) {
                if (piece.isRows()) {
                    visitor.visit(dump.block(piece.part(), sql));
                } else {
                    each(sql, visitor);
                }
            }
        }
    }

    private static void each(SqlFile sql, Visitor visitor) throws Exception {
        for (SqlFile.Part part = sql.next(); part != null; part = sql.next()) visitor.visit(part);
    }
}
