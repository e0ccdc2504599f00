package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import avdaily.db.SingleStatement;
import avdaily.integrity.Fixer;
import avdaily.integrity.Quarantine;
import avdaily.sql.DottedName;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Puts rows of a dump into a table that is there: what is missing is inserted, what differs gets the values of the
 * dump, and nothing is deleted. The rows of the dump are first loaded beside the table, for this session alone, so that
 * the difference can be shown. What is replaced goes to {@link Quarantine}, from where {@code avdaily-integrity fix
 * --undo} takes it back.
 */
public final class RowMerge implements AutoCloseable {
    private static final String LOADED = "pg_temp.avdaily_rows";
    private static final String MISSING = "pg_temp.avdaily_missing";
    private static final String DIFFERENT = "pg_temp.avdaily_different";
    private static final int MOST_SHOWN = 10;

    /** The forms in which values are kept as texts must be those in which they are read again. */
    private static final String SETTINGS = "SET lock_timeout = '10s'; SET jit = off; SET intervalstyle = postgres";

    /** Of a sequence, its name as a literal, a column, and the table with its values. */
    private static final String MOVE_PAST =
            """
            SELECT setval(s.seqrelid, m.most::bigint)
            FROM pg_sequence s CROSS JOIN %1$s q
              CROSS JOIN LATERAL (
                SELECT CASE WHEN s.seqincrement > 0 THEN max(v.value) ELSE min(v.value) END AS most
                FROM (SELECT CASE WHEN %3$s::text ~ '^-?[0-9]{1,19}$' THEN %3$s::text::numeric END AS value
                      FROM %4$s) v
                WHERE v.value BETWEEN s.seqmin AND s.seqmax) m
            WHERE s.seqrelid = %2$s::regclass
              AND (m.most = q.last_value AND NOT q.is_called
                OR CASE WHEN s.seqincrement > 0 THEN m.most > q.last_value ELSE m.most < q.last_value END)""";

    /**
     * How rows of the dump stand to those of the table.
     *
     * @param missing rows that the table lacks
     * @param different rows that it has with other values
     * @param same rows that it has
     * @param extra rows that it has beside those, which stay
     */
    public record Difference(long missing, long different, long same, long extra) {
        public boolean isNone() {
            return missing + different == 0;
        }
    }

    private final Database db;
    private final DumpReader dump;
    private final String from;
    private final Optional<String> where;
    private final String table;
    private final Connection c;
    private List<String> columns;
    private List<String> key;

    /**
     * Loads the rows beside the table.
     *
     * @param from the table of the dump
     * @param to the table of the database, without quotes
     * @param where a condition in SQL on the rows, if not all are wanted
     * @throws Failure (2) or (21) if it cannot be done, before anything is written
     */
    public RowMerge(Database db, DumpReader dump, String from, DottedName to, Optional<String> where) throws Exception {
        this.db = db;
        this.dump = dump;
        this.from = from;
        this.where = where;
        this.table = to.quoted();
        if (dump.contents().insertCount() > 0)
            throw Failure.refused(
                    dump.file() + " has its rows as INSERT statements, which are not told apart by their tables",
                    "restore it whole into another database (--into), and copy the rows from there.");
        this.c = db.connectForProject();
        try {
            prepare(to);
        } catch (Exception e) {
            c.close();
            throw e;
        }
    }

    private void prepare(DottedName to) throws Exception {
        if (!Database.one(c, "SELECT to_regclass(?) IS NOT NULL", Boolean.class, table))
            throw Failure.refused(
                    "there is no table " + to + " in " + db.name(), "restore it with its definition: no --data-only.");
        Fixer.refuseStrangers(db, c);
        Database.run(c, SETTINGS);
        DumpFilter filter =
                new DumpFilter(c, RestoreOptions.definitions(RestoreOptions.Owners.KEPT), Set.of(), Optional.empty());
        PartRows rows = new PartRows(dump, c, filter);
        List<String> held = dump.columns(List.of(from)).getOrDefault(from, List.of());
        List<String> own = catalog(
                "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
                        + " AND attgenerated = '' ORDER BY attnum");
        List<String> gone =
                held.stream().filter(column -> !own.contains(column)).toList();
        if (!gone.isEmpty())
            throw Failure.refused(
                    to + " has no longer what the backup has of it: the columns " + String.join(", ", gone),
                    "restore the table under another name (--as NAME), and copy from there what is wanted.");
        columns = held.isEmpty() ? own : held;
        key = catalog("SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
                + " AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])"
                + " WHERE i.indrelid = ?::regclass AND i.indisprimary ORDER BY a.attnum");
        if (key.isEmpty() || !columns.containsAll(key))
            throw Failure.refused(
                    to + " has no primary key by which rows are found again",
                    "restore the table under another name (--as NAME), and copy from there what is wanted.");
        Database.run(
                c,
                "CREATE TEMP TABLE avdaily_rows AS SELECT " + names("t", columns) + " FROM " + table
                        + " t WHERE false");
        rows.load(Map.of(from, LOADED));
        choose();
        Database.run(c, "ANALYZE " + LOADED);
    }

    private List<String> catalog(String query) throws SQLException {
        return Database.list(c, query, row -> row.getString(1), table);
    }

    /** Forgets the rows that are not wanted. */
    private void choose() throws SQLException {
        if (where.isEmpty()) return;
        String statement = "DELETE FROM " + LOADED + " WHERE (" + where.get() + "\n) IS NOT TRUE";
        try {
            if (!SingleStatement.is(c, statement)) throw badCondition("it is more than a condition", null);
            Database.run(c, statement);
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            throw badCondition(Failures.message(e), e);
        }
    }

    private Failure badCondition(String why, SQLException e) {
        return new Failure(
                Failure.Kind.USAGE,
                "--where " + where.orElseThrow() + ": " + why,
                "give a condition in SQL on the columns of " + from + ", as in \"created_at >= '2026-01-01'\".",
                e);
    }

    public Difference difference() throws SQLException {
        Database.run(
                c,
                "DROP TABLE IF EXISTS " + MISSING + ", " + DIFFERENT + "; CREATE TEMP TABLE avdaily_missing AS SELECT "
                        + names("s", key) + " FROM " + LOADED + " s WHERE NOT EXISTS (SELECT FROM " + table
                        + " t WHERE " + sameKey() + "); CREATE TEMP TABLE avdaily_different AS SELECT "
                        + names("s", key) + " FROM " + LOADED + " s JOIN " + table + " t ON " + sameKey() + " WHERE "
                        + differ(columns));
        long all = count(LOADED);
        long missing = count(MISSING);
        long different = count(DIFFERENT);
        String chosen = where.map(condition -> "(" + condition + "\n) AND ").orElse("");
        long extra = SingleStatement.rows(
                        c,
                        "SELECT count(*) FROM (SELECT * FROM " + table + " WHERE " + chosen
                                + "true) t WHERE NOT EXISTS (SELECT FROM " + LOADED + " s WHERE " + sameKey() + ")",
                        row -> row.getLong(1))
                .get(0);
        return new Difference(missing, different, all - missing - different, extra);
    }

    /** The first of the rows that differ: key, and the columns that get other values. */
    public List<String> examples() throws SQLException {
        String cells = columns.stream()
                .map(column -> "CASE WHEN " + differ(List.of(column)) + " THEN " + Sql.literal(column) + " END")
                .collect(Collectors.joining(", "));
        String named = key.stream()
                .map(column -> Sql.literal(column + " ") + " || t." + Sql.quoted(column) + "::text")
                .collect(Collectors.joining(" || ', ' || "));
        return Database.list(
                c,
                "SELECT " + named + " || ': ' || concat_ws(', ', " + cells + ") FROM " + LOADED + " s JOIN " + table
                        + " t ON " + sameKey() + " JOIN " + DIFFERENT + " k ON "
                        + equal("k", "s") + " ORDER BY " + names("t", key) + " LIMIT " + MOST_SHOWN,
                row -> row.getString(1));
    }

    /**
     * Does it, in one transaction.
     *
     * @param shown the difference that was agreed to
     * @return the number of the run, for {@code fix --undo}
     */
    public long merge(Difference shown) throws Exception {
        return OperationLog.within(db, "restore rows", run -> {
            try {
                merge(shown, run);
            } catch (Throwable e) {
                c.rollback(); // or it keeps the row from being told
                throw e;
            }
            return run.id();
        });
    }

    private void merge(Difference shown, OperationLog run) throws Exception {
        c.setAutoCommit(false);
        Database.run(c, "LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
        if (!difference().equals(shown))
            throw Failure.locked(
                    table + " was changed by others since the difference was shown",
                    "nothing was changed; run it again.");
        put(new Quarantine(c, run.id()));
        run.done(
                c,
                Map.of(
                        "file", dump.file().toString(),
                        "table", table,
                        "inserted", shown.missing(),
                        "updated", shown.different()));
        c.commit();
    }

    private void put(Quarantine quarantine) throws SQLException {
        Quarantine.create(c);
        List<String> resting = restTriggers();
        String rule = "restore of " + dump.file();
        String isDifferent = chosen(DIFFERENT);
        long kept = quarantine.keepRows(rule, Quarantine.Action.UPDATE, table, key, isDifferent);
        List<String> settable = catalog("SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
                        + " AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum")
                .stream()
                .filter(column -> columns.contains(column) && !key.contains(column))
                .toList();
        refuseNumbersOfTheServer(settable);
        if (kept > 0)
            Database.update(
                    c,
                    "UPDATE " + table + " t SET ("
                            + settable.stream().map(Sql::quoted).collect(Collectors.joining(", "))
                            + ") = ROW(" + names("s", settable) + ") FROM " + LOADED + " s WHERE " + sameKey() + " AND "
                            + isDifferent);
        quarantine.keepNewRows(rule, table, key, isDifferent);
        Database.update(
                c,
                "INSERT INTO " + table + " ("
                        + columns.stream().map(Sql::quoted).collect(Collectors.joining(", "))
                        + ") OVERRIDING SYSTEM VALUE SELECT " + names("s", columns) + " FROM " + LOADED + " s JOIN "
                        + MISSING + " k ON " + equal("k", "s"));
        quarantine.keepRows(rule, Quarantine.Action.INSERT, table, key, chosen(MISSING));
        for (String statement : resting) Database.run(c, statement);
        verify();
        movePast();
    }

    private void refuseNumbersOfTheServer(List<String> settable) throws SQLException {
        for (String column : columns) {
            if (key.contains(column) || settable.contains(column)) continue;
            String differs = "SELECT EXISTS (SELECT FROM " + LOADED + " s JOIN " + table + " t ON " + sameKey()
                    + " WHERE " + differ(List.of(column)) + ")";
            if (Database.one(c, differs, Boolean.class))
                throw Failure.refused(
                        "the column " + column + " of " + table + " is GENERATED ALWAYS AS IDENTITY, and rows have "
                                + "other numbers in the backup; the server takes none for a row that is there",
                        "nothing was changed; restore the table under another name (--as NAME), and copy from there "
                                + "what is wanted.");
        }
    }

    /** What came in must be what the dump holds. */
    private void verify() throws SQLException {
        long wrong = Database.one(
                c,
                "SELECT count(*) FROM " + LOADED + " s LEFT JOIN " + table + " t ON " + sameKey() + " WHERE t."
                        + Sql.quoted(key.get(0)) + " IS NULL OR " + differ(columns),
                Long.class);
        if (wrong > 0)
            throw Failure.refused(
                    Format.count(wrong, "row") + " of " + table
                            + " would not be as in the backup: a trigger, a rule or a " + "policy is in the way",
                    "nothing was changed; use the role that owns the table, for which its triggers rest.");
    }

    /** As in a whole restore no trigger runs, if the role may see to it; these statements wake them again. */
    private List<String> restTriggers() throws SQLException {
        String alter = "ALTER TABLE " + table + " ";
        List<String> wake = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        Database.list(
                c,
                """
                SELECT quote_ident(g.tgname), CASE g.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN
                  'ENABLE REPLICA' ELSE 'ENABLE' END
                FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
                WHERE c.oid = ?::regclass AND NOT g.tgisinternal AND g.tgenabled <> 'D'
                  AND pg_has_role(c.relowner, 'USAGE')""",
                row -> {
                    rest.add(alter + "DISABLE TRIGGER " + row.getString(1));
                    return wake.add(alter + row.getString(2) + " TRIGGER " + row.getString(1));
                },
                table);
        for (String statement : rest) Database.run(c, statement);
        return wake;
    }

    /** A sequence that gives a column its values must not give those that came in, of those that it can give. */
    private void movePast() throws SQLException {
        for (String column : columns) {
            String sequence = Database.one(c, "SELECT pg_get_serial_sequence(?, ?)", String.class, table, column);
            if (sequence == null) continue;
            Database.run(c, MOVE_PAST.formatted(sequence, Sql.literal(sequence), Sql.quoted(column), LOADED));
        }
    }

    private String chosen(String keys) {
        return "(" + names("t", key) + ") IN (SELECT " + names("k", key) + " FROM " + keys + " k)";
    }

    private String sameKey() {
        return equal("t", "s");
    }

    private String equal(String one, String other) {
        return all(key, column -> one + "." + column + " = " + other + "." + column, " AND ");
    }

    /** As texts: not every type has an equality. */
    private static String differ(List<String> columns) {
        return "(" + all(columns, column -> "t." + column + "::text IS DISTINCT FROM s." + column + "::text", " OR ")
                + ")";
    }

    private static String names(String alias, List<String> columns) {
        return all(columns, column -> alias + "." + column, ", ");
    }

    private static String all(List<String> columns, UnaryOperator<String> text, String between) {
        return columns.stream().map(Sql::quoted).map(text).collect(Collectors.joining(between));
    }

    private long count(String of) throws SQLException {
        return Database.one(c, "SELECT count(*) FROM " + of, Long.class);
    }

    @Override
    public void close() throws SQLException {
        c.close();
    }
}
