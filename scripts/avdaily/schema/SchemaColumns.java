package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/** The columns of tables and views, with their defaults and NOT NULLs. */
final class SchemaColumns {
    private final SchemaCatalog catalog;

    private SchemaColumns(SchemaCatalog catalog) {
        this.catalog = catalog;
    }

    static void read(SchemaCatalog catalog, Map<Long, SchemaTables.Table> tables) throws SQLException {
        SchemaColumns columns = new SchemaColumns(catalog);
        Database.list(catalog.c, SqlResource.of(SchemaColumns.class, "columns.sql"), row -> {
            SchemaTables.Table t = tables.get(row.getLong("attrelid"));
            return t != null && columns.add(t, row);
        });
    }

    private boolean add(SchemaTables.Table t, ResultSet row) throws SQLException {
        SchemaTables.Column column = new SchemaTables.Column();
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
        if (row.getString("conname") != null) addNotNull(t, column, row);
        else if (catalog.version < 18 && column.isNotNull && column.isLocal) column.notNull = "NOT NULL";
        if (column.expression != null && column.generated.isEmpty()) addDefault(t, column);
        addSettings(t, column, row);
        return t.columns.add(column);
    }

    /** The constraint is named from PostgreSQL 18 on. */
    private void addNotNull(SchemaTables.Table t, SchemaTables.Column column, ResultSet row) throws SQLException {
        boolean isNotValidAbove = row.getBoolean("is_not_valid_above");
        boolean isOwn = row.getBoolean("conislocal")
                || t.isPartition
                || isNotValidAbove && row.getBoolean("is_of_several_above"); // of which any would give it its name
        SchemaTables.Check late = new SchemaTables.Check(
                SchemaGraph.address(row.getLong("k_catalog"), row.getLong("k_oid")),
                row.getString("not_null"),
                row.getString("k_definition"),
                false);
        if (!row.getBoolean("convalidated")) {
            if (row.getBoolean("conislocal")) late.addTo(catalog, t.node, "ALTER TABLE " + t.name);
        } else if (isOwn) {
            String usual = t.table + "_" + column.name + "_not_null";
            // a name that another constraint of the schema has already is not chosen by the server
            boolean isUsual =
                    row.getString("conname").equals(usual) && !column.isInherited && !row.getBoolean("is_name_shared");
            column.notNull = (isUsual ? "" : "CONSTRAINT " + row.getString("not_null") + " ") + "NOT NULL"
                    + (row.getBoolean("connoinherit") ? " NO INHERIT" : "");
        } else if (isNotValidAbove) {
            late.addValidation(catalog, t.node, "ALTER TABLE " + t.name);
        }
    }

    private static void addSettings(SchemaTables.Table t, SchemaTables.Column column, ResultSet row)
            throws SQLException {
        String alter = "ALTER TABLE ONLY " + t.name + " ALTER COLUMN " + column.quoted + " SET ";
        int target = row.getInt("attstattarget");
        if (!row.wasNull() && target >= 0) t.afterwards.add(alter + "STATISTICS " + target + ";");
        if (row.getString("storage") != null && t.kind != 'v')
            t.afterwards.add(alter + "STORAGE " + storage(row.getString("storage")) + ";");
        String compression = row.getString("compression");
        if (!compression.isEmpty())
            t.afterwards.add(alter + "COMPRESSION " + (compression.equals("l") ? "lz4" : "pglz") + ";");
        if (row.getString("options") != null) t.afterwards.add(alter + "(" + row.getString("options") + ");");
    }

    private static String storage(String letter) {
        return switch (letter) {
            case "p" -> "PLAIN";
            case "e" -> "EXTERNAL";
            case "m" -> "MAIN";
            default -> "EXTENDED";
        };
    }

    /** A default stands within its table's statement; a view has no place for it. */
    private void addDefault(SchemaTables.Table t, SchemaTables.Column column) {
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
}
