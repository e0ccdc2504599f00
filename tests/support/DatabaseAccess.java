import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Statements and queries on a test's database, each on a connection of its own; an error fails the test. */
abstract class DatabaseAccess {
    private static final String SCHEMA =
            """
            WITH t AS (
              SELECT c.oid, c.oid::regclass::text AS name, relkind, relacl
              FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
              WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
                AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'avdaily_ops'))
            SELECT concat_ws(' ', relkind, name, relacl::text, obj_description(oid, 'pg_class')) FROM t
            UNION ALL
            SELECT concat_ws(' ', 'column', name,
                             lpad(row_number() OVER (PARTITION BY t.oid ORDER BY attnum)::text, 3, '0'), attname,
                             format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid),
                             col_description(t.oid, attnum))
              FROM t JOIN pg_attribute a ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            UNION ALL
            SELECT concat_ws(' ', 'constraint', name, conname, pg_get_constraintdef(k.oid))
              FROM t JOIN pg_constraint k ON k.conrelid = t.oid
            UNION ALL
            SELECT concat_ws(' ', 'index', name, pg_get_indexdef(indexrelid)) FROM t JOIN pg_index ON indrelid = t.oid
            ORDER BY 1""";

    static void execute(DatabaseUrl db, String... statements) {
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            for (String statement : statements) s.execute(statement);
        } catch (SQLException e) {
            fail(e);
        }
    }

    /** The server's, as 18. */
    static int majorVersion(DatabaseUrl db) {
        return Integer.parseInt(value(db, "SHOW server_version_num")) / 10_000;
    }

    /** The first value of a query as text; "null" if there is none. */
    static String value(DatabaseUrl db, String sql) {
        return values(db, sql).stream().map(String::valueOf).findFirst().orElse("null");
    }

    /** The first column of a query as text. */
    static List<String> values(DatabaseUrl db, String sql) {
        try (Connection c = TestServer.connect(db)) {
            return Database.list(c, sql, row -> row.getString(1));
        } catch (SQLException e) {
            return fail(e);
        }
    }

    /** The versions that the history has as applied, in the order in which they came; "null" if there are none. */
    static String applied(DatabaseUrl db) {
        return value(
                db, "SELECT string_agg(version, ',' ORDER BY installed_rank) FROM flyway_schema_history WHERE success");
    }

    /** Every table, column, constraint, index, privilege and comment outside the schema avdaily_ops. */
    static String schema(DatabaseUrl db) {
        return String.join("\n", values(db, SCHEMA));
    }

    /** Every row, and which transaction wrote it: equal only if nothing was written in between. */
    static String rows(DatabaseUrl db) {
        return TableContent.withTransactions(db).toString();
    }
}
