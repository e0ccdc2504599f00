package avdaily.seed;

import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.OpsTables;
import avdaily.db.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was seeded, by table, written in the transaction that wrote the rows. A table may be passed over when its files
 * say the same as then and its rows, and those of the tables that it refers to, are the same as then: somebody's change
 * is never hidden.
 */
final class SeedHistory {
    /** Part of each hash: a new number has all rows compared anew. */
    private static final int FORMAT = 2;
    /** What a table's files and rows were when it was seeded last. */
    record Entry(String content, String state, long rows, LocalDate asOf) {}

    /** A table that holds this many times its seeds, and more, is quicker seeded than summed up. */
    private static final int MOST_TIMES = 4;

    private static final int MOST_ROWS = 100_000;

    private final Connection c;
    private final String environment;
    private final boolean kept;
    private final Map<String, String> states = new HashMap<>();

    /** Reads only; {@link #prepare} makes the table where it is not there yet. */
    SeedHistory(Connection c, Environment environment) throws SQLException {
        this.c = c;
        this.environment = environment.toString();
        this.kept = OpsTables.have(c, "seed_history");
    }

    Optional<Entry> find(String table) throws SQLException {
        if (!kept) return Optional.empty();
        return Database.list(
                        c,
                        "SELECT content, state, rows, as_of FROM avdaily_ops.seed_history WHERE environment = ? AND "
                                + "table_name = ?",
                        row -> new Entry(
                                row.getString(1), row.getString(2), row.getLong(3), row.getObject(4, LocalDate.class)),
                        environment,
                        table)
                .stream()
                .findFirst();
    }

    /** The day that relative dates counted from the last time. */
    Optional<LocalDate> asOf() throws SQLException {
        if (!kept) return Optional.empty();
        return Optional.ofNullable(Database.one(
                c,
                "SELECT as_of FROM avdaily_ops.seed_history WHERE environment = ? ORDER BY applied_at DESC LIMIT 1",
                LocalDate.class,
                environment));
    }

    /**
     * A hash of the table's and its targets' rows as they are now, or nothing where that takes longer than it saves.
     */
    Optional<String> state(SeedPlan plan, Collection<TableCatalog.Table> targets, long seeds) throws SQLException {
        StringBuilder all = new StringBuilder();
        TreeMap<String, TableCatalog.Table> read = new TreeMap<>();
        targets.forEach(table -> read.put(table.name(), table));
        read.put(plan.name(), plan.table());
        for (String name : read.keySet()) {
            String state = states.get(name);
            if (state == null) state = summed(read.get(name).sql(), seeds * MOST_TIMES + MOST_ROWS);
            if (state == null) return Optional.empty();
            states.put(name, state);
            all.append(name).append(' ').append(state).append('\n');
        }
        return Optional.of(Sha256.of(all.toString()));
    }

    private String summed(String table, long most) throws SQLException {
        return Database.one(
                c,
                "SELECT CASE WHEN count(*) < ? THEN count(*) || ' ' || coalesce(sum(hashtextextended(\"#row\"::text, "
                        + "0)), 0) END FROM (SELECT * FROM "
                        + table + " LIMIT ?) \"#row\"",
                String.class,
                most,
                most);
    }

    /** From now on the table's rows are others. */
    void touched(String table) {
        states.remove(table);
    }

    void forget(Collection<String> tables) throws SQLException {
        states.clear();
        if (kept)
            Database.update(c, "DELETE FROM avdaily_ops.seed_history WHERE table_name = ANY(?)", (Object)
                    tables.toArray(String[]::new));
    }

    void prepare() throws SQLException {
        if (!kept)
            Database.update(
                    c,
                    """
                CREATE TABLE IF NOT EXISTS avdaily_ops.seed_history (
                  environment text NOT NULL,
                  table_name text NOT NULL,
                  content text NOT NULL,
                  state text,
                  rows bigint NOT NULL,
                  as_of date NOT NULL,
                  applied_at timestamptz NOT NULL DEFAULT now(),
                  PRIMARY KEY (environment, table_name))""");
    }

    void write(String table, Entry entry) throws SQLException {
        Database.update(
                c,
                """
                INSERT INTO avdaily_ops.seed_history (environment, table_name, content, state, rows, as_of)
                    VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (environment, table_name) DO UPDATE
                SET content = excluded.content, state = excluded.state, rows = excluded.rows, as_of = excluded.as_of,
                    applied_at = excluded.applied_at""",
                environment,
                table,
                entry.content,
                entry.state,
                entry.rows,
                entry.asOf);
    }

    /**
     * A hash of all that decides which rows a table gets: its merged rows, how they are recognised, and what their
     * dates count from.
     */
    static String content(SeedPlan plan, SeedFiles files, LocalDate asOf) {
        MessageDigest digest = Sha256.digest();
        add(
                digest,
                List.of(
                        FORMAT,
                        files.zone(),
                        asOf,
                        plan.key(),
                        new TreeMap<>(plan.references()),
                        new TreeSet<>(plan.createOnly())));
        plan.rows().forEach((key, row) -> add(digest, List.of(key, row.fields())));
        plan.absent().keySet().forEach(key -> add(digest, List.of("absent", key)));
        if (plan.large() != null) add(digest, plan.large());
        return Sha256.hex(digest.digest());
    }

    private static void add(MessageDigest digest, List<?> parts) {
        for (Object part : parts) digest.update((part + "\0").getBytes(StandardCharsets.UTF_8));
    }

    private static void add(MessageDigest digest, SeedFile file) {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = file.again().open()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) digest.update(buffer, 0, n);
        } catch (IOException e) {
            throw SeedFile.unreadable(file.path(), e, "make it readable.");
        }
    }
}
