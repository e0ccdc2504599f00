package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.SQLException;

/** Comments, each behind what it is about. */
final class SchemaComments {
    static void read(SchemaCatalog catalog) throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaComments.class, "comments.sql"), row -> {
            long address = SchemaGraph.address(row.getLong("classoid"), row.getLong("objoid"));
            SchemaGraph.Node node = catalog.graph.at(address);
            boolean isExtensions =
                    node != null && node.rank == SchemaGraph.Rank.EXTENSION && !catalog.graph.isOwn(address);
            if (node == null || isExtensions || catalog.members.contains(address)) return false;
            String object = SchemaCatalog.present(row.getString("type")) + " "
                    + catalog.identity(address, row.getString("identity"));
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
