package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.sql.OpsSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * Carries {@code avdaily_ops} from one database to another: operation log, environment record, quarantine and whatever
 * else is in it.
 */
final class OpsSchemaCopy {
    static boolean isIn(Connection c) throws SQLException {
        return Database.one(c, "SELECT to_regnamespace(?) IS NOT NULL", Boolean.class, OpsSchema.NAME);
    }

    /**
     * Replaces the schema in {@code to} by the one in {@code from}.
     *
     * @throws Failure (21) if it holds something that is not carried
     */
    static void carry(Connection from, Connection to) throws SQLException {
        refuseOthers(from);
        Database.run(to, "DROP SCHEMA IF EXISTS " + OpsSchema.NAME + " CASCADE");
        Database.run(to, "CREATE SCHEMA " + OpsSchema.NAME);
        for (String statement : texts(from, "ops-definition.sql")) Database.run(to, statement);
        for (Table table : tables(from)) copy(from, to, table);
        for (String statement : texts(from, "ops-completion.sql")) Database.run(to, statement);
    }

    private static void refuseOthers(Connection from) throws SQLException {
        List<String> others = texts(from, "ops-others.sql");
        if (!others.isEmpty())
            throw Failure.refused(
                    "the schema avdaily_ops holds what a swap does not carry: " + String.join(", ", others),
                    "drop it, or restore with --mode in-place.");
    }

    private static List<String> texts(Connection c, String query) throws SQLException {
        return Database.list(c, SqlResource.of(OpsSchemaCopy.class, query), row -> row.getString(1));
    }

    private record Table(String name, String columns) {}

    private static List<Table> tables(Connection from) throws SQLException {
        return Database.list(
                from,
                """
                SELECT c.oid::regclass::text, coalesce(string_agg(quote_ident(attname), ', ' ORDER BY attnum), '')
                FROM pg_class c
                LEFT JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                WHERE relkind = 'r' AND relnamespace = 'avdaily_ops'::regnamespace
                GROUP BY c.oid""",
                row -> new Table(row.getString(1), row.getString(2)));
    }

    private static void copy(Connection from, Connection to, Table table) throws SQLException {
        String copy = "COPY " + table.name + " (" + table.columns + ")";
        try (OpenCopy<CopyOut> out = OpenCopy.out(from, copy + " TO STDOUT");
                OpenCopy<CopyIn> in = OpenCopy.in(to, copy + " FROM STDIN")) {
            for (byte[] row = out.rows().readFromCopy(); row != null; row = out.rows().readFromCopy())
                in.rows().writeToCopy(row, 0, row.length);
            in.rows().endCopy();
        }
    }

    private OpsSchemaCopy() {}
}
