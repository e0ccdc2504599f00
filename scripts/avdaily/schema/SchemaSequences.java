package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/** Sequences: those of identity columns, those that a column owns, and those that stand alone. */
final class SchemaSequences {
    static void read(SchemaCatalog catalog, Map<Long, SchemaTables.Table> tables) throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaSequences.class, "sequences.sql"), row -> {
            SchemaTables.Table t = tables.get(row.getLong("refobjid"));
            boolean isIdentity = t != null && "i".equals(row.getString("deptype"));
            return isIdentity ? addIdentity(catalog, t, row) : addSequence(catalog, t, row);
        });
    }

    private static SchemaGraph.Node addIdentity(SchemaCatalog catalog, SchemaTables.Table t, ResultSet row)
            throws SQLException {
        boolean isUnlogged = row.getBoolean("unlogged");
        String persistence = isUnlogged == t.isUnlogged || catalog.version < 15
                ? ""
                : isUnlogged ? "\n    UNLOGGED" : "\n    LOGGED";
        String ddl = "ALTER TABLE " + t.name + " ALTER COLUMN " + row.getString("attname") + " ADD GENERATED "
                + (row.getString("identity_kind").equals("a") ? "ALWAYS" : "BY DEFAULT")
                + " AS IDENTITY (\n    SEQUENCE NAME " + row.getString("identity") + "\n    " + range(row) + persistence
                + "\n);";
        SchemaGraph.Node identity = catalog.add(row, SchemaGraph.Rank.IDENTITY, "SEQUENCE", () -> ddl)
                .of(t.node);
        catalog.graph.depend(identity, t.node);
        return identity;
    }

    /** @param t the table whose column owns it, or null */
    private static SchemaGraph.Node addSequence(SchemaCatalog catalog, SchemaTables.Table t, ResultSet row)
            throws SQLException {
        String name = row.getString("identity");
        String type = row.getString("type");
        String ddl = "CREATE " + (row.getBoolean("unlogged") ? "UNLOGGED " : "") + "SEQUENCE " + name
                + (type.equals("bigint") ? "" : "\n    AS " + type) + "\n    " + range(row) + ";"
                + catalog.owner("SEQUENCE", name, row.getLong("relowner"));
        SchemaGraph.Node sequence = catalog.add(row, SchemaGraph.Rank.SEQUENCE, "SEQUENCE", () -> ddl);
        if (t == null) return sequence;
        sequence.of(t.node);
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
    }

    private static String range(ResultSet row) throws SQLException {
        return "START WITH " + row.getLong("seqstart") + "\n    INCREMENT BY " + row.getLong("seqincrement")
                + "\n    MINVALUE " + row.getLong("seqmin") + "\n    MAXVALUE " + row.getLong("seqmax")
                + "\n    CACHE " + row.getLong("seqcache") + (row.getBoolean("seqcycle") ? "\n    CYCLE" : "");
    }

    private SchemaSequences() {}
}
