package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.migrate.TypeChangeParts.Dependent;
import avdaily.migrate.TypeChangeParts.Index;
import avdaily.schema.Schema;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads what reads a column, in a transaction of a scratch database that somebody takes back. */
final class TypeChangeReader {
    private static final String DROPS = SqlResource.of(TypeChangeReader.class, "type-change-drops.sql");
    private static final String KEY = SqlResource.of(TypeChangeReader.class, "type-change-key.sql");
    private static final String TABLES =
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_partition_tree(?::bigint::regclass) p
              JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
            UNION SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?""";

    private static final String COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = ?";
    private static final String CONSTRAINTS = "SELECT conname FROM pg_constraint WHERE conrelid = ?";
    private static final String RELATIONS =
            "SELECT relname FROM pg_class WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = ?)";
    private static final String FUNCTIONS =
            "SELECT proname FROM pg_proc WHERE pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = ?)";
    private static final String TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = ?";
    /** Triggers run in the order of their names, and the last one sees what the others make of a row. */
    private static final String IS_LAST =
            """
            SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ? AND NOT tgisinternal AND tgname >= ? COLLATE "C"
                               AND tgtype & 3 = 3)""";

    private static final String IS_ASSIGNED =
            """
            SELECT o.oid = n.oid OR n.typcategory = 'S' OR EXISTS (
              SELECT FROM pg_cast WHERE castsource = o.oid AND casttarget = n.oid AND castcontext IN ('a', 'i'))
            FROM (SELECT ?::regtype AS was, ?::regtype AS becomes) t
            JOIN pg_type o ON o.oid = t.was JOIN pg_type n ON n.oid = t.becomes""";

    private final Connection c;
    private final ChangedColumn column;
    private final TypeChange.Request request;

    TypeChangeReader(Connection c, ChangedColumn column, TypeChange.Request request) {
        this.c = c;
        this.column = column;
        this.request = request;
    }

    TypeChangeParts parts() throws SQLException {
        mustCast(column.type(), column.newType(), request.using(), "--using");
        mustCast(column.newType(), column.type(), request.back(), "--back");
        List<Dependent> dependents = dependents();
        FreeNames columns = new FreeNames(c, COLUMNS, column.oid());
        return new TypeChangeParts(
                column,
                Database.list(c, TABLES, row -> row.getString(1), column.oid(), column.oid()),
                quoted(column.plainSchema()),
                quoted(column.plainName()),
                columns.take(column.plainName(), "_new"),
                columns.take(column.plainName(), "_old"),
                new FreeNames(c, CONSTRAINTS, column.oid()).take(column.plainName(), "_new_is_not_null"),
                trigger(),
                request.using(),
                request.back(),
                key(),
                indexes(),
                dependents,
                others(dependents),
                Database.one(c, IS_ASSIGNED, Boolean.class, column.type(), column.newType()),
                collation());
    }

    private String quoted(String name) throws SQLException {
        return Database.one(c, "SELECT quote_ident(?)", String.class, name);
    }

    private void mustCast(String from, String to, String using, String option) throws SQLException {
        String name = quoted(column.plainName());
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, "SELECT " + new SyncTrigger.Side("x", to, using, name).of("CAST(NULL AS " + from + ")"));
        } catch (SQLException e) {
            c.rollback(before);
            if (using != null)
                throw Failure.usage(
                        option + ": " + Failures.message(e) + "; nothing was written",
                        "correct it: the value has the name " + name + " there.");
            throw TypeChange.refused(
                    column.title() + ": no value of the type " + from + " becomes one of " + to + " by itself ("
                            + Failures.message(e) + ")",
                    "say how, with the column's name for the value, as in " + option + " 'some_function(" + name
                            + ")'.");
        }
    }

    private List<Dependent> dependents() throws SQLException {
        List<Dependent> all = Database.list(
                c,
                DROPS,
                row -> new Dependent(
                        row.getString("what"),
                        row.getString("statement"),
                        row.getString("relation"),
                        row.getString("constraint"),
                        row.getString("definition"),
                        row.getBoolean("may_be_invalid")),
                column.oid(),
                column.number());
        List<String> inTheWay = all.stream()
                .filter(one -> one.drop() == null)
                .map(Dependent::what)
                .distinct()
                .toList();
        if (!inTheWay.isEmpty())
            throw TypeChange.refused(
                    column.title() + ": it is read by what cannot be made again here: " + String.join(", ", inTheWay));
        return all;
    }

    /** What is gone once all of it went, but for the constraints, whose rows are not read again at once. */
    private List<Schema.Item> others(List<Dependent> dependents) throws SQLException {
        List<Schema.Item> before = Schema.read(c, Schema.Options.WITHOUT_OWNERS).itemsOfProject();
        Savepoint whole = c.setSavepoint();
        try {
            for (Dependent one : dependents) Database.run(c, one.drop());
            Set<String> left = new HashSet<>();
            Schema.read(c, Schema.Options.WITHOUT_OWNERS)
                    .itemsOfProject()
                    .forEach(item -> left.add(item.kind() + " " + item.identity()));
            List<Schema.Item> gone = before.stream()
                    .filter(item -> !left.contains(item.kind() + " " + item.identity()))
                    .filter(item ->
                            !item.kind().equals("FK CONSTRAINT") && !item.kind().equals("CHECK CONSTRAINT"))
                    .toList();
            return gone.stream().filter(item -> !isStandIn(item, gone)).toList();
        } catch (SQLException e) {
            if (!SqlState.of(e).equals("2BP01")) throw e;
            throw TypeChange.refused(column.title() + ": what reads it cannot go: " + Failures.message(e));
        } finally {
            c.rollback(whole);
        }
    }

    /** A view that groups by a key is there twice, first without what it reads: here the key is there before it. */
    private static boolean isStandIn(Schema.Item item, List<Schema.Item> all) {
        String definition = "CREATE OR REPLACE VIEW " + item.identity() + " AS";
        return item.kind().equals("VIEW")
                && !item.ddl().startsWith(definition)
                && all.stream().anyMatch(other -> other.ddl().startsWith(definition));
    }

    private SyncTrigger trigger() throws SQLException {
        String beginning = column.plainTable() + "_" + column.plainName();
        String function =
                quoted(column.plainSchema()) + "." + new FreeNames(c, FUNCTIONS, column.oid()).take(beginning, "_sync");
        String first = "zz_";
        while (!Database.one(c, IS_LAST, Boolean.class, column.oid(), first)) first = "z" + first;
        String trigger = new FreeNames(c, TRIGGERS, column.oid()).take(first + column.plainName(), "_sync");
        return new SyncTrigger(column.table(), function, trigger);
    }

    private List<String> key() throws SQLException {
        List<List<String>> keys =
                Database.list(c, KEY, row -> List.of((String[]) row.getArray(1).getArray()), column.oid());
        if (keys.isEmpty())
            throw TypeChange.refused(
                    column.title()
                            + ": no index of the table has only columns that are NOT NULL, so that nothing leads "
                            + "through its rows",
                    "have a migration before give it a primary key.");
        return keys.get(0);
    }

    private List<Index> indexes() throws SQLException {
        FreeNames names = new FreeNames(c, RELATIONS, column.oid());
        List<Index> indexes = new ArrayList<>();
        for (TypeChangeIndex index : TypeChangeIndex.of(c, column)) {
            if (index.refusal() != null)
                throw TypeChange.refused(
                        column.title() + ": the index " + index.plainName() + " is " + index.refusal());
            indexes.add(new Index(
                    index,
                    names.take(index.plainName(), "_new"),
                    quoted(index.plainName()),
                    names.take(index.plainName(), "_old")));
        }
        return indexes;
    }

    /** The old column's, if the new type can have one. */
    private String collation() throws SQLException {
        if (column.collation().isEmpty()) return "";
        boolean isCollatable = Database.one(
                c, "SELECT typcollation <> 0 FROM pg_type WHERE oid = ?::regtype", Boolean.class, column.newType());
        return isCollatable ? column.collation() : "";
    }
}
