package avdaily.schema;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.ForeignCode;
import avdaily.sql.SqlState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which rows and sequence values belong into a dump. */
final class SchemaData {
    private static final int SEQUENCES_A_QUERY = 200;

    static List<Schema.Data> tables(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> configuration = configuration(catalog);
        Map<Long, String> roots = roots(catalog);
        return Database.list(
                        catalog.c,
                        ForeignCode.strangers()
                                + """
                SELECT c.oid, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS name,
                  rn.nspname AS root_schema, r.relname AS root_table, pg_table_size(c.oid) AS bytes,
                  pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
                  coalesce(m.amname = 'heap', false)
                    AND c.oid NOT IN (SELECT relation FROM danger) AS is_divisible,
                  ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                        ORDER BY a.attnum) AS columns,
                  EXISTS (SELECT FROM pg_depend e
                          WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e') AS member
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
                LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
                LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
                WHERE c.relkind = 'r' AND c.relpersistence <> 't'
                  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                ORDER BY bytes DESC, name""",
                        row -> {
                            long oid = row.getLong("oid");
                            if (catalog.options.excluded().contains(row.getString("nspname"))
                                    || row.getBoolean("member") && !configuration.containsKey(oid)) return null;
                            String condition = configuration.get(oid);
                            return new Schema.Data(
                                    new Schema.TableName(row.getString("nspname"), row.getString("relname")),
                                    row.getString("root_table") == null
                                            ? null
                                            : new Schema.TableName(
                                                    row.getString("root_schema"), row.getString("root_table")),
                                    row.getString("name"),
                                    roots.getOrDefault(oid, row.getString("name")),
                                    Arrays.asList(
                                            (String[]) row.getArray("columns").getArray()),
                                    condition == null || condition.isBlank() ? null : condition,
                                    new Schema.Storage(
                                            row.getLong("bytes"),
                                            row.getLong("pages"),
                                            row.getBoolean("is_divisible")));
                        })
                .stream()
                .filter(data -> data != null)
                .toList();
    }

    /**
     * An extension's tables and sequences that hold the user's data, with the condition that tells those rows from its
     * own.
     */
    private static Map<Long, String> configuration(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> conditions = new HashMap<>();
        Database.list(
                catalog.c,
                """
                SELECT c.oid, coalesce(c.condition, '')
                FROM pg_extension x, unnest(x.extconfig, x.extcondition) c(oid, condition)""",
                row -> conditions.put(row.getLong(1), row.getString(2)));
        return conditions;
    }

    /**
     * Hashes of enums depend on numbers that differ in another database: such rows go in through the table that finds
     * their partition.
     */
    private static Map<Long, String> roots(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> roots = new HashMap<>();
        Database.list(
                catalog.c,
                """
                WITH RECURSIVE unsafe AS (
                  SELECT p.partrelid AS oid FROM pg_partitioned_table p
                  WHERE p.partstrat = 'h' AND EXISTS (
                    SELECT FROM unnest(p.partclass::oid[]) o(oid) JOIN pg_opclass k USING (oid)
                    WHERE k.opcintype = 'anyenum'::regtype)),
                below(oid, top) AS (
                  SELECT oid, oid FROM unsafe
                  UNION SELECT i.inhrelid, b.top FROM below b JOIN pg_inherits i ON i.inhparent = b.oid),
                leaves AS (SELECT DISTINCT b.oid FROM below b JOIN pg_class c ON c.oid = b.oid AND c.relkind = 'r')
                SELECT l.oid, format('%I.%I', r.relnamespace::regnamespace::text, r.relname)
                FROM leaves l JOIN pg_class r ON r.oid = pg_partition_root(l.oid)""",
                row -> roots.put(row.getLong(1), row.getString(2)));
        return roots;
    }

    /** A sequence, and its value if the server tells it by the sequence's number; else null. */
    private record Sequence(String schema, String name, String quoted, Schema.SequenceValue value) {}

    /**
     * By its number a sequence is read whatever was put in its place meanwhile. Servers before 18 know no such way;
     * there the session must refuse to run a view.
     */
    static List<Schema.SequenceValue> sequences(SchemaCatalog catalog) throws SQLException {
        List<Sequence> all = all(catalog);
        List<Schema.SequenceValue> values = new ArrayList<>(
                all.stream().map(Sequence::value).filter(Objects::nonNull).toList());
        List<Sequence> others = all.stream().filter(s -> s.value == null).toList();
        for (int i = 0; i < others.size(); i += SEQUENCES_A_QUERY) {
            List<Sequence> some = others.subList(i, Math.min(others.size(), i + SEQUENCES_A_QUERY));
            List<String> queries = new ArrayList<>();
            for (int k = 0; k < some.size(); k++)
                queries.add("SELECT " + k + ", last_value, is_called FROM " + some.get(k).quoted);
            try {
                Database.list(catalog.c, String.join(" UNION ALL ", queries), row -> {
                    Sequence sequence = some.get(row.getInt(1));
                    return values.add(new Schema.SequenceValue(
                            sequence.schema, sequence.name, row.getLong(2), row.getBoolean(3)));
                });
            } catch (SQLException e) {
                if (isGone(e)) throw gone(e);
                throw e;
            }
        }
        return values;
    }

    /** Whether a sequence was dropped meanwhile, or is a view now, which the session does not run. */
    private static boolean isGone(SQLException e) {
        return Set.of(
                        SqlState.UNDEFINED_TABLE,
                        SqlState.INVALID_SCHEMA_NAME,
                        SqlState.UNDEFINED_COLUMN,
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE)
                .contains(SqlState.of(e));
    }

    private static Failure gone(SQLException e) {
        return new Failure(
                Failure.Kind.LOCKED,
                "sequences come and go while they are read: " + Failures.message(e),
                "run it again when less is going on.",
                e);
    }

    private static List<Sequence> all(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> configuration = configuration(catalog);
        List<Sequence> all = new ArrayList<>();
        boolean byNumber = catalog.version >= 18;
        Database.list(
                catalog.c,
                """
                SELECT c.oid, n.nspname, c.relname, format('%%I.%%I', n.nspname, c.relname),
                  EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e'),
                  %s
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
                  AND n.nspname <> 'information_schema'
                ORDER BY 2, 3"""
                        .formatted(byNumber ? "(pg_get_sequence_data(c.oid)).*" : "NULL::bigint, NULL::boolean"),
                row -> !catalog.options.excluded().contains(row.getString(2))
                        && (!row.getBoolean(5) || configuration.containsKey(row.getLong(1)))
                        && all.add(sequence(row)));
        return all;
    }

    private static Sequence sequence(ResultSet row) throws SQLException {
        String schema = row.getString(2);
        String name = row.getString(3);
        boolean isTold = row.getObject(6) != null && row.getObject(7) != null;
        return new Sequence(
                schema,
                name,
                row.getString(4),
                isTold ? new Schema.SequenceValue(schema, name, row.getLong(6), row.getBoolean(7)) : null);
    }

    private SchemaData() {}
}
