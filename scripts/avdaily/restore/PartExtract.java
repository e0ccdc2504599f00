package avdaily.restore;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.DottedName;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The definitions of a part of a dump, as statements. They are read from a scratch database that has all definitions of
 * the dump: there the server itself renames what gets another name and drops what is not wanted, so that no text of a
 * statement is changed.
 *
 * @param items in an order in which they can be executed
 * @param tables the tables of the dump, each with its name in SQL
 * @param sequences where the sequences stand
 * @param left what refers to the part and stays outside
 */
record PartExtract(
        List<Schema.Item> items, Map<String, String> tables, List<Schema.SequenceValue> sequences, List<String> left) {
    private record Table(long oid, String schema, String name) {
        DottedName dotted() {
            return new DottedName(schema, name);
        }
    }

    /** What of a table has a name of its own in the schema. */
    private record Beside(String kind, long oid, String name, String schema) {
        static List<Beside> of(Connection c, Table table) throws SQLException {
            return Database.list(
                    c,
                    SqlResource.of(PartExtract.class, "names-beside.sql"),
                    row -> new Beside(row.getString(1), row.getLong(2), row.getString(3), row.getString(4)),
                    table.oid);
        }

        boolean isStatistics() {
            return kind.equals("STATISTICS");
        }

        String alter(Connection c) throws SQLException {
            String sql = isStatistics() ? new DottedName(schema, name).quoted() : now(c, oid);
            return "ALTER " + kind + " " + sql;
        }
    }

    /** @param scratch with the definitions of the whole dump; it is changed */
    static PartExtract take(Database scratch, PartSelection part, RestoreOptions.Owners owners) throws SQLException {
        Connection c = scratch.connection();
        List<Table> tables = chosen(c, part);
        Long[] oids = tables.stream().map(Table::oid).toArray(Long[]::new);
        List<Schema.Item> ties = untie(c, oids);
        for (PartSelection.Company one : PartSelection.Company.values())
            if (!part.with().contains(one)) drop(c, one, oids);
        List<String> left = Database.list(
                c,
                SqlResource.of(PartExtract.class, "referring.sql"),
                row -> row.getString(1),
                c.createArrayOf("bigint", oids),
                c.createArrayOf("text", part.schemas().toArray()));
        move(c, part, tables);
        Map<String, String> names = new LinkedHashMap<>();
        for (Table table : tables)
            names.put(table.dotted().toString(), now(c, table.oid));
        Schema schema = Schema.of(
                scratch,
                new Schema.Options(
                        Set.of(Schema.OWN),
                        owners == RestoreOptions.Owners.KEPT,
                        part.with().contains(PartSelection.Company.GRANTS),
                        true,
                        Schema.Quotes.IF_NEEDED));
        Set<String> wanted = new HashSet<>(names.values());
        Set<String> schemas = new HashSet<>(part.schemas());
        if (!schemas.isEmpty())
            part.intoSchema().ifPresent(into -> {
                schemas.clear();
                schemas.add(into);
            });
        Set<String> tableNames = new HashSet<>(Database.list(
                c, "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')", row -> row.getString(1)));
        List<Schema.Item> items = new ArrayList<>(schema.items(place -> !tableNames.contains(place.table())
                ? schemas.contains(place.schema())
                : wanted.contains(place.table())));
        if (!part.isElsewhere()) items.addAll(ties);
        if (!schemas.isEmpty())
            schema.unsupported().forEach(what -> left.add(what + ", which the schema reader does not know"));
        return new PartExtract(items, names, values(schema, items), left);
    }

    private static void drop(Connection c, PartSelection.Company one, Long[] tables) throws SQLException {
        for (String statement : Database.list(
                c,
                SqlResource.of(PartExtract.class, "drop-company.sql"),
                row -> row.getString(1),
                one.toString(),
                c.createArrayOf("bigint", tables))) Database.run(c, statement);
    }

    private static List<Schema.SequenceValue> values(Schema schema, List<Schema.Item> items) {
        Set<DottedName> made = items.stream()
                .filter(item -> item.kind().equals("SEQUENCE"))
                .map(item -> DottedName.of(item.identity()))
                .collect(Collectors.toSet());
        return schema.sequences().stream()
                .filter(value -> made.contains(new DottedName(value.schema(), value.name())))
                .toList();
    }

    /**
     * Makes partitions whose parents stay outside tables of their own: their indexes, keys and triggers would be the
     * parent's.
     *
     * @return what makes them partitions again
     */
    private static List<Schema.Item> untie(Connection c, Long[] tables) throws SQLException {
        List<Schema.Item> ties = new ArrayList<>();
        for (String untie : Database.list(
                c,
                SqlResource.of(PartExtract.class, "partition-ties.sql"),
                row -> {
                    ties.add(new Schema.Item(
                            "TABLE ATTACH", row.getString(3), Schema.Section.POST_DATA, row.getString(2)));
                    return row.getString(1);
                },
                c.createArrayOf("bigint", tables))) Database.run(c, untie);
        return ties;
    }

    /** The wanted tables and the partitions below them, each behind its parent. */
    private static List<Table> chosen(Connection c, PartSelection part) throws SQLException {
        List<Table> all = Database.list(
                c,
                """
                SELECT c.oid, n.nspname, c.relname, parents.names
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  CROSS JOIN LATERAL (
                    SELECT coalesce(array_agg(format('%I.%I', pn.nspname, p.relname)), '{}') AS names
                    FROM pg_partition_ancestors(c.oid) a JOIN pg_class p ON p.oid = a.relid AND p.oid <> c.oid
                      JOIN pg_namespace pn ON pn.oid = p.relnamespace) parents
                WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
                  AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
                ORDER BY cardinality(parents.names), n.nspname, c.relname""",
                row -> {
                    Table table = new Table(row.getLong(1), row.getString(2), row.getString(3));
                    boolean isBelow = Stream.of((String[]) row.getArray(4).getArray())
                                    .map(DottedName::of)
                                    .anyMatch(part::takes)
                            && part.without().stream().noneMatch(pattern -> pattern.matches(table.dotted()));
                    return part.takes(table.dotted()) || isBelow ? table : null;
                });
        all.removeIf(table -> table == null);
        return all;
    }

    private static void move(Connection c, PartSelection part, List<Table> tables) throws SQLException {
        if (part.as().isPresent()) rename(c, part.as().get(), tables);
        if (part.intoSchema().isEmpty()) return;
        String into = part.intoSchema().get();
        if (!part.schemas().isEmpty()) {
            String from = part.schemas().get(0);
            if (from.equals(into)) return;
            if (Database.one(c, "SELECT to_regnamespace(?) IS NOT NULL", Boolean.class, Sql.quoted(into)))
                Database.run(c, "ALTER SCHEMA " + Sql.quoted(into) + " RENAME TO " + Sql.quoted(aside(into, 0)));
            Database.run(c, "ALTER SCHEMA " + Sql.quoted(from) + " RENAME TO " + Sql.quoted(into));
            return;
        }
        Database.run(c, "CREATE SCHEMA IF NOT EXISTS " + Sql.quoted(into));
        Set<String> taken = new HashSet<>();
        for (Table table : tables) {
            if (!table.schema.equals(into)) continue;
            taken.add(part.as().orElse(table.name));
            for (Beside beside : Beside.of(c, table)) taken.add(beside.name);
        }
        for (Table table : tables) if (!table.schema.equals(into)) moveInto(c, into, table, taken);
    }

    /** Indexes and sequences come with their table; partitions of several schemas may have one name. */
    private static void moveInto(Connection c, String into, Table table, Set<String> taken) throws SQLException {
        String name = Database.one(c, "SELECT relname::text FROM pg_class WHERE oid = ?", String.class, table.oid);
        String free = free(name, "", taken);
        if (!free.equals(name)) {
            clear(c, table.schema, free);
            Database.run(c, "ALTER TABLE " + now(c, table.oid) + " RENAME TO " + Sql.quoted(free));
        }
        clear(c, into, free);
        for (Beside beside : Beside.of(c, table)) {
            String wanted = free(beside.name, "", taken);
            if (!beside.isStatistics()) clear(c, into, wanted);
            if (!wanted.equals(beside.name)) {
                if (!beside.isStatistics()) clear(c, table.schema, wanted);
                Database.run(c, beside.alter(c) + " RENAME TO " + Sql.quoted(wanted));
            }
            if (beside.isStatistics())
                Database.run(
                        c,
                        new Beside(beside.kind, beside.oid, wanted, beside.schema).alter(c) + " SET SCHEMA "
                                + Sql.quoted(into));
        }
        Database.run(c, "ALTER TABLE " + now(c, table.oid) + " SET SCHEMA " + Sql.quoted(into));
    }

    private static String now(Connection c, long relation) throws SQLException {
        return Database.one(c, "SELECT ?::oid::regclass::text", String.class, relation);
    }

    /** Puts what else the dump has of that name out of the way. */
    private static void clear(Connection c, String schema, String name) throws SQLException {
        Long there = Database.one(
                c,
                "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind <> 'c'",
                Long.class,
                schema,
                name);
        if (there != null)
            Database.run(c, "ALTER TABLE " + now(c, there) + " RENAME TO " + Sql.quoted(aside(name, there)));
    }

    /** A name that says what it is where the server tells that it is not there. */
    private static String aside(String name, long number) {
        return Sql.joined(name, " (in the backup, " + number + ")");
    }

    /** The table, and what has a name beside its: partitions, indexes, sequences. */
    private static void rename(Connection c, String as, List<Table> tables) throws SQLException {
        String old = tables.get(0).name;
        Set<String> taken = new HashSet<>(Set.of(as));
        for (Table table : tables) {
            String name = table == tables.get(0) ? as : renamed(table.name, old, as, taken);
            for (Beside beside : Beside.of(c, table)) {
                String renamed = renamed(beside.name, old, as, taken);
                if (!beside.isStatistics()) clear(c, table.schema, renamed);
                Database.run(c, beside.alter(c) + " RENAME TO " + Sql.quoted(renamed));
            }
            if (!name.equals(table.name)) clear(c, table.schema, name);
            Database.run(c, "ALTER TABLE " + now(c, table.oid) + " RENAME TO " + Sql.quoted(name));
        }
    }

    /** A name of the server's kind keeps its end, as in orders_pkey; any other one gets the new name in front. */
    private static String renamed(String name, String old, String as, Set<String> taken) {
        boolean isOwn = name.startsWith(old);
        String beginning = isOwn ? as : as + "_" + name;
        String end = isOwn ? name.substring(old.length()) : "";
        return free(beginning, end, taken);
    }

    private static String free(String beginning, String end, Set<String> taken) {
        String joined = Sql.joined(beginning, end);
        for (int n = 1; !taken.add(joined); n++) joined = Sql.joined(beginning, end + n);
        return joined;
    }
}
