package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Citus;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.sql.DottedName;
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
import java.util.stream.Collectors;

/** Which rows and sequence values belong into a dump. */
final class SchemaData {
    private static final int SEQUENCES_A_QUERY = 200;

    static List<Schema.Data> tables(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> configuration = configuration(catalog);
        Map<Long, Integer> turns = turns(catalog, configuration);
        Map<Long, String> roots = roots(catalog);
        Map<Long, Long> spread = Citus.tables(catalog.c).stream()
                .collect(Collectors.toMap(Citus.Table::oid, Citus.Table::bytes));
        List<Schema.Data> tables = new ArrayList<>();
        Database.list(
                catalog.c,
                ForeignCode.dangers(catalog.c) + SqlResource.of(SchemaData.class, "tables-with-rows.sql"),
                row -> {
                    long oid = row.getLong("oid");
                    if (catalog.options.excluded().contains(row.getString("nspname"))
                            || row.getBoolean("member") && !configuration.containsKey(oid)) return false;
                    DottedName name = new DottedName(row.getString("nspname"), row.getString("relname"));
                    if (row.getBoolean("is_readable"))
                        return tables.add(data(
                                row,
                                name,
                                roots.get(oid),
                                configuration.get(oid),
                                turns.getOrDefault(oid, 0),
                                storage(row, spread.get(oid))));
                    catalog.omitted.add("the rows of the unlogged TABLE " + name + ", which a standby does not have");
                    return catalog.rowless.add(name);
                });
        return tables;
    }

    /** @param spread what it takes on the nodes of Citus; null if it is here, where its blocks tell rows apart */
    private static Schema.Storage storage(ResultSet row, Long spread) throws SQLException {
        return spread == null
                ? new Schema.Storage(row.getLong("bytes"), row.getLong("pages"), row.getBoolean("is_divisible"))
                : new Schema.Storage(spread, 0, false);
    }

    private static Schema.Data data(
            ResultSet row, DottedName table, String root, String condition, int turn, Schema.Storage storage)
            throws SQLException {
        String name = row.getString("name");
        String topmost = row.getString("root_table");
        return new Schema.Data(
                table,
                topmost == null ? null : new DottedName(row.getString("root_schema"), topmost),
                name,
                root == null ? name : root,
                Arrays.asList((String[]) row.getArray("columns").getArray()),
                turn,
                condition == null || condition.isBlank() ? null : condition,
                storage);
    }

    /**
     * An extension makes its tables with their keys, so that rows have to come in the order of these: the turn of each
     * table that waits for another one. In a circle there is no such order; the keys then decide at the restore.
     */
    private static Map<Long, Integer> turns(SchemaCatalog catalog, Map<Long, String> configuration)
            throws SQLException {
        record Key(long from, long to) {}
        if (configuration.isEmpty()) return Map.of();
        List<Key> keys = Database.list(
                catalog.c,
                """
                SELECT conrelid, confrelid FROM pg_constraint
                WHERE contype = 'f' AND conrelid <> confrelid AND conrelid = ANY (?) AND confrelid = ANY (?)""",
                row -> new Key(row.getLong(1), row.getLong(2)),
                configuration.keySet().toArray(Long[]::new),
                configuration.keySet().toArray(Long[]::new));
        Map<Long, Integer> turns = new HashMap<>();
        for (int round = 0; round < configuration.size(); round++)
            for (Key key : keys)
                turns.put(
                        key.from,
                        Math.min(
                                configuration.size(),
                                Math.max(turns.getOrDefault(key.from, 0), turns.getOrDefault(key.to, 0) + 1)));
        if (turns.containsValue(configuration.size()))
            catalog.omitted.add("the order in which an extension's tables take rows: their keys go in a circle");
        return turns;
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
     * their partition. An enum may be inside of an array, a range or a row.
     */
    private static Map<Long, String> roots(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> roots = new HashMap<>();
        Database.list(
                catalog.c,
                """
                WITH RECURSIVE holder (oid) AS ( -- types with an enum inside
                  SELECT oid FROM pg_type
                  WHERE typtype = 'e' AND EXISTS (SELECT FROM pg_partitioned_table WHERE partstrat = 'h')
                  UNION SELECT t.oid FROM holder h JOIN pg_type t ON t.typelem = h.oid OR t.typbasetype = h.oid
                    OR EXISTS (SELECT FROM pg_range r
                               WHERE t.oid IN (r.rngtypid, r.rngmultitypid) AND r.rngsubtype = h.oid)
                    OR EXISTS (SELECT FROM pg_attribute a
                               WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.atttypid = h.oid)),
                unsafe AS (
                  SELECT p.partrelid AS oid FROM pg_partitioned_table p
                  WHERE p.partstrat = 'h' AND EXISTS (
                    SELECT FROM unnest(p.partclass::oid[], p.partattrs::int2[]) o(class, attribute)
                      JOIN pg_opclass k ON k.oid = o.class
                    WHERE k.opcintype = 'anyenum'::regtype
                       OR o.attribute = 0 AND k.opcintype IN ('anyarray'::regtype, 'record'::regtype,
                            'anyrange'::regtype, 'anymultirange'::regtype)
                       OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = o.attribute
                                  AND a.atttypid IN (SELECT oid FROM holder)))),
                below(oid, top) AS (
                  SELECT oid, oid FROM unsafe
                  UNION SELECT i.inhrelid, b.top FROM below b JOIN pg_inherits i ON i.inhparent = b.oid),
                leaves AS (SELECT DISTINCT b.oid FROM below b JOIN pg_class c ON c.oid = b.oid AND c.relkind = 'r')
                SELECT l.oid, format('%s.%I', r.relnamespace::regnamespace, r.relname)
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
                if (isGone(e)) throw new SchemaChanged(e);
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
                  AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
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
