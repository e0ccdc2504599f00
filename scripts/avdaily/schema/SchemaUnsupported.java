package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Names what the reader does not know how to write, and tells of it what two databases are compared by. */
final class SchemaUnsupported {
    private static final String COLUMNS_AND_CONDITION =
            """
            coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
                      FROM pg_attribute a WHERE a.attrelid = pr.prrelid AND a.attnum = ANY (pr.prattrs)), '')
            || coalesce(' WHERE ' || pg_get_expr(pr.prqual, pr.prrelid), '')""";

    private static final String SCHEMAS =
            """
            ARRAY(SELECT quote_ident(n.nspname) FROM pg_publication_namespace pn
                  JOIN pg_namespace n ON n.oid = pn.pnnspid WHERE pn.pnpubid = p.oid)""";

    private SchemaUnsupported() {}

    /** Names every object of the kinds that the reader does not know how to write. */
    static void read(SchemaCatalog catalog) throws SQLException {
        Map<Long, String> names = new HashMap<>();
        Database.list(catalog.c, SqlResource.of(SchemaUnsupported.class, "unsupported.sql"), row -> {
            String schema = row.getString(4) == null ? "" : row.getString(4);
            SchemaGraph.Node node =
                    catalog.node(SchemaGraph.Rank.TYPE, "unsupported", schema, row.getString(3), () -> "");
            long address = SchemaGraph.address(row.getLong(1), row.getLong(2));
            catalog.graph.alias(address, node);
            if (!node.isExcluded) names.put(address, row.getString(3));
            return node.isExcluded || catalog.unsupported.add(row.getString(3));
        });
        if (!names.isEmpty()) {
            readDefinitions(catalog, names);
            readRemarks(catalog, names);
        }
        catalog.unsupported.addAll(Database.list(
                catalog.c,
                """
                SELECT 'BLOB ' || oid FROM pg_largeobject_metadata
                UNION ALL SELECT 'SECURITY LABEL ' || provider || ' on ' || i.type || ' ' || i.identity
                FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) i
                ORDER BY 1""",
                row -> row.getString(1)));
    }

    private static void readDefinitions(SchemaCatalog catalog, Map<Long, String> names) throws SQLException {
        boolean isOld = catalog.version < 15;
        String query = SqlResource.of(SchemaUnsupported.class, "unsupported-definitions.sql")
                .formatted(
                        isOld ? "NULL" : COLUMNS_AND_CONDITION,
                        isOld ? "NULL::text[]" : SCHEMAS,
                        ForeignOptions.areShown("s.tableoid", "o.option_name", "o.option_value"));
        Database.list(catalog.c, query, row -> {
            String name = names.get(SchemaGraph.address(row.getLong(1), row.getLong(2)));
            return name == null ? null : catalog.told.put(name, row.getString(3));
        });
    }

    private static void readRemarks(SchemaCatalog catalog, Map<Long, String> names) throws SQLException {
        String query = SqlResource.of(SchemaUnsupported.class, "unsupported-remarks.sql")
                .formatted(catalog.options.owners(), catalog.options.privileges());
        Map<String, String> remarks = new TreeMap<>();
        names.values().forEach(name -> remarks.put(name, ""));
        Database.list(
                catalog.c,
                query,
                row -> remarks.put(names.get(SchemaGraph.address(row.getLong(1), row.getLong(2))), row.getString(3)),
                names.keySet().stream().map(address -> address >>> 32).toArray(Long[]::new),
                names.keySet().stream().map(address -> address & 0xffffffffL).toArray(Long[]::new));
        catalog.wanted(List.copyOf(remarks.keySet()))
                .forEach(name -> catalog.remarks.add(
                        new Schema.Item("COMMENTS AND PRIVILEGES", name, Schema.Section.PRE_DATA, remarks.get(name))));
    }
}
