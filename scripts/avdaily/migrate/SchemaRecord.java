package avdaily.migrate;

import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OpsTables;
import avdaily.schema.Schema;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a database keeps in {@code avdaily_ops} about the schema that each version left behind, and about the files that
 * made it. A record counts only while the history is the one under which it was made. So a run that was killed before
 * it could record, a restore and a run of the Flyway command line leave no wrong record behind.
 */
public final class SchemaRecord {
    /** Which migrations were applied when; failed ones and those that repair marked as deleted left no schema. */
    private static final String STATE_OF =
            """
            SELECT md5(coalesce(string_agg(
              concat_ws(' ', coalesce(version, script), extract(epoch FROM installed_on)),
              ',' ORDER BY installed_rank), ''))
            FROM %s WHERE success AND type <> 'DELETE'""";
    /** The schema whose file it is, with a slash; empty if it is the whole database's. */
    private static final String OWNER = "regexp_replace(script, '[^/]*$', '')";

    /** How the schema's definitions are read. */
    interface Reader {
        Schema read() throws SQLException;
    }

    /** A schema as a version left it, on a server of this major version. */
    record Recorded(int server, List<Schema.Item> items) {}

    /** The schema at some moment, and what it should have been. */
    public record Moment(List<Schema.Item> live, List<Schema.Item> expected) {
        public Drift drift() {
            return Drift.between(expected, live);
        }

        /** Without indexes of which it is known how they came to be as they are; they are named without quotes. */
        Moment without(Set<String> indexes) {
            return new Moment(other(live, indexes), other(expected, indexes));
        }

        private static List<Schema.Item> other(List<Schema.Item> items, Set<String> indexes) {
            return items.stream()
                    .filter(item -> !item.kind().equals("INDEX")
                            || !indexes.contains(item.identity().replace("\"", "")))
                    .toList();
        }
    }

    private final Database db;
    private final Reader reader;
    private final String state;

    public SchemaRecord(Database db) {
        this(db, () -> Schema.of(db, Schema.Options.DEFINITIONS));
    }

    SchemaRecord(Database db, Reader reader) {
        this.db = db;
        this.reader = reader;
        this.state = STATE_OF.formatted(HistoryTable.name(db));
    }

    private boolean isThere() throws SQLException {
        return OpsTables.have(db.connection(), "schema_version");
    }

    private static void create(Connection c) throws SQLException {
        Database.run(
                c,
                OpsTables.IN_TURNS
                        + """
                CREATE TABLE IF NOT EXISTS avdaily_ops.schema_version (
                  version text PRIMARY KEY,
                  history text NOT NULL,
                  server integer NOT NULL,
                  fingerprint text NOT NULL,
                  objects jsonb NOT NULL,
                  recorded_at timestamptz NOT NULL DEFAULT now());
                CREATE TABLE IF NOT EXISTS avdaily_ops.migration_file (
                  script text PRIMARY KEY,
                  sha256 text NOT NULL,
                  recorded_at timestamptz NOT NULL DEFAULT now())""");
    }

    static int server(Connection c) throws SQLException {
        return Database.one(c, "SELECT current_setting('server_version_num')::int / 10000", Integer.class);
    }

    /** What was recorded for the version at which the database is; nothing if something went by unrecorded since. */
    Optional<Recorded> of(String version) throws SQLException {
        if (!isThere() || !HistoryTable.isThere(db, db.connection()))
            return Optional.empty(); // the record outlives a reset, the history does not
        return Database.list(
                        db.connection(),
                        """
                        SELECT server, objects FROM avdaily_ops.schema_version WHERE version = ? AND history = (%s)"""
                                .formatted(state),
                        row -> new Recorded(row.getInt(1), read(row.getString(2))),
                        db.recorded(version))
                .stream()
                .findFirst();
    }

    /**
     * The schema now beside the one recorded for {@code version}; nothing if none is recorded, or on another server.
     */
    public Optional<Moment> moment(String version) throws SQLException {
        Optional<Recorded> recorded = of(version);
        if (recorded.isEmpty() || recorded.get().server != server(db.connection())) return Optional.empty();
        return Optional.of(new Moment(reader.read().comparable(), recorded.get().items));
    }

    /**
     * Records the schema as what {@code version} left behind. What was not as it should be {@code before} and is still
     * the same stays a difference: going forward does not make a change by hand right.
     */
    Moment store(String version, Optional<Moment> before) throws SQLException {
        Schema schema = reader.read();
        List<Schema.Item> live = schema.comparable();
        List<Schema.Item> expected =
                before.map(moment -> carryOver(moment, live)).orElse(live);
        store(version, schema.fingerprint(), expected);
        return new Moment(live, expected);
    }

    private static List<Schema.Item> carryOver(Moment before, List<Schema.Item> live) {
        Map<String, Schema.Item> should = Drift.byName(before.expected);
        Map<String, Schema.Item> was = Drift.byName(before.live);
        Map<String, Schema.Item> result = Drift.byName(live);
        Drift differences = Drift.between(before.expected, before.live, Drift.Partitions.FOLDED, note -> {});
        for (Drift.Change change : differences.changes()) {
            String name = change.kind() + " " + change.identity();
            if (!Objects.equals(result.get(name), was.get(name))) continue; // the migrations had their say
            if (should.containsKey(name)) result.put(name, should.get(name));
            else result.remove(name);
        }
        return List.copyOf(result.values());
    }

    private void store(String version, String fingerprint, List<Schema.Item> items) throws SQLException {
        Connection c = db.connection();
        if (!isThere()) create(c);
        Database.update(
                c,
                """
                INSERT INTO avdaily_ops.schema_version (version, history, server, fingerprint, objects)
                VALUES (?, (%s), ?, ?, ?::jsonb)
                ON CONFLICT (version) DO UPDATE SET history = excluded.history, server = excluded.server,
                  fingerprint = excluded.fingerprint, objects = excluded.objects, recorded_at = now()"""
                        .formatted(state),
                db.recorded(version),
                server(c),
                fingerprint,
                Json.text(items));
    }

    /** After the history was repaired, the record of the same schema stays good. */
    void keep(String version) throws SQLException {
        Database.update(
                db.connection(),
                "UPDATE avdaily_ops.schema_version SET history = (" + state + ") WHERE version = ?",
                db.recorded(version));
    }

    /** The SHA-256 of each applied file, by its name, as far as it was noted. */
    Map<String, String> files() throws SQLException {
        Map<String, String> sums = new LinkedHashMap<>();
        if (isThere())
            Database.list(
                    db.connection(),
                    "SELECT regexp_replace(script, '^.*/', ''), sha256 FROM avdaily_ops.migration_file WHERE " + OWNER
                            + " = ?",
                    row -> sums.put(row.getString(1), row.getString(2)),
                    db.recorded(""));
        return sums;
    }

    /** Notes the files whose names are in Flyway's history and forgets all others. */
    void storeFiles(Map<String, String> sums) throws SQLException {
        Connection c = db.connection();
        if (!isThere()) create(c);
        Database.update(
                c,
                """
                INSERT INTO avdaily_ops.migration_file (script, sha256) SELECT * FROM unnest(?::text[], ?::text[])
                ON CONFLICT (script) DO UPDATE SET sha256 = excluded.sha256, recorded_at = now()
                WHERE migration_file.sha256 <> excluded.sha256""",
                sums.keySet().stream().map(db::recorded).toArray(String[]::new),
                sums.values().toArray(String[]::new));
        Database.update(
                c,
                """
                DELETE FROM avdaily_ops.migration_file f
                WHERE %s = ? AND script NOT IN (SELECT ? || h.script FROM %s h WHERE success)"""
                        .formatted(OWNER, HistoryTable.name(db)),
                db.recorded(""),
                db.recorded(""));
    }

    private static List<Schema.Item> read(String objects) {
        try {
            return new ArrayList<>(Json.mapper().readValue(objects, new TypeReference<List<Schema.Item>>() {}));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
