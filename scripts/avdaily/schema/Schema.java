package avdaily.schema;

import avdaily.base.Sha256;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.DottedName;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A database's schema as an ordered list of objects with their DDL, read from its catalogs. What the reader cannot
 * reproduce exactly it names in {@link #unsupported}.
 */
public final class Schema {
    /** The collection's own schema; it is in no dump and no fingerprint unless asked for. */
    public static final String OWN = "avdaily_ops";

    /** The kind of what ALTER DATABASE and ALTER ROLE set, which is one object. */
    public static final String SETTINGS = "SETTINGS";

    /** Whether an object is made before the rows come in, or after them, as indexes and keys are. */
    public enum Section {
        PRE_DATA,
        POST_DATA
    }

    /**
     * One object.
     *
     * @param kind as pg_dump calls it: TABLE, FK CONSTRAINT, COMMENT...
     * @param identity unique within its kind, as the server writes it: public.wallets, public.f(integer), "check" on
     *     public.wallets
     * @param ddl one or more complete statements, each ending in ';'
     */
    public record Item(String kind, String identity, Section section, String ddl) {}

    /**
     * Where an object belongs.
     *
     * @param schema without quotes; empty if it is in none
     * @param table the table, or view, that it is or is a part of, as SQL names it; null if there is none
     */
    public record Place(String schema, String table) {}

    /**
     * How a table lies on the server's disk.
     *
     * @param bytes its size with TOAST and without indexes
     * @param pages the blocks that hold rows now
     * @param isDivisible whether rows can be read by ranges of blocks: it is a heap, and no mighty role would run the
     *     expressions of a stranger's indexes, which a query does and a plain COPY does not
     */
    public record Storage(long bytes, long pages, boolean isDivisible) {}

    /**
     * A table whose rows belong into a dump: a leaf if it is partitioned.
     *
     * @param root the topmost partitioned table above it, or null
     * @param name the table as SQL names it
     * @param loadThrough the table to load into as SQL names it: the table itself, or the partitioned root if rows may
     *     hash differently in another database
     * @param columns the columns to copy, unquoted; generated ones are not among them, and a table may have none
     * @param turn its rows come behind those of the tables of a smaller one, to which an extension's keys tie it
     * @param condition the WHERE clause by which an extension tells the user's rows in its table from its own, or null
     */
    public record Data(
            DottedName table,
            DottedName root,
            String name,
            String loadThrough,
            List<String> columns,
            int turn,
            String condition,
            Storage storage) {
        public Data withColumns(List<String> others) {
            return new Data(table, root, name, loadThrough, others, turn, condition, storage);
        }

        /** The columns for COPY in parentheses, with a blank before; nothing for a table without columns. */
        public String columnList() {
            return columns.isEmpty()
                    ? ""
                    : columns.stream().map(Sql::quoted).collect(Collectors.joining(", ", " (", ")"));
        }
    }

    /** Where a sequence stands, as setval takes it; its names are unquoted. */
    public record SequenceValue(String schema, String name, long lastValue, boolean isCalled) {}

    /** Which names have quotes. */
    public enum Quotes {
        /** Those that this server would read otherwise. */
        IF_NEEDED("off"),
        ALWAYS("on");

        private final String setting;

        Quotes(String setting) {
            this.setting = setting;
        }
    }

    /**
     * Which schemas to leave out, whether owners and privileges belong into the DDL, and whether tables and sequence
     * values are to be listed, which takes the right to read each sequence, and a lock on it.
     */
    public record Options(Set<String> excluded, boolean owners, boolean privileges, boolean data, Quotes quotes) {
        /** Everything but the collection's own schema. */
        public static final Options DEFAULT = new Options(Set.of(OWN), true, true, true, Quotes.IF_NEEDED);
        /** The same, with quotes around names that are words of a newer server's language. */
        public static final Options QUOTED = new Options(Set.of(OWN), true, true, true, Quotes.ALWAYS);
        /** The definitions alone: enough for a fingerprint. */
        public static final Options DEFINITIONS = new Options(Set.of(OWN), true, true, false, Quotes.IF_NEEDED);
        /** The definitions of objects that all belong to one role. */
        public static final Options WITHOUT_OWNERS = new Options(Set.of(OWN), false, true, false, Quotes.IF_NEEDED);
        /** What two databases of different owners have in common. */
        public static final Options WITHOUT_ROLES = new Options(Set.of(OWN), false, false, false, Quotes.IF_NEEDED);
    }

    private static final Map<String, String> SESSION = session();

    private final List<Item> items = new ArrayList<>();
    private final Set<Item> own = new HashSet<>();
    private final Map<Item, Place> places = new IdentityHashMap<>();
    private final List<String> unsupported = new ArrayList<>();
    private final List<String> omitted = new ArrayList<>();
    private final Map<String, String> told = new HashMap<>();
    private final List<Item> remarks = new ArrayList<>();
    private String settings;
    private Optional<OneSchema> only = Optional.empty();
    private final Set<String> roles = new TreeSet<>();
    private final Set<String> tablespaces = new TreeSet<>();
    private final Map<String, String> standIns = new LinkedHashMap<>();
    private List<String> extensions;
    private List<Data> data = List.of();
    private List<SequenceValue> sequences = List.of();
    private List<DottedName> rowless = List.of();

    private Schema() {}

    /** Reads the schema in a transaction of the command's own connection, whose server knows the catalogs already. */
    public static Schema of(Database db, Options options) throws SQLException {
        return of(db, options, Duration.ZERO);
    }

    /** The same; it waits no longer than {@code most} for each lock, or as long as it takes if that is zero. */
    public static Schema of(Database db, Options options, Duration most) throws SQLException {
        Connection c = db.connection();
        c.setAutoCommit(false);
        try {
            Database.run(
                    c,
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = "
                            + most.toMillis());
            return read(c, options);
        } finally {
            if (!c.isClosed()) {
                c.rollback();
                c.setAutoCommit(true);
            }
        }
    }

    /**
     * Reads the schema as this transaction sees it; the session's settings are afterwards as they were.
     *
     * @throws SchemaChanged if somebody drops what it sees
     */
    public static Schema read(Connection c, Options options) throws SQLException {
        if (c.getAutoCommit()) throw new IllegalArgumentException("the schema is read in a transaction");
        try {
            return readAll(c, options);
        } catch (SQLException e) {
            if (SqlState.of(e).equals(SqlState.INTERNAL_ERROR)) throw new SchemaChanged(e); // a lookup that failed
            throw e;
        }
    }

    private static Schema readAll(Connection c, Options options) throws SQLException {
        Map<String, String> session = new LinkedHashMap<>(SESSION);
        session.put("quote_all_identifiers", options.quotes.setting);
        Map<String, String> before = set(c, session);
        Schema schema = new Schema();
        SchemaCatalog catalog = new SchemaCatalog(c, options);
        SchemaGraph graph = catalog.graph;
        SchemaTypes.read(catalog);
        SchemaTables tables = SchemaTables.read(catalog);
        SchemaIndexes.read(catalog, tables);
        SchemaRules.read(catalog, tables);
        SchemaGrants.readDefaults(catalog);
        SchemaUnsupported.read(catalog);
        catalog.readPutOnMembers();
        catalog.readDependencies();
        SchemaGrants.read(catalog);
        SchemaComments.read(catalog);
        schema.addItems(graph);
        schema.unsupported.addAll(catalog.wanted(catalog.unsupported));
        schema.unsupported.addAll(catalog.wanted(graph.circles));
        if (catalog.only.isEmpty()) schema.unsupported.addAll(missing(graph));
        schema.omitted.addAll(catalog.wanted(catalog.omitted));
        schema.told.putAll(catalog.told);
        schema.remarks.addAll(catalog.remarks);
        schema.roles.addAll(catalog.roles);
        schema.tablespaces.addAll(catalog.tablespaces);
        schema.extensions = catalog.extensions;
        schema.only = catalog.only;
        catalog.standIns.forEach((view, text) -> schema.standIns.put(view, text.get()));
        schema.settings = Database.one(c, SqlResource.of(Schema.class, "settings.sql"), String.class, (Object)
                schema.roles.toArray(String[]::new));
        if (options.data()) {
            schema.data = SchemaData.tables(catalog);
            schema.sequences = SchemaData.sequences(catalog);
            schema.rowless = catalog.rowless;
        }
        set(c, before);
        return schema;
    }

    /** What makes the server write names, dates, numbers and expressions in one way only. */
    private static Map<String, String> session() {
        Map<String, String> s = new LinkedHashMap<>();
        s.put("search_path", "");
        s.put("DateStyle", "ISO, YMD");
        s.put("IntervalStyle", "postgres");
        s.put("TimeZone", "UTC");
        s.put("extra_float_digits", "3");
        s.put("bytea_output", "hex");
        s.put("standard_conforming_strings", "on");
        s.put("jit", "off"); // compiling these queries takes longer than running them
        return s;
    }

    /** @return what the settings were before */
    private static Map<String, String> set(Connection c, Map<String, String> settings) throws SQLException {
        Map<String, String> before = new LinkedHashMap<>();
        Database.list(
                c,
                """
                WITH old AS MATERIALIZED ( -- all is read before anything is set
                  SELECT name, value, current_setting(name) AS old FROM unnest(?::text[], ?::text[]) AS s (name, value))
                SELECT name, old, set_config(name, value, true) FROM old""",
                row -> before.put(row.getString(1), row.getString(2)),
                settings.keySet().toArray(String[]::new),
                settings.values().toArray(String[]::new));
        return before;
    }

    private void addItems(SchemaGraph graph) {
        Map<String, String> owners = graph.ownersOfSequences();
        for (SchemaGraph.Node node : graph.sorted()) {
            if (node.isExcluded) continue;
            String sequence = node.identity.replaceFirst("^SEQUENCE ", "");
            Place place = new Place(node.schema, node.table == null ? owners.get(sequence) : node.table.identity);
            String ddl = node.ddl.get();
            Section section = node.afterData ? Section.POST_DATA : Section.PRE_DATA;
            boolean isOwn = node.schema.equals(OWN) || node.isOfHistory();
            List<Item> all = new ArrayList<>();
            if (!ddl.isEmpty()) all.add(new Item(node.kind, node.identity, section, ddl));
            node.remarks.forEach(remark -> all.add(new Item(remark.kind(), remark.identity(), section, remark.ddl())));
            items.addAll(all);
            all.forEach(item -> places.put(item, place));
            if (isOwn) own.addAll(all);
        }
    }

    /** What would be restored without something that was left out. */
    private static List<String> missing(SchemaGraph graph) {
        return graph.pairs().stream()
                .filter(pair -> !pair[0].isExcluded && pair[1].isExcluded)
                .map(pair -> pair[0] + " needs " + pair[1] + ", which is left out with the schema " + pair[1].schema)
                .distinct()
                .sorted()
                .toList();
    }

    /** In an order in which they can be executed: all that comes before the data, then all that comes after it. */
    public List<Item> items() {
        return items;
    }

    /** Those of some places, in the same order. */
    public List<Item> items(Predicate<Place> places) {
        return items.stream().filter(item -> places.test(this.places.get(item))).toList();
    }

    /** The project's own of them, in the same order: what a first migration makes. */
    public List<Item> itemsOfProject() {
        return items.stream().filter(item -> !own.contains(item)).toList();
    }

    /** The largest first. */
    public List<Data> data() {
        return data;
    }

    public List<SequenceValue> sequences() {
        return sequences;
    }

    /** Tables whose rows cannot be read here: a standby has none of what is unlogged. */
    public List<DottedName> rowless() {
        return rowless;
    }

    /** What is in the database and not in {@link #items}, by kind and name: a dump without it would not be whole. */
    public List<String> unsupported() {
        return unsupported;
    }

    /** The definitions among them; large objects are data. */
    public List<String> unsupportedDefinitions() {
        return unsupported.stream().filter(name -> !name.startsWith("BLOB ")).toList();
    }

    /** What was left out on purpose: an invalid index, what names a dropped role. */
    public List<String> omitted() {
        return omitted;
    }

    /** The roles that the DDL names. */
    public List<String> roles() {
        return List.copyOf(roles);
    }

    List<String> tablespaces() {
        return List.copyOf(tablespaces);
    }

    /** Views that read themselves, each with the statement that makes a view of the same columns to begin with. */
    public Map<String, String> standIns() {
        return standIns;
    }

    public List<String> extensions() {
        return extensions;
    }

    /** The same text for the same schema, on one version of the server. */
    public String text() {
        return definitions().stream()
                .map(item -> "-- " + item.kind() + " " + item.identity() + "\n" + item.ddl() + "\n\n")
                .collect(Collectors.joining());
    }

    /** Sorted by kind and name, without what the collection and migration tools keep for themselves. */
    private List<Item> definitions() {
        return items.stream()
                .filter(item -> !own.contains(item))
                .sorted(Comparator.comparing(Item::kind)
                        .thenComparing(Item::identity)
                        .thenComparing(Item::section))
                .toList();
    }

    /**
     * What tells two schemas apart: all definitions, what is told and said of objects that are not reproduced, and what
     * the database's sessions begin with; whether a view is filled and large objects are data.
     */
    public List<Item> comparable() {
        List<Item> all = new ArrayList<>(definitions());
        all.removeIf(item -> item.kind().equals("MATERIALIZED VIEW DATA"));
        Stream.concat(unsupportedDefinitions().stream(), omitted.stream())
                .filter(name -> !name.startsWith("the rows of "))
                .sorted()
                .forEach(name -> all.add(new Item("NOT READ", name, Section.PRE_DATA, told.getOrDefault(name, ""))));
        all.addAll(remarks);
        if (only.isEmpty())
            all.add(new Item(SETTINGS, "of sessions", Section.PRE_DATA, settings == null ? "" : settings));
        return all;
    }

    /** The SHA-256 of the text; of a schema that was read alone, whatever it is called. */
    public String fingerprint() {
        return Sha256.of(only.map(one -> one.anonymous(text())).orElseGet(this::text));
    }
}
