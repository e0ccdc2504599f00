package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Indexes, and the keys and exclusions that stand on one. */
final class SchemaIndexes {
    /** A partition's index and the oid of the index to which it is attached. */
    private record Attachment(String name, long classes, long oid, long parent) {}

    private final SchemaCatalog catalog;
    private final List<Attachment> attachments = new ArrayList<>();

    private SchemaIndexes(SchemaCatalog catalog) {
        this.catalog = catalog;
    }

    static void read(SchemaCatalog catalog, SchemaTables tables) throws SQLException {
        SchemaIndexes indexes = new SchemaIndexes(catalog);
        Database.list(catalog.c, SqlResource.of(SchemaIndexes.class, "indexes.sql"), row -> {
            SchemaTables.Table t = tables.tables.get(row.getLong("indrelid"));
            return t != null && indexes.add(t, row);
        });
        if (!indexes.attachments.isEmpty()) indexes.attach();
    }

    private boolean add(SchemaTables.Table t, ResultSet row) throws SQLException {
        String name = row.getString("identity");
        if (!row.getBoolean("indisvalid") && row.getString("relkind").equals("i")) {
            catalog.graph.alias(SchemaCatalog.address(row), t.node);
            return t.node.isExcluded || catalog.omitted.add("INDEX " + name + ", which is not valid");
        }
        boolean isKey = row.getString("key_name") != null;
        String ddl = create(t, row) + ";" + (row.getString("statistics") == null ? "" : row.getString("statistics"))
                + (row.getBoolean("indisclustered")
                        ? "\nALTER TABLE " + t.name + " CLUSTER ON " + row.getString("index_name") + ";"
                        : "");
        String identity = isKey ? row.getString("key_name") + " on " + t.name : name;
        SchemaGraph.Node index =
                catalog.node(SchemaGraph.Rank.INDEX, isKey ? "CONSTRAINT" : "INDEX", t.schema, identity, () -> ddl);
        catalog.graph.add(
                index.of(t.node),
                isKey
                        ? SchemaGraph.address(row.getLong("k_catalog"), row.getLong("k_oid"))
                        : SchemaCatalog.address(row));
        catalog.graph.alias(SchemaCatalog.address(row), index);
        catalog.graph.depend(index, t.node);
        if (row.getBoolean("indisreplident"))
            catalog.follow(
                    index,
                    SchemaGraph.Rank.STATISTICS,
                    "REPLICA IDENTITY",
                    t.name,
                    "ALTER TABLE ONLY " + t.name + " REPLICA IDENTITY USING INDEX " + row.getString("index_name")
                            + ";");
        long parent = row.getLong("inhparent");
        if (parent != 0) attachments.add(new Attachment(name, row.getLong("catalog"), row.getLong("oid"), parent));
        return true;
    }

    /** The statement without its semicolon. */
    private String create(SchemaTables.Table t, ResultSet row) throws SQLException {
        boolean isKey = row.getString("key_name") != null;
        String create = isKey
                ? "ALTER TABLE ONLY " + t.name + "\n    ADD CONSTRAINT " + row.getString("key_name") + " "
                        + keyDefinition(row)
                : SchemaCatalog.present(row.getString("definition"));
        String tablespace = row.getString("tablespace");
        if (tablespace == null) return create;
        catalog.tablespaces.add(tablespace); // the server's text has no place for it
        return "SET default_tablespace = " + Sql.quoted(tablespace) + ";\n" + create + ";\nSET default_tablespace = ''";
    }

    /** The server's text with the storage parameters, which it gives for exclusions only. */
    private static String keyDefinition(ResultSet row) throws SQLException {
        String definition = SchemaCatalog.present(row.getString("definition"));
        if (row.getString("options") == null || row.getString("contype").equals("x")) return definition;
        String end = (row.getBoolean("condeferrable") ? " DEFERRABLE" : "")
                + (row.getBoolean("condeferred") ? " INITIALLY DEFERRED" : "");
        return definition.substring(0, definition.length() - end.length()) + " WITH (" + row.getString("options") + ")"
                + end;
    }

    private void attach() throws SQLException {
        Map<Long, String> names = new HashMap<>();
        Database.list(
                catalog.c,
                """
                SELECT oid, format('%s.%I', relnamespace::regnamespace, relname)
                FROM pg_class WHERE relkind = 'I'""",
                row -> names.put(row.getLong(1), row.getString(2)));
        for (Attachment child : attachments) {
            SchemaGraph.Node attach = catalog.follow(
                    catalog.graph.at(SchemaGraph.address(child.classes, child.oid)),
                    SchemaGraph.Rank.INDEX_ATTACH,
                    "INDEX ATTACH",
                    child.name,
                    "ALTER INDEX " + names.get(child.parent) + " ATTACH PARTITION " + child.name + ";");
            catalog.graph.depend(attach, catalog.graph.at(SchemaGraph.address(child.classes, child.parent)));
        }
    }
}
