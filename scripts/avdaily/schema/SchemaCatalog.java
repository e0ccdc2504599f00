package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.DottedName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The catalogs of one database while its schema is read: what the readers of the single kinds share. */
final class SchemaCatalog {
    final Connection c;
    final Schema.Options options;
    /** 14, 15... */
    final int version;

    final SchemaGraph graph = new SchemaGraph();
    final List<String> unsupported = new ArrayList<>();
    /** What is told of some of them, by their names. */
    final Map<String, String> told = new HashMap<>();

    /** And what is said about them: owners, privileges and comments. */
    final List<Schema.Item> remarks = new ArrayList<>();

    final List<String> omitted = new ArrayList<>();
    final List<String> extensions = new ArrayList<>();
    final Map<String, Supplier<String>> standIns = new TreeMap<>();
    final Set<String> roles = new TreeSet<>();
    final Set<String> tablespaces = new TreeSet<>();
    /** Objects that belong to an extension. */
    final Set<Long> members = new HashSet<>();

    /** Tables whose rows cannot be read. */
    final List<DottedName> rowless = new ArrayList<>();

    /** The schema that the session works on; nothing if it is the whole database. */
    final Optional<OneSchema> only;

    private final Map<Long, String> identities = new HashMap<>();
    private final Map<Long, String[]> roleNames = new HashMap<>();
    private final Set<Long> droppedRoles = new HashSet<>();

    /** What stands in the session's schema, and what hangs on it: all that its definitions could need. */
    private static final String OF_SCHEMA =
            """
            WITH own AS (SELECT to_regnamespace(quote_ident(current_setting('avdaily.schema')))::oid AS oid),
              relation AS (SELECT c.oid FROM pg_class c JOIN own ON own.oid = c.relnamespace)
            SELECT oid FROM own UNION ALL SELECT oid FROM relation
            UNION ALL SELECT t.oid FROM pg_type t JOIN own ON own.oid = t.typnamespace
            UNION ALL SELECT p.oid FROM pg_proc p JOIN own ON own.oid = p.pronamespace
            UNION ALL SELECT k.oid FROM pg_constraint k JOIN own ON own.oid = k.connamespace
            UNION ALL SELECT l.oid FROM pg_collation l JOIN own ON own.oid = l.collnamespace
            UNION ALL SELECT s.oid FROM pg_statistic_ext s JOIN own ON own.oid = s.stxnamespace
            UNION ALL SELECT d.oid FROM pg_ts_dict d JOIN own ON own.oid = d.dictnamespace
            UNION ALL SELECT g.oid FROM pg_ts_config g JOIN own ON own.oid = g.cfgnamespace
            UNION ALL SELECT d.oid FROM pg_attrdef d JOIN relation r ON r.oid = d.adrelid
            UNION ALL SELECT g.oid FROM pg_trigger g JOIN relation r ON r.oid = g.tgrelid
            UNION ALL SELECT w.oid FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
            UNION ALL SELECT p.oid FROM pg_policy p JOIN relation r ON r.oid = p.polrelid""";

    SchemaCatalog(Connection c, Schema.Options options) throws SQLException {
        this.c = c;
        this.options = options;
        this.version = Integer.parseInt(Database.one(c, "SHOW server_version_num", String.class)) / 10_000;
        this.only = OneSchema.of(c);
        Database.list(
                c,
                "SELECT oid, rolname, quote_ident(rolname) FROM pg_roles",
                row -> roleNames.put(row.getLong(1), new String[] {row.getString(2), row.getString(3)}));
    }

    /** A condition: the row of this catalog is no extension's. */
    static String notMember(String alias) {
        return "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = " + alias + ".tableoid AND e.objid = " + alias
                + ".oid AND e.deptype = 'e')";
    }

    /** A condition, with a blank before: the row is a user's, and so is its schema, pg_namespace n. */
    static String users(String alias) {
        return " n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
                + " AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname) AND "
                + notMember(alias);
    }

    /** What of these objects, by kind and name, is the session's to see. */
    List<String> wanted(List<String> objects) {
        return objects.stream()
                .filter(object -> only.isEmpty() || only.get().has(object))
                .toList();
    }

    /**
     * A condition, to go on with: the schema of this number is the session's or, for the whole database, none of the
     * server's. What is in a temporary one may go while it is looked at.
     */
    String onlyOf(String oid) {
        return only.isEmpty()
                ? " AND " + oid + " NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_')"
                : " AND " + oid + " = to_regnamespace(quote_ident(current_setting('avdaily.schema')))::oid";
    }

    /** A select list's start: where the object stands, and what the server calls it. */
    static String head(String alias) {
        return alias + ".tableoid AS catalog, " + alias + ".oid AS oid, (pg_identify_object(" + alias + ".tableoid, "
                + alias + ".oid, 0)).identity AS identity";
    }

    static long address(ResultSet row) throws SQLException {
        return SchemaGraph.address(row.getLong("catalog"), row.getLong("oid"));
    }

    /** Adds the object of a row that has {@link #head} and a schema. */
    SchemaGraph.Node add(ResultSet row, SchemaGraph.Rank rank, String kind, Supplier<String> ddl) throws SQLException {
        return graph.add(node(rank, kind, row.getString("schema"), row.getString("identity"), ddl), address(row));
    }

    SchemaGraph.Node node(SchemaGraph.Rank rank, String kind, String schema, String identity, Supplier<String> ddl) {
        SchemaGraph.Node node = new SchemaGraph.Node(rank, kind, schema, present(identity), ddl);
        boolean isOthers = only.filter(one -> !one.name().equals(schema)).isPresent();
        node.isExcluded = isOthers || options.excluded().contains(schema);
        return node;
    }

    /**
     * What the server says of an object that is there.
     *
     * @throws SchemaChanged if it says nothing: the object is gone
     */
    static String present(String said) {
        if (said == null) throw new SchemaChanged(null);
        return said;
    }

    /** Has one object be called otherwise than the server calls it. */
    void call(long address, String identity) {
        identities.put(address, identity);
    }

    /** The name that statements use. */
    String identity(long address, String usual) {
        return identities.getOrDefault(address, present(usual));
    }

    /**
     * Whether statements can name the role. The catalogs may go on naming one that was dropped, as when it got a
     * privilege in that moment; a dump that did so could not be restored.
     */
    boolean hasRole(long oid) {
        if (oid == 0 || roleNames.containsKey(oid)) return true;
        if (droppedRoles.add(oid)) omitted.add("owners, grants and policies that name the dropped role " + oid);
        return false;
    }

    /** The role as SQL names it; 0 is PUBLIC. It {@linkplain #hasRole is there}. */
    String role(long oid) {
        if (oid == 0) return "PUBLIC";
        String[] names = roleNames.get(oid);
        roles.add(names[0]);
        return names[1];
    }

    /** A statement that comes some time after the object's own. */
    SchemaGraph.Node follow(SchemaGraph.Node object, SchemaGraph.Rank rank, String kind, String identity, String ddl) {
        SchemaGraph.Node next =
                graph.add(node(rank, kind, object.schema, identity, () -> ddl).of(object.table));
        graph.depend(next, object);
        return next;
    }

    /** The statement that gives the object to its owner, with a line break before; nothing if owners are not wanted. */
    String owner(String kind, String identity, long owner) {
        if (!options.owners() || !hasRole(owner)) return "";
        return "\nALTER " + kind + " " + identity + " OWNER TO " + role(owner) + ";";
    }

    /**
     * Reads what needs what. Rows of the catalogs that no statement stands for count for the object to which they
     * belong.
     */
    void readDependencies() throws SQLException {
        record Edge(long from, long to, String type) {}
        List<Edge> edges = Database.list(
                c,
                """
                SELECT d.classid, d.objid, d.refclassid, d.refobjid, d.deptype FROM pg_depend d
                WHERE d.objid >= 16384 AND d.classid <> 0 AND (d.classid, d.objid) <> (d.refclassid, d.refobjid)
                """
                        + (only.isEmpty() ? "" : "AND d.objid IN (" + OF_SCHEMA + ")\n")
                        + """
                UNION ALL -- an array and its element, a multirange and its range
                SELECT tableoid, typarray, tableoid, oid, 'i' FROM pg_type WHERE typarray >= 16384
                UNION ALL
                SELECT 'pg_type'::regclass, rngmultitypid, 'pg_type'::regclass, rngtypid, 'i'
                FROM pg_range WHERE rngmultitypid >= 16384""",
                row -> new Edge(
                        SchemaGraph.address(row.getLong(1), row.getLong(2)),
                        SchemaGraph.address(row.getLong(3), row.getLong(4)),
                        row.getString(5)));
        Map<Long, List<Long>> owners = new HashMap<>();
        edges.sort(Comparator.comparingInt(edge -> "iPaS".indexOf(edge.type))); // the closest owner first
        for (Edge edge : edges) {
            if (edge.type.equals("e")) {
                members.add(edge.from);
                graph.alias(edge.from, graph.at(edge.to));
            } else if ("iPaS".contains(edge.type)) {
                owners.computeIfAbsent(edge.from, a -> new ArrayList<>(1)).add(edge.to);
            }
        }
        Set<Long> unknown = new HashSet<>();
        for (Edge edge : edges) if (!resolve(edge.from, owners)) unknown.add(edge.from);
        for (Edge edge : edges)
            if (!"ePS".contains(edge.type) && !isPlacedLater(edge.from, edge.to, edge.type))
                graph.depend(edge.from, edge.to);
        name(unknown);
        readExtensionsNeeded();
        SchemaRefreshes.order(this);
    }

    private void readExtensionsNeeded() throws SQLException {
        Database.list(
                c,
                """
                SELECT d.classid, d.objid, i.type, i.identity, quote_ident(x.extname)
                FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid,
                  pg_identify_object(d.classid, d.objid, 0) i
                WHERE d.deptype = 'x' AND d.refclassid = 'pg_extension'::regclass""",
                row -> {
                    long address = SchemaGraph.address(row.getLong(1), row.getLong(2));
                    SchemaGraph.Node node = graph.at(address);
                    String name = identity(address, row.getString(4));
                    return node != null
                            && node.remarks.add(new SchemaGraph.Remark(
                                    "DEPENDS ON EXTENSION",
                                    name + " on " + row.getString(5),
                                    "ALTER " + row.getString(3).toUpperCase(Locale.ROOT) + " " + name
                                            + " DEPENDS ON EXTENSION " + row.getString(5) + ";"));
                });
    }

    /** Finds the object to which a row of the catalogs belongs, by way of what was made with it. */
    private boolean resolve(long address, Map<Long, List<Long>> owners) {
        if (graph.at(address) != null) return true;
        Deque<Long> open = new ArrayDeque<>(List.of(address));
        Set<Long> seen = new HashSet<>();
        while (!open.isEmpty()) {
            long next = open.poll();
            if (graph.at(next) != null) {
                graph.alias(address, graph.at(next));
                return true;
            }
            if (seen.add(next)) open.addAll(owners.getOrDefault(next, List.of()));
        }
        return false;
    }

    /** A partition and a column's sequence are made alone and tied to their table by a statement of their own. */
    private boolean isPlacedLater(long from, long to, String type) {
        SchemaGraph.Node user = graph.at(from);
        SchemaGraph.Node used = graph.at(to);
        return type.equals("a")
                && user != null
                && used != null
                && used.rank == SchemaGraph.Rank.TABLE
                && (user.rank == SchemaGraph.Rank.TABLE && graph.part(from) == null
                        || user.rank == SchemaGraph.Rank.SEQUENCE);
    }

    /**
     * The last net: whatever depends on something and belongs to nothing known. What has no identity is gone by now,
     * such as the temporary tables of a session that ended. The schema of what is on a table is that of the table.
     */
    private void name(Set<Long> addresses) throws SQLException {
        if (addresses.isEmpty()) return;
        Long[] catalogs = addresses.stream().map(a -> a >>> 32).toArray(Long[]::new);
        Long[] oids = addresses.stream().map(a -> a & 0xffffffffL).toArray(Long[]::new);
        unsupported.addAll(Database.list(
                c,
                """
                WITH on_table (catalog, oid, relation) AS (
                  SELECT tableoid, oid, adrelid FROM pg_attrdef UNION ALL SELECT tableoid, oid, polrelid FROM pg_policy
                  UNION ALL SELECT tableoid, oid, ev_class FROM pg_rewrite
                  UNION ALL SELECT tableoid, oid, tgrelid FROM pg_trigger)
                SELECT DISTINCT upper(i.type) || ' ' || i.identity
                FROM unnest(?::bigint[], ?::bigint[]) a(catalog, oid)
                  LEFT JOIN on_table o ON o.catalog = a.catalog AND o.oid = a.oid
                  LEFT JOIN pg_class r ON r.oid = o.relation LEFT JOIN pg_namespace n ON n.oid = r.relnamespace,
                  pg_identify_object(a.catalog::oid, a.oid::oid, 0) i, coalesce(i.schema, n.nspname) place
                WHERE i.identity IS NOT NULL AND (place IS NULL OR place !~ '^pg_(temp|toast)' AND place <> ALL (?))
                  AND NOT EXISTS ( -- a cast goes with a temporary type
                    SELECT FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
                      JOIN pg_namespace tn ON tn.oid = t.typnamespace
                    WHERE d.classid = a.catalog AND d.objid = a.oid AND d.refclassid = 'pg_type'::regclass
                      AND tn.nspname ~ '^pg_temp_')
                ORDER BY 1""",
                row -> row.getString(1),
                c.createArrayOf("bigint", catalogs),
                c.createArrayOf("bigint", oids),
                c.createArrayOf("text", options.excluded().toArray())));
    }

    /**
     * Names what somebody put on an extension's own tables: the extension makes these anew, without it. What its
     * scripts put there is told by its transaction and age, for it is no member either.
     */
    void readPutOnMembers() throws SQLException {
        omitted.addAll(
                Database.list(c, SqlResource.of(SchemaCatalog.class, "put-on-members.sql"), row -> row.getString(1)));
    }
}
