package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The statements that lead from one database's schema to another's and keep the values of the columns that both have.
 * pgCodeKeeper drops and adds a column whose type or default needs what has to be made anew, so:
 *
 * <ol>
 *   <li>{@link InheritanceSteps} change the parents of tables, {@link InheritedColumns} what those have from them.
 *   <li>{@link UnreadSteps} drop what goes of kinds that no reader writes; what they make comes with what is left.
 *   <li>Partitions that go are dropped or detached; see {@link PartitionSteps}.
 *   <li>{@link ColumnSteps} clears the way for columns.
 *   <li>{@link HangingSteps} and what follows drop what, as defaults do, needs something that changes.
 *   <li>{@link CompositeSteps} gives composite types their attributes.
 *   <li>{@link DomainSteps} moves columns to the types below domains.
 *   <li>{@link CollationSteps} make collations anew.
 *   <li>{@link EnumUndo} moves columns to the enums' other values, and to composite types of other attributes.
 *   <li>{@link DiffStatements} compares what is left, {@link OverlookedSteps} what that overlooks.
 *   <li>New partitions are made and attached.
 *   <li>The defaults are set as they are to be, then {@link PublicationSteps} go on.
 * </ol>
 *
 * Both databases are changed in transactions that are rolled back.
 */
final class SchemaPath {
    private static final String DEFAULTS = SqlResource.of(SchemaPath.class, "schema-path-defaults.sql");

    /** Tables and the like, which go after that, may need them. */
    private static final Pattern LATE = Pattern.compile("DROP (?:ACCESS METHOD|TEXT SEARCH (?:PARSER|TEMPLATE)) ");

    /** What becomes of the values of enums. */
    enum Enums {
        /** New values are added to the type in their place. */
        ADD_VALUES,
        /** The type is made anew also if it only gets values. */
        MOVE
    }

    private record Column(String table, String name) {
        String alter(String what) {
            return "ALTER TABLE ONLY " + table + " ALTER COLUMN " + name + " " + what + ";";
        }
    }

    private final DiffStatements diff;
    private final Drift changes;
    private final Connection from;
    private final Connection to;

    SchemaPath(DiffStatements diff, Drift changes, Database from, Database to) throws SQLException {
        this.diff = diff;
        this.changes = changes;
        this.from = from.projectConnection();
        this.to = to.projectConnection();
    }

    /**
     * The statements.
     *
     * @param done what leads on from {@code from} before them
     * @throws SQLException if the server refuses one of the first steps
     */
    List<String> statements(Enums enums, List<String> done) throws SQLException, IOException {
        for (Connection c : List.of(from, to)) {
            c.setAutoCommit(false);
            Database.run(c, "SET LOCAL search_path = ''"); // so that everything comes with its whole name
        }
        try {
            run(done);
            return inTransactions(enums);
        } finally {
            for (Connection c : List.of(from, to)) {
                c.rollback();
                c.setAutoCommit(true);
            }
        }
    }

    private List<String> inTransactions(Enums enums) throws SQLException, IOException {
        List<Schema.Item> start = ddl(from);
        PartitionSteps partitions = new PartitionSteps(start, ddl(to));
        for (String statement : partitions.hidden()) Database.run(to, statement);
        List<String> all = new ArrayList<>(run(PublicationSteps.first(from, to)));
        UnreadSteps unread = new UnreadSteps(from, to);
        List<String> late = refused(unread.first(), all);
        all.addAll(InheritanceSteps.of(from, to));
        all.addAll(new InheritedColumns(from, to).steps());
        ColumnSteps columnSteps = new ColumnSteps(from, to);
        List<Schema.Item> wanted = ddl(to);
        CompositeSteps composites = new CompositeSteps(from, to);
        List<String> types = new ArrayList<>(movedTypes(enums));
        changedNames("TYPE").stream().filter(composites::isMoved).forEach(types::add);
        Map<String, Schema.Item> definitions = Drift.byName(wanted);
        DomainSteps domains = withTheirHolders(types, definitions);
        List<Column> columns = columns(types, domains.anew());
        all.addAll(run(OverlookedSteps.resets(from, start, wanted)));
        all.addAll(run(partitions.first()));
        all.addAll(run(columnSteps.first()));
        all.addAll(run(HangingSteps.of(from, to)));
        all.addAll(run(dropDefaults(columns)));
        all.addAll(run(composites.first()));
        all.addAll(run(domains.statements()));
        all.addAll(CollationSteps.of(from, to, changedNames("COLLATION"), definitions));
        types.addAll(domains.held());
        all.addAll(run(NeededSteps.of(to, types, Drift.byName(ddl(from)), wanted)));
        all.addAll(run(EnumUndo.statements(from, inOrder(types, definitions), definitions)));
        List<String> last = takeDefaults(columns);
        List<Schema.Item> before = PartitionSteps.without(ddl(from));
        List<Schema.Item> after = PartitionSteps.without(last.isEmpty() ? wanted : ddl(to));
        List<String> rest = enums == Enums.MOVE ? diff.between(before, after) : diff.forward(before, after);
        List<String> whole = new ArrayList<>(unread.next());
        whole.addAll(InheritanceSteps.dropped(AssignmentCasts.without(rest, from), from));
        whole.addAll(late);
        all.addAll(StatementOrder.of(whole, from));
        all.addAll(OverlookedSteps.of(from, to));
        List<Schema.Item> done = ddl(from);
        all.addAll(OverlookedSteps.opened(from, done, wanted));
        all.addAll(OverlookedSteps.comments(from, done, wanted));
        all.addAll(partitions.last(done));
        all.addAll(OverlookedSteps.grants(start, wanted));
        all.addAll(last);
        all.addAll(columnSteps.last());
        List<String> remarks = OverlookedSteps.remarks(changes, from);
        all.addAll(remarks);
        unread.last().stream().filter(text -> !remarks.contains(text)).forEach(all::add);
        all.addAll(PublicationSteps.last(from, to));
        return all;
    }

    /** Runs the statements and adds them to {@code done}, but for those that may come late and are refused now. */
    private List<String> refused(List<String> statements, List<String> done) throws SQLException {
        List<String> late = new ArrayList<>();
        for (String statement : statements)
            if (!LATE.matcher(statement).lookingAt()) done.addAll(run(List.of(statement)));
            else (StatementOrder.isTaken(statement, from) ? done : late).add(statement);
        return late;
    }

    /** Adds the composite types that have types or domains that are made anew, until no more are found. */
    private DomainSteps withTheirHolders(List<String> types, Map<String, Schema.Item> definitions)
            throws SQLException {
        while (true) {
            DomainSteps domains = new DomainSteps(from, to, types);
            List<String> over = CompositeSteps.over(from, types, domains.anew()).stream()
                    .filter(type -> !types.contains(type) && definitions.containsKey("TYPE " + type))
                    .toList();
            if (over.isEmpty()) return domains;
            types.addAll(over);
        }
    }

    /** What others are made of comes first, as in the schema. */
    private static List<String> inOrder(List<String> types, Map<String, Schema.Item> definitions) {
        return definitions.values().stream()
                .filter(item -> item.kind().equals("TYPE") || item.kind().equals("DOMAIN"))
                .map(Schema.Item::identity)
                .filter(types::contains)
                .toList();
    }

    private List<String> run(List<String> statements) throws SQLException {
        for (String statement : statements) Database.run(from, statement);
        return statements;
    }

    private List<String> changedNames(String kind) {
        return changes.changes().stream()
                .filter(change ->
                        change.how() == Drift.How.CHANGED && change.kind().equals(kind))
                .map(Drift.Change::identity)
                .toList();
    }

    /** The enums and ranges whose columns move over to types of other values. */
    private List<String> movedTypes(Enums enums) throws SQLException {
        Map<String, Schema.Item> old = Drift.byName(ddl(from));
        Map<String, Schema.Item> wanted = Drift.byName(ddl(to));
        return changedNames("TYPE").stream()
                .filter(type -> {
                    Schema.Item was = old.get("TYPE " + type);
                    Schema.Item is = wanted.get("TYPE " + type);
                    if (was == null || is == null) return false;
                    if (DiffStatements.isEnum(was) && DiffStatements.isEnum(is))
                        return enums == Enums.MOVE || DiffStatements.losesValues(was, is);
                    return isRange(was) && isRange(is) && !was.ddl().equals(is.ddl());
                })
                .toList();
    }

    private static boolean isRange(Schema.Item type) {
        return type.ddl().contains(" AS RANGE (");
    }

    /** The columns whose defaults need what is made anew. */
    private List<Column> columns(List<String> moved, List<String> domains) throws SQLException {
        List<String> types = new ArrayList<>(moved);
        types.addAll(domains);
        List<String> functions = changes.changes().stream()
                .filter(change -> change.kind().equals("FUNCTION"))
                .map(Drift.Change::identity)
                .toList();
        return Database.list(
                from,
                DEFAULTS,
                row -> new Column(row.getString(1), row.getString(2)),
                types.toArray(String[]::new),
                functions.toArray(String[]::new));
    }

    private static List<String> dropDefaults(List<Column> columns) {
        return columns.stream().map(column -> column.alter("DROP DEFAULT")).toList();
    }

    /** Takes the defaults that the columns are to have; the statements set them. */
    private List<String> takeDefaults(List<Column> columns) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (Column column : columns) {
            String value = defaultOf(to, column);
            if (value == null) continue;
            Database.run(to, column.alter("DROP DEFAULT"));
            statements.add(column.alter("SET DEFAULT " + value));
        }
        return statements;
    }

    /** Null if it has none there, or is not there. */
    private static String defaultOf(Connection c, Column column) throws SQLException {
        return Database.one(
                c,
                """
                SELECT pg_get_expr(v.adbin, v.adrelid)
                FROM pg_attribute a JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
                WHERE a.attrelid = to_regclass(?) AND quote_ident(a.attname) = ?
                  AND a.attgenerated = '' AND NOT a.attisdropped""",
                String.class,
                column.table,
                column.name);
    }

    /** Without owners: everything belongs to the role that migrates. */
    private static List<Schema.Item> ddl(Connection c) throws SQLException {
        Schema schema = Schema.read(c, Schema.Options.WITHOUT_OWNERS);
        return schema.items().stream()
                .filter(item -> !item.kind().equals("MATERIALIZED VIEW DATA")
                        && !item.ddl().isBlank())
                .toList();
    }
}
