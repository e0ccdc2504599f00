package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.SqlResource;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers that a look at the database leaves in {@code avdaily_ops.sample}, so that a later one can say since when and
 * how fast. They are few, and fewer the older they are. Nothing depends on them: who cannot keep them goes without.
 */
public final class Samples {
    /** What looked. */
    public enum Source {
        MONITOR,
        INTEGRITY,
        BACKUP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The numbers of one look, by name. */
    public record Sample(Instant at, Map<String, Double> numbers) {
        public Optional<Double> number(String name) {
            return Optional.ofNullable(numbers.get(name));
        }
    }

    private static final String TABLE =
            """
            CREATE TABLE avdaily_ops.sample (
              source text NOT NULL CHECK (source IN ('monitor', 'integrity', 'backup')),
              at timestamptz NOT NULL DEFAULT now(),
              numbers jsonb NOT NULL,
              PRIMARY KEY (source, at))""";

    /** More than a database that only this toolkit writes to has of one source. */
    private static final int MOST = 2500;

    /**
     * Keeps some numbers if the database has an operation log that is to be believed, is no standby, and lets the role
     * write.
     */
    public static void leaveIfPossible(Database db, Source source, Map<String, Double> numbers) {
        if (!db.believesOps() || db.schema().isPresent()) return; // they are the whole database's
        try (Connection c = db.connect()) {
            if (!isPossible(c)) return;
            c.setAutoCommit(false);
            Database.run(
                    c,
                    """
                    SET TRANSACTION READ WRITE;
                    SET LOCAL lock_timeout = '1s';
                    SET LOCAL statement_timeout = '5s';
                    SET LOCAL synchronous_commit = off""");
            if (!OpsTables.have(c, "sample")) create(c);
            Database.update(
                    c,
                    SqlResource.of(Samples.class, "leave-sample.sql"),
                    source.toString(),
                    Json.text(numbers),
                    source.toString());
            c.commit();
        } catch (SQLException | Failure e) {
            db.out()
                    .detail("No sample was left in " + db + ": "
                            + Failures.explain(e).getMessage());
        }
    }

    /** Whoever looks first, the table belongs to whom the log does, or is not made. */
    private static void create(Connection c) throws SQLException {
        Database.run(c, TABLE);
        String owner = Database.one(
                c,
                """
                SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class
                WHERE oid = 'avdaily_ops.operation'::regclass AND pg_get_userbyid(relowner) <> current_user""",
                String.class);
        if (owner != null) Database.run(c, "ALTER TABLE avdaily_ops.sample OWNER TO " + owner);
    }

    /** A session may have been told to only read; what its role and its database say counts. */
    private static boolean isPossible(Connection c) throws SQLException {
        return Database.one(
                c,
                """
                SELECT NOT pg_is_in_recovery()
                  AND (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') = 'off'
                  AND EXISTS (
                    SELECT FROM pg_namespace n JOIN pg_class o ON o.relnamespace = n.oid AND o.relname = 'operation'
                      LEFT JOIN pg_class s ON s.relnamespace = n.oid AND s.relname = 'sample'
                    WHERE n.nspname = 'avdaily_ops' AND has_schema_privilege(n.oid, 'USAGE')
                      AND CASE WHEN s.oid IS NULL THEN has_schema_privilege(n.oid, 'CREATE')
                               ELSE has_table_privilege(s.oid, 'SELECT') AND has_table_privilege(s.oid, 'INSERT')
                                 AND has_table_privilege(s.oid, 'DELETE') END)""",
                Boolean.class);
    }

    /**
     * What a source left, the oldest first; nothing if it left none that is to be believed and that the role may read.
     */
    public static List<Sample> of(Database db, Connection c, Source source) {
        try {
            return db.believesOps() && mayRead(c) ? read(c, source) : List.of();
        } catch (SQLException e) {
            db.out().detail("No earlier sample was read in " + db + ": " + Failures.message(e));
            return List.of();
        }
    }

    private static boolean mayRead(Connection c) throws SQLException {
        return Database.one(
                c,
                """
                SELECT EXISTS (
                  SELECT FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
                  WHERE n.nspname = 'avdaily_ops' AND s.relname = 'sample' AND s.relkind = 'r'
                    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(s.oid, 'SELECT'))""",
                Boolean.class);
    }

    private static List<Sample> read(Connection c, Source source) throws SQLException {
        List<Sample> samples = new ArrayList<>(Database.list(
                c,
                "SELECT at, numbers FROM avdaily_ops.sample WHERE source = ? AND at <= now() "
                        + "AND pg_column_size(numbers) < 30000 ORDER BY at DESC LIMIT " + MOST,
                Samples::sample,
                source.toString()));
        Collections.reverse(samples);
        return samples;
    }

    private static Sample sample(ResultSet row) throws SQLException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each :
                Json.tree(row.getString("numbers")).properties())
            if (each.getValue().isNumber())
                numbers.put(each.getKey(), each.getValue().asDouble());
        return new Sample(row.getTimestamp("at").toInstant(), numbers);
    }

    private Samples() {}
}
