package avdaily.seed;

import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/**
 * A CSV that is too large to hold: its rows go in portions through COPY into a temporary table, and from there into
 * their own. What a row means is decided by the same code as for a small file.
 */
final class LargeFile {
    /** Whichever is reached first: rows may be long. */
    private static final int ROWS_A_COPY = 10_000;

    private static final long CHARACTERS_A_COPY = 1_000_000;
    /** Bounds what the server remembers of one statement to check its foreign keys: some 16 bytes a row and key. */
    private static final long LINES_A_STATEMENT = 1_000_000;

    private static final String STAGE = "\"#seed\"";
    private static final String LINE = "\"#\"";
    private static final Pattern WHERE =
            Pattern.compile("COPY .*?, line (\\d+)(?:, column ([^:]+))?.*", Pattern.DOTALL);

    private final Out out;
    private final Connection c;
    private final SeedPlan plan;
    private final SeedValues values;
    private final List<SeedChange> changes;
    private final Upsert upsert;
    private final List<TableCatalog.Column> columns = new ArrayList<>();
    private int lastLine;
    private long rows;
    private boolean hasNullKeys;

    /** @param changes takes what differs, for a dry run to show; or null */
    LargeFile(Out out, Connection c, SeedPlan plan, SeedValues values, List<SeedChange> changes) {
        this.out = out;
        this.c = c;
        this.plan = plan;
        this.values = values;
        this.changes = changes;
        this.upsert = new Upsert(c, plan.table(), plan.keyColumns(row(1)), plan.createOnly());
    }

    private SeedRow row(int line) {
        return new SeedRow(plan.large().path(), line, Map.of());
    }

    Seeder.Count load() throws SQLException, IOException {
        out.status("Loading " + ResourceFolder.show(plan.large().path()) + " ("
                + Format.bytes(Files.size(plan.large().path())) + ")...");
        stage();
        if (rows == 0) return new Seeder.Count(plan.name(), 0, 0, 0, 0, false);
        refuseTwins();
        long known = matchExisting();
        List<TableCatalog.Column> others = upsert.changeable(columns.stream()
                .filter(column -> !column.equals(plan.table().id()))
                .toList());
        if (changes != null) show(others);
        String sets = others.stream()
                .map(o -> Sql.quoted(o.name()) + " = i." + Sql.quoted(o.name()))
                .collect(Collectors.joining(", "));
        long updated = known == 0 || others.isEmpty()
                ? 0
                : inPortions("UPDATE " + plan.table().sql() + " t SET " + sets + " FROM " + STAGE + " i WHERE "
                        + upsert.keysMatch(hasNullKeys) + " AND (" + Upsert.differ(others) + ")");
        if (known > 0)
            Database.run(
                    c,
                    "DELETE FROM " + STAGE + " i USING " + plan.table().sql() + " t WHERE "
                            + upsert.keysMatch(hasNullKeys));
        long inserted = inPortions("INSERT INTO " + plan.table().sql() + " (" + names("") + ")"
                + Upsert.overriding(columns) + " SELECT " + names("i.")
                + " FROM " + STAGE + " i WHERE true");
        Database.run(c, "DROP TABLE " + STAGE);
        if (inserted > 0) (changes == null ? Sequences.FOR_GOOD : Sequences.FOR_A_TRIAL).moveOn(c, plan.table());
        if (inserted + updated > 0) Database.run(c, "ANALYZE " + plan.table().sql());
        return new Seeder.Count(plan.name(), inserted, updated, known - updated, 0, false);
    }

    /** How many of the file's rows the table does not have. */
    long missing() throws SQLException, IOException {
        out.status("Looking for the rows of " + ResourceFolder.show(plan.large().path()) + "...");
        stage();
        return rows == 0 ? 0 : rows - matchExisting();
    }

    private void stage() throws SQLException, IOException {
        try (CsvRows lines = new CsvRows(plan.large().path(), plan.large().again().open())) {
            List<SeedRow> portion = new ArrayList<>();
            long start = lines.characters();
            while (lines.hasNext()) {
                SeedRow row = lines.next();
                if (row.fields().containsKey(SeedRow.STATE))
                    throw row.mistake(
                            SeedRow.STATE,
                            "a large file has no rows to take away",
                            "put these rows into a later layer's file below 16 MB.");
                portion.add(row);
                if (portion.size() < ROWS_A_COPY && lines.characters() - start < CHARACTERS_A_COPY && lines.hasNext())
                    continue;
                start = lines.characters();
                copy(portion);
                lastLine = row.line();
                rows += portion.size();
                portion.clear();
            }
        } catch (IOException e) {
            throw SeedFile.unreadable(plan.large().path(), e, "correct the file: a header, and a line for each row.");
        }
        if (rows > 0)
            Database.run(c, "CREATE INDEX ON " + STAGE + " USING brin (" + LINE + ") WITH (pages_per_range = 32)");
        if (rows > 0) Database.run(c, "ANALYZE " + STAGE);
    }

    private void copy(List<SeedRow> portion) throws SQLException, IOException {
        values.forgetWhatIsTooMuch();
        List<Upsert.Row> ready = values.ready(plan, portion, field -> true);
        if (columns.isEmpty()) create(ready.get(0));
        StringBuilder text = new StringBuilder();
        for (Upsert.Row row : ready) {
            hasNullKeys = hasNullKeys
                    || upsert.key().stream()
                            .anyMatch(column -> row.values().get(column).isNull());
            text.append(row.source().line());
            for (TableCatalog.Column column : columns) append(text.append('\t'), column, row);
            text.append('\n');
        }
        try {
            c.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + STAGE + " FROM stdin", new StringReader(text.toString()));
        } catch (PSQLException e) {
            String where = e.getServerErrorMessage() == null
                    ? null
                    : e.getServerErrorMessage().getWhere();
            Matcher at = WHERE.matcher(String.valueOf(where));
            if (!at.matches()) throw e;
            throw portion.get(Integer.parseInt(at.group(1)) - 1)
                    .mistake(
                            at.group(2),
                            Failures.message(e) + " (table " + plan.name() + ")",
                            "correct the value in this row.");
        }
    }

    private void create(Upsert.Row first) throws SQLException {
        columns.addAll(first.values().keySet());
        if (first.id() != null && !columns.contains(plan.table().id()))
            columns.add(plan.table().id());
        Database.run(
                c,
                "CREATE TEMP TABLE " + STAGE + " (" + LINE + " int, "
                        + columns.stream()
                                .map(column -> Sql.quoted(column.name()) + " " + column.type())
                                .collect(Collectors.joining(", "))
                        + ") ON COMMIT DROP");
    }

    private static void append(StringBuilder text, TableCatalog.Column column, Upsert.Row row) {
        JsonNode value = row.values().get(column);
        if (value != null && value.isNull()) {
            text.append("\\N");
            return;
        }
        String plain = value == null ? row.id() : value.isContainerNode() ? value.toString() : value.asText();
        for (int i = 0; i < plain.length(); i++) {
            char character = plain.charAt(i);
            switch (character) {
                case '\\' -> text.append("\\\\");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(character);
            }
        }
    }

    private void refuseTwins() throws SQLException {
        String key = upsert.key().stream()
                .map(column -> Sql.quoted(column.name()) + "::text")
                .collect(Collectors.joining(", "));
        String alike = upsert.key().stream()
                .map(column -> "lower(" + Sql.quoted(column.name()) + "::text)")
                .collect(Collectors.joining(", "));
        Database.list(
                c,
                "SELECT min(" + LINE + "), max(" + LINE + "), min(concat_ws(', ', " + key
                        + ") COLLATE \"C\"), max(concat_ws(', ', " + key + ") COLLATE \"C\") FROM " + STAGE
                        + " GROUP BY " + alike + " HAVING count(*) > 1 ORDER BY 2 LIMIT 1",
                twins -> {
                    String what = twins.getString(3).equals(twins.getString(4))
                            ? "the key " + twins.getString(3) + " stands already in line " + twins.getInt(1)
                            : "the keys " + twins.getString(3) + " and " + twins.getString(4) + " (also line "
                                    + twins.getInt(1) + ") differ in upper and lower case only";
                    throw row(twins.getInt(2)).mistake(null, what, "keep one of them.");
                });
    }

    /** How many of the rows the table has already. */
    private long matchExisting() throws SQLException {
        String join = " FROM " + STAGE + " i JOIN " + plan.table().sql() + " t ON " + upsert.keysMatch(hasNullKeys);
        Integer twice = Database.one(
                c, "SELECT i." + LINE + join + " GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1", Integer.class);
        if (twice != null) throw upsert.several(row(twice));
        return Database.one(c, "SELECT count(*)" + join, Long.class);
    }

    private void show(List<TableCatalog.Column> others) throws SQLException {
        String fresh = " FROM " + STAGE + " i WHERE NOT EXISTS (SELECT FROM "
                + plan.table().sql() + " t WHERE " + upsert.keysMatch(hasNullKeys) + ")";
        String key = upsert.key().stream()
                .map(column -> "i." + Sql.quoted(column.name()) + "::text")
                .collect(Collectors.joining(", ", "concat_ws(', ', ", ")"));
        String first = " ORDER BY i." + LINE + " LIMIT " + SeedChange.MOST;
        changes.addAll(Database.list(
                c,
                "SELECT " + key + fresh + first,
                row -> new SeedChange(plan.name(), SeedChange.Kind.INSERT, row.getString(1), Map.of())));
        if (others.isEmpty()) return;
        changes.addAll(Database.list(
                c,
                "SELECT " + key + ", " + Upsert.fromTo(others) + " FROM " + STAGE + " i JOIN "
                        + plan.table().sql() + " t ON " + upsert.keysMatch(hasNullKeys) + " WHERE "
                        + Upsert.differ(others)
                        + first,
                row -> new SeedChange(
                        plan.name(), SeedChange.Kind.UPDATE, row.getString(1), Upsert.values(row, others))));
    }

    private String names(String prefix) {
        return columns.stream()
                .map(column -> prefix + Sql.quoted(column.name()))
                .collect(Collectors.joining(", "));
    }

    private long inPortions(String statement) throws SQLException {
        long count = 0;
        for (long line = 0; line < lastLine; line += LINES_A_STATEMENT)
            count += portion(statement, line, Math.min(line + LINES_A_STATEMENT, lastLine));
        return count;
    }

    /**
     * Runs the statement for these lines; if the server refuses it, halves them until the one that is to blame stands
     * alone.
     */
    private long portion(String statement, long after, long upTo) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            long count = Database.update(c, statement + " AND i." + LINE + " > ? AND i." + LINE + " <= ?", after, upTo);
            c.releaseSavepoint(before);
            return count;
        } catch (PSQLException e) {
            c.rollback(before);
            if (!RowFault.isToBlame(e)) throw e;
            if (upTo - after == 1) {
                String what = Failures.message(e) + " (table " + plan.name() + ")";
                if (!RowFault.isOfValue(e)) throw row((int) upTo).refused(what, e);
                String column = e.getServerErrorMessage() == null
                        ? null
                        : e.getServerErrorMessage().getColumn();
                throw row((int) upTo).mistake(column, what, "correct the value in this row.");
            }
            long middle = (after + upTo) / 2;
            return portion(statement, after, middle) + portion(statement, middle, upTo);
        }
    }
}
