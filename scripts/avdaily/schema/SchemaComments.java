package avdaily.schema;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.SQLException;

/** Comments, each behind what it is about. */
final class SchemaComments {
    static void read(SchemaCatalog catalog) throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT d.classoid, d.objoid, d.description, k.contype,
                  CASE WHEN k.contypid <> 0 THEN 'CONSTRAINT' WHEN i.type LIKE '% column' THEN 'COLUMN'
                      WHEN i.type LIKE '% constraint' THEN 'CONSTRAINT'
                       WHEN i.type = 'statistics object' THEN 'STATISTICS' WHEN i.type = 'aggregate' THEN 'ROUTINE'
                           ELSE upper(i.type) END AS type,
                  CASE WHEN k.contypid <> 0 THEN format('%I ON DOMAIN %s', k.conname, format_type(k.contypid, NULL))
                      ELSE i.identity END AS identity, coalesce(i.schema, '') AS schema
                FROM pg_description d LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass
                    AND k.oid = d.objoid, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
                WHERE d.objoid >= 16384
                UNION ALL -- in a new database it is the standard one
                SELECT n.tableoid, n.oid, description, NULL, 'SCHEMA', 'public', 'public' FROM pg_namespace n LEFT
                    JOIN pg_description d ON d.classoid = n.tableoid AND d.objoid = n.oid
                WHERE n.nspname = 'public' AND d.description IS DISTINCT FROM 'standard public schema'
                ORDER BY type, identity""",
                row -> {
                    long address = SchemaGraph.address(row.getLong("classoid"), row.getLong("objoid"));
                    SchemaGraph.Node node = catalog.graph.at(address);
                    boolean isExtensions =
                            node != null && node.rank == SchemaGraph.Rank.EXTENSION && !catalog.graph.isOwn(address);
                    if (node == null || isExtensions || catalog.members.contains(address)) return false;
                    String object = row.getString("type") + " " + row.getString("identity");
                    String text = "COMMENT ON " + object + " IS "
                            + (row.getString("description") == null
                                    ? "NULL"
                                    : Sql.standardLiteral(row.getString("description")))
                            + ";";
                    boolean isCopy = !catalog.graph.isOwn(address)
                            && (row.getString("contype") != null
                                    || row.getString("type").equals("TRIGGER"));
                    if (isCopy) { // a constraint or trigger that a partition or child has from its parent
                        catalog.graph.add(
                                catalog.node(SchemaGraph.Rank.LATE_COMMENT, "COMMENT", node.schema, object, () -> text)
                                        .of(node.table));
                        return true;
                    }
                    return node.remarks.add(new SchemaGraph.Remark("COMMENT", object, text));
                });
    }

    private SchemaComments() {}
}
