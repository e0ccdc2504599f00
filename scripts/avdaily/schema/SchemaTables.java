package avdaily.schema;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Tables, views, materialized views and sequences. */
final class SchemaTables {
    /** A table as the catalogs have it. */
    static final class Table {
        long oid;
        String schema;
        String table;
        /** As SQL writes it. */
        String name;

        char kind;
        boolean isUnlogged;
        boolean isPartition;
        String ofType;
        String partitionKey;
        String bound;
        String accessMethod;
        String tablespace;
        String options;
        String definition;
        boolean isPopulated;
        SchemaGraph.Node node;
        final List<Column> columns = new ArrayList<>();
        final List<Check> checks = new ArrayList<>();
        final List<Table> parents = new ArrayList<>();
        /** Statements about its columns and itself that follow its own. */
        final List<String> afterwards = new ArrayList<>();

        Column column(String name) {
            return columns.stream().filter(c -> c.name.equals(name)).findFirst().orElse(null);
        }
    }

    static final class Column {
        String name;
        String quoted;
        String type;
        String collation;
        boolean isNotNull;
        /** From PostgreSQL 18 on a NOT NULL has a name; null where it is inherited or none of its own. */
        String notNull;

        boolean isLocal;
        boolean isInherited;
        String generated;
        String expression;
        long defaultAddress;
        SchemaGraph.Part part;
    }

    /** A check of a table or a domain. */
    record Check(long address, String name, String definition, boolean isValid, Boolean isLocal) {
        /** Puts it inside its owner's statement; one that is not valid comes alone and stays not valid. */
        void addTo(SchemaCatalog catalog, SchemaGraph.Node owner, String alter) {
            SchemaGraph.Node alone = catalog.node(
                            SchemaGraph.Rank.CHECK,
                            "CHECK CONSTRAINT",
                            owner.schema,
                            name + " on " + owner.identity,
                            () -> alter + " ADD CONSTRAINT " + name + " " + definition + ";")
                    .of(owner);
            if (isValid) {
                catalog.graph.add(new SchemaGraph.Part(owner, alone), address);
            } else {
                catalog.graph.add(alone, address);
                catalog.graph.depend(alone, owner);
            }
        }

        boolean isInside(SchemaGraph graph) {
            SchemaGraph.Part part = graph.part(address);
            return part != null && !part.separate;
        }
    }

    /** The number of pg_rewrite, the same in every database. */
    private static final long REWRITE = 2618;

    private final SchemaCatalog catalog;
    final Map<Long, Table> tables = new HashMap<>();

    private SchemaTables(SchemaCatalog catalog) {
        this.catalog = catalog;
    }

    static SchemaTables read(SchemaCatalog catalog) throws SQLException {
        SchemaTables all = new SchemaTables(catalog);
        all.readTables();
        all.readColumns();
        all.readParents();
        all.readChecks();
        all.readSequences();
        return all;
    }

    private void readTables() throws SQLException {
        String toast = "(SELECT reloptions FROM pg_class WHERE oid = c.reltoastrelid AND c.relkind IN ('r', 'm'))";
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("c")
                        + """
                , n.nspname AS schema, c.relname, c.relkind, c.relpersistence = 'u'
                    AS unlogged, c.relispartition, c.relowner, c.relreplident,
                concat_ws(', ', (SELECT string_agg(format('%I=%L', option_name, option_value), ', ' ORDER BY position)
                    FROM pg_options_to_table(c.reloptions) WITH ORDINALITY o(option_name, option_value, position)),
                                (SELECT string_agg(format('toast.%I=%L', option_name, option_value), ', '
                                    ORDER BY position) FROM pg_options_to_table("""
                        + toast
                        + """
                ) WITH ORDINALITY o(option_name, option_value, position))) AS options,
                CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
                    AS partition_key, pg_get_expr(c.relpartbound, c.oid) AS bound,
                CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
                (SELECT quote_ident(amname) FROM pg_am WHERE oid = c.relam AND amname <> 'heap') AS access_method,
                (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) AS tablespace,
                CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition, c.relispopulated,
                (SELECT oid FROM pg_rewrite WHERE ev_class = c.oid AND rulename = '_RETURN') AS rule
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm')
                    AND"""
                        + SchemaCatalog.users("c"),
                row -> {
                    Table t = new Table();
                    t.oid = row.getLong("oid");
                    t.schema = row.getString("schema");
                    t.table = row.getString("relname");
                    t.name = row.getString("identity");
                    t.kind = row.getString("relkind").charAt(0);
                    t.isUnlogged = row.getBoolean("unlogged");
                    t.isPartition = row.getBoolean("relispartition");
                    t.ofType = row.getString("of_type");
                    t.partitionKey = row.getString("partition_key");
                    t.bound = row.getString("bound");
                    t.accessMethod = row.getString("access_method");
                    t.tablespace = row.getString("tablespace");
                    if (t.tablespace != null) catalog.tablespaces.add(t.tablespace);
                    t.options = row.getString("options");
                    t.definition = row.getString("definition");
                    t.isPopulated = row.getBoolean("relispopulated");
                    String kind = t.kind == 'v' ? "VIEW" : t.kind == 'm' ? "MATERIALIZED VIEW" : "TABLE";
                    String owner = catalog.owner(kind, t.name, row.getLong("relowner"));
                    String identity = row.getString("relreplident");
                    if (t.kind != 'v' && (identity.equals("f") || identity.equals("n")))
                        t.afterwards.add("ALTER TABLE ONLY " + t.name + " REPLICA IDENTITY "
                                + (identity.equals("f") ? "FULL" : "NOTHING") + ";");
                    t.node = catalog.add(
                            row,
                            switch (t.kind) {
                                case 'v' -> SchemaGraph.Rank.VIEW;
                                case 'm' -> SchemaGraph.Rank.MATERIALIZED_VIEW;
                                default -> SchemaGraph.Rank.TABLE;
                            },
                            kind,
                            () -> (t.kind == 'v' ? view(t) : t.kind == 'm' ? materializedView(t) : table(t))
                                    + owner
                                    + (t.afterwards.isEmpty() ? "" : "\n" + String.join("\n", t.afterwards)));
                    t.node.table = t.node;
                    if (t.kind == 'v') {
                        t.node.definition = new SchemaGraph.Part(
                                t.node,
                                catalog.node(
                                        SchemaGraph.Rank.VIEW_DEFINITION,
                                        "RULE",
                                        t.schema,
                                        "\"_RETURN\" on " + t.name,
                                        () -> "CREATE OR REPLACE" + define(t)));
                        catalog.graph.add(t.node.definition, SchemaGraph.address(REWRITE, row.getLong("rule")));
                    }
                    if (t.kind == 'm' && t.isPopulated) {
                        SchemaGraph.Node refresh = catalog.graph.add(catalog.node(
                                        SchemaGraph.Rank.REFRESH,
                                        "MATERIALIZED VIEW DATA",
                                        t.schema,
                                        t.name,
                                        () -> "REFRESH MATERIALIZED VIEW " + t.name + ";")
                                .of(t.node));
                        catalog.graph.depend(refresh, t.node);
                    }
                    return tables.put(t.oid, t);
                });
    }

    private void readColumns() throws SQLException {
        boolean namesNotNull = catalog.version >= 18;
        Database.list(
                catalog.c,
                """
                SELECT a.attrelid, a.attname, quote_ident(a.attname) AS quoted, format_type(a.atttypid, a.atttypmod)
                    AS type, a.attnotnull, a.attgenerated::text AS generated,
                  a.attislocal, a.attinhcount > 0 AS inherited, pg_get_expr(d.adbin, d.adrelid)
                      AS expression, d.tableoid AS catalog, d.oid, a.attstattarget,
                  CASE WHEN a.attstorage <> y.typstorage THEN a.attstorage::text END AS storage, a.attcompression::text
                      AS compression,
                  (SELECT string_agg(format('%I=%L', option_name, option_value), ', ' ORDER BY position)
                      FROM pg_options_to_table(a.attoptions) WITH ORDINALITY o(option_name, option_value, position))
                      AS options,
                  (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_collation l JOIN pg_namespace n
                      ON n.oid = l.collnamespace
                   WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation) AS collation, """
                        + (namesNotNull
                                ? """
                  k.conname, k.conislocal, k.convalidated, k.connoinherit, quote_ident(k.conname) AS not_null,
                  k.tableoid AS k_catalog, k.oid AS k_oid, pg_get_constraintdef(k.oid) AS k_definition"""
                                : " NULL AS conname")
                        + """

                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm')
                    JOIN pg_type y ON y.oid = a.atttypid
                  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"""
                        + (namesNotNull
                                ? "\n  LEFT JOIN pg_constraint k ON k.contype = 'n' AND k.conrelid = a.attrelid AND "
                                        + "k.conkey[1] = a.attnum"
                                : "")
                        + """

                WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace >= 2200 ORDER BY a.attrelid, a.attnum""",
                row -> {
                    Table t = tables.get(row.getLong("attrelid"));
                    if (t == null) return false;
                    Column column = new Column();
                    column.name = row.getString("attname");
                    column.quoted = row.getString("quoted");
                    column.type = row.getString("type");
                    column.collation = row.getString("collation");
                    column.isNotNull = row.getBoolean("attnotnull");
                    column.isLocal = row.getBoolean("attislocal") || t.isPartition;
                    column.isInherited = row.getBoolean("inherited") && !t.isPartition;
                    column.generated = row.getString("generated");
                    column.expression = row.getString("expression");
                    column.defaultAddress = column.expression == null ? 0 : SchemaCatalog.address(row);
                    if (row.getString("conname") != null) {
                        boolean isOwn = row.getBoolean("conislocal") || t.isPartition;
                        if (!row.getBoolean("convalidated")) {
                            Check late = new Check(
                                    SchemaGraph.address(row.getLong("k_catalog"), row.getLong("k_oid")),
                                    row.getString("not_null"),
                                    row.getString("k_definition"),
                                    false,
                                    isOwn);
                            if (row.getBoolean("conislocal")) late.addTo(catalog, t.node, "ALTER TABLE " + t.name);
                        } else if (isOwn) {
                            String usual = t.table + "_" + column.name + "_not_null";
                            column.notNull = (row.getString("conname").equals(usual) && !column.isInherited
                                            ? ""
                                            : "CONSTRAINT " + row.getString("not_null") + " ")
                                    + "NOT NULL" + (row.getBoolean("connoinherit") ? " NO INHERIT" : "");
                        }
                    } else if (!namesNotNull && column.isNotNull && column.isLocal) {
                        column.notNull = "NOT NULL";
                    }
                    if (column.expression != null && column.generated.isEmpty()) addDefault(t, column);
                    String alter = "ALTER TABLE ONLY " + t.name + " ALTER COLUMN " + column.quoted + " SET ";
                    int target = row.getInt("attstattarget");
                    if (!row.wasNull() && target >= 0) t.afterwards.add(alter + "STATISTICS " + target + ";");
                    if (row.getString("storage") != null && t.kind != 'v')
                        t.afterwards.add(alter + "STORAGE " + storage(row.getString("storage")) + ";");
                    String compression = row.getString("compression");
                    if (!compression.isEmpty())
                        t.afterwards.add(alter + "COMPRESSION " + (compression.equals("l") ? "lz4" : "pglz") + ";");
                    if (row.getString("options") != null)
                        t.afterwards.add(alter + "(" + row.getString("options") + ");");
                    return t.columns.add(column);
                });
    }

    private static String storage(String letter) {
        return switch (letter) {
            case "p" -> "PLAIN";
            case "e" -> "EXTERNAL";
            case "m" -> "MAIN";
            default -> "EXTENDED";
        };
    }

    /** Within the table's statement where it may; a view has no place for it. */
    private void addDefault(Table t, Column column) {
        SchemaGraph.Node alone = catalog.node(
                        SchemaGraph.Rank.DEFAULT,
                        "DEFAULT",
                        t.schema,
                        t.name + "." + column.quoted,
                        () -> "ALTER TABLE ONLY " + t.name + " ALTER COLUMN " + column.quoted + " SET DEFAULT "
                                + column.expression + ";")
                .of(t.node);
        if (t.kind == 'v') {
            catalog.graph.add(alone, column.defaultAddress);
            catalog.graph.depend(alone, t.node);
        } else {
            column.part = new SchemaGraph.Part(t.node, alone);
            catalog.graph.add(column.part, column.defaultAddress);
        }
    }

    /** A partition is made like any table and attached afterwards: only so its columns keep their own order. */
    private void readParents() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind
                    IN ('r', 'p')
                WHERE c.relnamespace >= 2200 ORDER BY i.inhrelid, i.inhseqno""",
                row -> {
                    Table t = tables.get(row.getLong(1));
                    Table parent = tables.get(row.getLong(2));
                    if (t == null || parent == null) return false;
                    if (!t.isPartition) return t.parents.add(parent);
                    SchemaGraph.Node attach = catalog.graph.add(catalog.node(
                                    SchemaGraph.Rank.ATTACH,
                                    "TABLE ATTACH",
                                    t.schema,
                                    t.name,
                                    () -> "ALTER TABLE ONLY " + parent.name + " ATTACH PARTITION " + t.name + " "
                                            + t.bound + ";")
                            .of(t.node));
                    catalog.graph.depend(attach, t.node);
                    catalog.graph.depend(attach, parent.node);
                    return true;
                });
    }

    private void readChecks() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT k.tableoid AS catalog, k.oid, k.conrelid, quote_ident(k.conname)
                    AS name, k.conislocal, k.convalidated, pg_get_constraintdef(k.oid) AS definition
                FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid <> 0 AND k.connamespace >= 2200
                    ORDER BY k.conrelid, k.conname""",
                row -> {
                    Table t = tables.get(row.getLong("conrelid"));
                    // a partition needs its parent's checks before it is attached, and what is not valid it gets from
                    // its parent later
                    if (t == null
                            || !row.getBoolean("conislocal") && !(t.isPartition && row.getBoolean("convalidated")))
                        return false;
                    Check check = new Check(
                            SchemaCatalog.address(row),
                            row.getString("name"),
                            row.getString("definition"),
                            row.getBoolean("convalidated"),
                            row.getBoolean("conislocal"));
                    check.addTo(catalog, t.node, "ALTER TABLE " + t.name);
                    return t.checks.add(check);
                });
    }

    private String table(Table t) {
        List<String> lines = new ArrayList<>();
        List<String> later = new ArrayList<>();
        for (Column column : t.columns) {
            Column above = inherited(t, column.name, c -> c.expression != null);
            boolean isGeneratedAbove = above != null && !above.generated.isEmpty();
            String expression = column.expression;
            if (column.part != null && column.part.separate
                    || isGeneratedAbove
                            && !column.generated.isEmpty()
                            && (catalog.version < 16 || above.expression.equals(expression))) expression = null;
            String value = expression == null
                    ? ""
                    : column.generated.isEmpty()
                            ? " DEFAULT " + expression
                            : " GENERATED ALWAYS AS (" + expression + ")"
                                    + (column.generated.equals("v") ? " VIRTUAL" : " STORED");
            boolean hidesDefault = column.expression == null && above != null && !isGeneratedAbove;
            String alter = "ALTER TABLE ONLY " + t.name + " ALTER COLUMN " + column.quoted + " SET ";
            if (column.isLocal) {
                String more = value
                        + (hidesDefault ? " DEFAULT NULL" : "")
                        + (column.notNull == null ? "" : " " + column.notNull);
                if (t.ofType == null)
                    lines.add(column.quoted + " " + column.type
                            + (column.collation == null ? "" : " COLLATE " + column.collation) + more);
                else if (!more.isEmpty()) lines.add(column.quoted + " WITH OPTIONS" + more);
            } else {
                if (column.notNull != null)
                    lines.add(column.notNull.replaceFirst("NOT NULL", "NOT NULL " + column.quoted.replace("$", "\\$")));
                else if (catalog.version < 18
                        && column.isNotNull
                        && inherited(t, column.name, c -> c.isNotNull) == null) later.add(alter + "NOT NULL;");
                if (!value.isEmpty() && !value.equals(above == null ? "" : " DEFAULT " + above.expression))
                    later.add(alter + value.strip() + ";");
                else if (hidesDefault) later.add(alter + "DEFAULT NULL;");
            }
        }
        for (Check check : t.checks)
            if (check.isInside(catalog.graph)) lines.add("CONSTRAINT " + check.name + " " + check.definition);
        String body = lines.isEmpty()
                ? (t.ofType == null ? " (\n)" : "")
                : " (\n    " + String.join(",\n    ", lines) + "\n)";
        return "CREATE " + (t.isUnlogged ? "UNLOGGED " : "") + "TABLE " + t.name
                + (t.ofType == null ? "" : " OF " + t.ofType) + body
                + (t.parents.isEmpty()
                        ? ""
                        : "\nINHERITS ("
                                + String.join(
                                        ", ",
                                        t.parents.stream().map(p -> p.name).toList()) + ")")
                + (t.partitionKey == null ? "" : "\nPARTITION BY " + t.partitionKey) + storage(t) + ";"
                + (later.isEmpty() ? "" : "\n" + String.join("\n", later));
    }

    /** The first parent's column of that name for which the condition holds. */
    private static Column inherited(Table t, String name, Predicate<Column> condition) {
        for (Table parent : t.parents) {
            Column column = parent.column(name);
            if (column != null && condition.test(column)) return column;
        }
        return null;
    }

    private static String storage(Table t) {
        return (t.accessMethod == null ? "" : "\nUSING " + t.accessMethod)
                + (t.options.isEmpty() ? "" : "\nWITH (" + t.options + ")")
                + (t.tablespace == null ? "" : "\nTABLESPACE " + Sql.quoted(t.tablespace));
    }

    private static String view(Table t) {
        if (!t.node.definition.separate) return "CREATE" + define(t);
        return "CREATE VIEW " + t.name + " AS\nSELECT\n    "
                + String.join(
                        ",\n    ",
                        t.columns.stream()
                                .map(c -> "NULL::" + c.type + (c.collation == null ? "" : " COLLATE " + c.collation)
                                        + " AS " + c.quoted)
                                .toList())
                + ";";
    }

    /** The check option is among the options. */
    private static String define(Table t) {
        return " VIEW " + t.name + (t.options.isEmpty() ? "" : " WITH (" + t.options + ")") + " AS\n" + t.definition;
    }

    private static String materializedView(Table t) {
        return "CREATE MATERIALIZED VIEW " + t.name + storage(t) + " AS\n" + t.definition.replaceFirst(";\\s*$", "")
                + "\n  WITH NO DATA;";
    }

    private void readSequences() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("c")
                        + """
                , n.nspname AS schema, c.relowner, c.relpersistence = 'u' AS unlogged, format_type(s.seqtypid, NULL)
                    AS type, s.*,
                  d.refobjid, d.deptype, quote_ident(a.attname) AS attname, a.attidentity::text AS identity_kind
                FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
                  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE"""
                        + SchemaCatalog.users("c"),
                row -> {
                    String name = row.getString("identity");
                    String type = row.getString("type");
                    Table t = tables.get(row.getLong("refobjid"));
                    boolean isIdentity = "i".equals(row.getString("deptype"));
                    boolean isUnlogged = row.getBoolean("unlogged");
                    String range = "START WITH " + row.getLong("seqstart") + "\n    INCREMENT BY "
                            + row.getLong("seqincrement") + "\n    MINVALUE " + row.getLong("seqmin")
                            + "\n    MAXVALUE " + row.getLong("seqmax") + "\n    CACHE " + row.getLong("seqcache")
                            + (row.getBoolean("seqcycle") ? "\n    CYCLE" : "");
                    if (isIdentity && t != null) {
                        String persistence = isUnlogged == t.isUnlogged || catalog.version < 15
                                ? ""
                                : isUnlogged ? "\n    UNLOGGED" : "\n    LOGGED";
                        String ddl = "ALTER TABLE " + t.name + " ALTER COLUMN " + row.getString("attname")
                                + " ADD GENERATED "
                                + (row.getString("identity_kind").equals("a") ? "ALWAYS" : "BY DEFAULT")
                                + " AS IDENTITY (\n    SEQUENCE NAME " + name + "\n    " + range + persistence + "\n);";
                        SchemaGraph.Node identity = catalog.add(row, SchemaGraph.Rank.IDENTITY, "SEQUENCE", () -> ddl)
                                .of(t.node);
                        catalog.graph.depend(identity, t.node);
                        return identity;
                    }
                    String ddl = "CREATE " + (isUnlogged ? "UNLOGGED " : "") + "SEQUENCE " + name
                            + (type.equals("bigint") ? "" : "\n    AS " + type) + "\n    " + range + ";"
                            + catalog.owner("SEQUENCE", name, row.getLong("relowner"));
                    SchemaGraph.Node sequence = catalog.add(row, SchemaGraph.Rank.SEQUENCE, "SEQUENCE", () -> ddl);
                    if (t == null) return sequence;
                    String ownedBy = t.name + "." + row.getString("attname");
                    SchemaGraph.Node owner = catalog.graph.add(catalog.node(
                                    SchemaGraph.Rank.SEQUENCE_OWNER,
                                    "SEQUENCE OWNED BY",
                                    sequence.schema,
                                    name,
                                    () -> "ALTER SEQUENCE " + name + " OWNED BY " + ownedBy + ";")
                            .of(t.node));
                    catalog.graph.depend(owner, sequence);
                    catalog.graph.depend(owner, t.node);
                    return owner;
                });
    }

    /**
     * A materialized view is filled after those that it reads, be it through views; what reads one that is empty cannot
     * be filled.
     */
    static void orderRefreshes(SchemaCatalog catalog) {
        Map<SchemaGraph.Node, SchemaGraph.Node> refreshes = new HashMap<>();
        for (SchemaGraph.Node node : catalog.graph.nodes())
            if (node.rank == SchemaGraph.Rank.REFRESH) refreshes.put(node.table, node);
        if (refreshes.isEmpty()) return;
        Map<SchemaGraph.Node, List<SchemaGraph.Node>> needs = new HashMap<>();
        for (SchemaGraph.Node[] pair : catalog.graph.pairs())
            needs.computeIfAbsent(pair[0], n -> new ArrayList<>()).add(pair[1]);
        Map<SchemaGraph.Node, Set<SchemaGraph.Node>> reads = new HashMap<>();
        for (SchemaGraph.Node view : refreshes.keySet()) {
            Set<SchemaGraph.Node> found = new HashSet<>();
            List<SchemaGraph.Node> open = new ArrayList<>(needs.getOrDefault(view, List.of()));
            Set<SchemaGraph.Node> seen = new HashSet<>();
            while (!open.isEmpty()) {
                SchemaGraph.Node next = open.remove(open.size() - 1);
                if (!seen.add(next)) continue;
                if (next.rank == SchemaGraph.Rank.MATERIALIZED_VIEW) found.add(next);
                else open.addAll(needs.getOrDefault(next, List.of()));
            }
            reads.put(view, found);
        }
        for (boolean changed = true; changed; ) {
            changed = false;
            for (SchemaGraph.Node view : List.copyOf(refreshes.keySet())) {
                SchemaGraph.Node empty = reads.get(view).stream()
                        .filter(r -> !refreshes.containsKey(r))
                        .findFirst()
                        .orElse(null);
                if (empty == null) continue;
                catalog.graph.remove(refreshes.remove(view));
                if (!view.isExcluded)
                    catalog.omitted.add("the rows of MATERIALIZED VIEW " + view.identity + ": it reads "
                            + empty.identity + ", which is not populated");
                changed = true;
            }
        }
        refreshes.forEach(
                (view, refresh) -> reads.get(view).forEach(read -> catalog.graph.depend(refresh, refreshes.get(read))));
    }
}
