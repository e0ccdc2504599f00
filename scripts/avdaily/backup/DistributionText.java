package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Citus;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The statements by which Citus spreads the restored tables over its nodes again, before they take rows. */
final class DistributionText {
    /**
     * @throws Failure (21) if nothing here could spread a table again; or if there are tables on several nodes, of
     *     which no snapshot shows one moment, and nobody said that this is known
     */
    static void refuse(Database db, BackupOptions options) throws SQLException {
        List<Citus.Table> tables = Citus.tables(db.connection());
        List<String> others = tables.stream()
                .filter(table -> table.kind() == Citus.Kind.OTHER)
                .map(table -> table.schema() + "." + table.name())
                .toList();
        if (!others.isEmpty())
            throw Failure.refused(
                    "Citus has spread " + String.join(", ", others) + " of " + db
                            + " by something else than a column's hash, and a restore could not",
                    "take them out with undistribute_table, or use Citus' own way to back up.");
        if (options.moment() == BackupOptions.Moment.OF_EACH_NODE) return;
        if (!tables.isEmpty())
            throw Failure.refused(
                    "Citus has spread " + Format.count(tables.size(), "table") + " of " + db
                            + " over nodes, and no snapshot shows one moment of them all",
                    "see that nobody writes, then run 'avdaily-backup create --inconsistent'; 'avdaily-migrate up "
                            + "--no-backup' goes without.");
    }

    /** Tables whose rows lie together go where the first of them is. */
    static String of(Connection c) throws SQLException {
        List<Citus.Table> tables =
                Citus.tables(c).stream().filter(table -> !table.isPartition()).toList();
        if (tables.isEmpty()) return "";
        StringBuilder text = new StringBuilder("-- Citus: the rows of its nodes are not of one moment.\n");
        Map<Long, String> first = new HashMap<>();
        for (Citus.Table table : tables) {
            String name = Sql.standardLiteral(Sql.quoted(table.schema()) + "." + Sql.quoted(table.name()));
            String together = first.putIfAbsent(table.colocation(), name);
            String place = together != null
                    ? "colocate_with => " + together
                    : "colocate_with => 'none'" + (table.shards() == null ? "" : ", shard_count => " + table.shards());
            text.append("SELECT pg_catalog.")
                    .append(
                            switch (table.kind()) {
                                case REFERENCE -> "create_reference_table(" + name;
                                case LOCAL -> "citus_add_local_table_to_metadata(" + name;
                                case OTHER -> throw new IllegalStateException("not refused: " + name);
                                case DISTRIBUTED ->
                                    "create_distributed_table(" + name + ", " + Sql.standardLiteral(table.column())
                                            + ", " + place;
                            })
                    .append(");\n");
        }
        return text.append('\n').toString();
    }

    private DistributionText() {}
}
