package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tables, views and materialized views. */
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
        /** From PostgreSQL 18 on a NOT NULL has a name; null if the column has none of its own. */
        String notNull;

        boolean isLocal;
        boolean isInherited;
        String generated;
        String expression;
        long defaultAddress;
        SchemaGraph.Part part;
    }

    /** A check of a table or a domain. */
    record Check(long address, String name, String definition, boolean isValid) {
        /** Puts it inside its owner's statement; one that is not valid comes alone and stays not valid. */
        void addTo(SchemaCatalog catalog, SchemaGraph.Node owner, String alter) {
            SchemaGraph.Node alone = node(
                    catalog,
                    owner,
                    SchemaGraph.Rank.CHECK,
                    "CHECK CONSTRAINT",
                    alter + " ADD CONSTRAINT " + name + " " + definition + ";");
            if (isValid) {
                catalog.graph.add(new SchemaGraph.Part(owner, alone), address);
            } else {
                catalog.graph.add(alone, address);
                catalog.graph.depend(alone, owner);
            }
        }

        /** It came from a parent, where it is not valid, and was validated here. */
        void addValidation(SchemaCatalog catalog, SchemaGraph.Node owner, String alter) {
            SchemaGraph.Node validation = node(
                    catalog,
                    owner,
                    SchemaGraph.Rank.VALIDATION,
                    "VALIDATED CONSTRAINT",
                    alter + " VALIDATE CONSTRAINT " + name + ";");
            catalog.graph.add(validation, address);
            catalog.graph.depend(validation, owner);
        }

        private SchemaGraph.Node node(
                SchemaCatalog catalog, SchemaGraph.Node owner, SchemaGraph.Rank rank, String kind, String ddl) {
            return catalog.node(rank, kind, owner.schema, name + " on " + owner.identity, () -> ddl)
                    .of(owner);
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
        SchemaColumns.read(catalog, all.tables);
        all.readParents();
        all.readChecks();
        SchemaSequences.read(catalog, all.tables);
        return all;
    }

    private void readTables() throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaTables.class, "tables.sql"), row -> {
            Table t = table(row);
            tables.put(t.oid, t);
            if (t.tablespace != null) catalog.tablespaces.add(t.tablespace);
            String kind =
                    switch (t.kind) {
                        case 'v' -> "VIEW";
                        case 'm' -> "MATERIALIZED VIEW";
                        default -> "TABLE";
                    };
            String owner = catalog.owner(kind, t.name, row.getLong("relowner"));
            SchemaTableText text = new SchemaTableText(catalog, t);
            t.node = catalog.add(
                    row,
                    switch (t.kind) {
                        case 'v' -> SchemaGraph.Rank.VIEW;
                        case 'm' -> SchemaGraph.Rank.MATERIALIZED_VIEW;
                        default -> SchemaGraph.Rank.TABLE;
                    },
                    kind,
                    () -> text.create()
                            + owner
                            + (t.afterwards.isEmpty() ? "" : "\n" + String.join("\n", t.afterwards)));
            t.node.table = t.node;
            if (t.kind == 'v') addDefinition(t, text, row.getLong("rule"), row.getBoolean("reads_itself"));
            if (t.kind == 'm' && t.isPopulated) addRefresh(t);
            return t;
        });
    }

    private static Table table(ResultSet row) throws SQLException {
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
        t.options = row.getString("options");
        t.definition = row.getString("definition");
        if (t.kind == 'v' || t.kind == 'm') SchemaCatalog.present(t.definition);
        if (t.kind == 'p') SchemaCatalog.present(t.partitionKey);
        t.isPopulated = row.getBoolean("relispopulated");
        String identity = row.getString("relreplident");
        if (t.kind != 'v' && (identity.equals("f") || identity.equals("n")))
            t.afterwards.add("ALTER TABLE ONLY " + t.name + " REPLICA IDENTITY "
                    + (identity.equals("f") ? "FULL" : "NOTHING") + ";");
        return t;
    }

    private void addDefinition(Table t, SchemaTableText text, long rule, boolean readsItself) {
        t.node.definition = new SchemaGraph.Part(
                t.node,
                catalog.node(
                        SchemaGraph.Rank.VIEW_DEFINITION,
                        "RULE",
                        t.schema,
                        "\"_RETURN\" on " + t.name,
                        () -> "CREATE OR REPLACE" + text.viewDefinition()));
        catalog.graph.add(t.node.definition, SchemaGraph.address(REWRITE, rule));
        if (!readsItself) return;
        catalog.graph.separate(t.node.definition);
        catalog.standIns.put(t.name, text::create);
    }

    private void addRefresh(Table t) {
        SchemaGraph.Node refresh = catalog.graph.add(catalog.node(
                        SchemaGraph.Rank.REFRESH,
                        "MATERIALIZED VIEW DATA",
                        t.schema,
                        t.name,
                        () -> "REFRESH MATERIALIZED VIEW " + t.name + ";")
                .of(t.node));
        catalog.graph.depend(refresh, t.node);
    }

    /** A partition is made like any table and attached afterwards: only so its columns keep their own order. */
    private void readParents() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT i.inhrelid, i.inhparent
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
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
                                            + SchemaCatalog.present(t.bound) + ";")
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
                SELECT k.tableoid AS catalog, k.oid, k.conrelid, quote_ident(k.conname) AS name, k.conislocal,
                  k.convalidated, pg_get_constraintdef(k.oid) AS definition,
                  EXISTS (SELECT FROM pg_inherits i
                      JOIN pg_constraint p ON p.contype = 'c' AND p.conrelid = i.inhparent AND p.conname = k.conname
                    WHERE i.inhrelid = k.conrelid AND NOT p.convalidated) AS is_parents_not_valid
                FROM pg_constraint k
                WHERE k.contype = 'c' AND k.conrelid <> 0 AND k.connamespace >= 2200"""
                        + catalog.onlyOf("k.connamespace")
                        + """

                ORDER BY k.conrelid, k.conname""",
                row -> {
                    Table t = tables.get(row.getLong("conrelid"));
                    if (t == null) return false;
                    boolean isValid = row.getBoolean("convalidated");
                    Check check = new Check(
                            SchemaCatalog.address(row),
                            row.getString("name"),
                            SchemaCatalog.present(row.getString("definition")),
                            isValid);
                    // a partition needs its parent's checks before it is attached, and what is not valid it gets from
                    // its parent later
                    if (!row.getBoolean("conislocal") && !(t.isPartition && isValid)) {
                        if (isValid && row.getBoolean("is_parents_not_valid"))
                            check.addValidation(catalog, t.node, "ALTER TABLE " + t.name);
                        return false;
                    }
                    check.addTo(catalog, t.node, "ALTER TABLE " + t.name);
                    return t.checks.add(check);
                });
    }
}
