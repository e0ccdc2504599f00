package avdaily.db;

import avdaily.base.SqlResource;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The settings that decide how values are read, shown and compared, as a session begins with them in a database: those
 * of the server's files, of ALTER DATABASE and of ALTER ROLE ALL. What the driver sends at the begin of a session (a
 * time zone, a style of dates) and what a single role has is not among them.
 */
public final class DatabaseSettings {
    /** @param value as SET takes it in quotes */
    public record Setting(String name, String value) {
        /** A setting that somebody made up, as in {@code app.tenant}. */
        public boolean isCustom() {
            return name.contains(".");
        }

        /** The statement that gives it to a session. */
        public String statement() {
            return isCustom()
                    ? "SELECT pg_catalog.set_config(" + Sql.literal(name) + ", " + Sql.literal(value) + ", false)"
                    : "SET " + name + " = " + Sql.literal(value);
        }
    }

    /** Who may not see the server's files is told none of their settings. */
    private static final String FILES =
            "SELECT DISTINCT ON (lower(name)) lower(name), setting FROM pg_file_settings WHERE applied"
                    + " ORDER BY lower(name), seqno DESC";

    private static final String NO_FILES = "SELECT NULL::text, NULL::text WHERE false";

    /**
     * The settings of a database.
     *
     * @param c to this database or, if it is not there, to another one of its server
     */
    public static List<Setting> of(Connection c, String database) throws SQLException {
        boolean seesFiles = Database.one(
                c,
                """
                SELECT has_table_privilege('pg_file_settings', 'SELECT')
                   AND has_function_privilege('pg_show_all_file_settings()', 'EXECUTE')""",
                Boolean.class);
        return Database.list(
                c,
                SqlResource.of(DatabaseSettings.class, "database-settings.sql").formatted(seesFiles ? FILES : NO_FILES),
                row -> new Setting(row.getString(1), row.getString(2)),
                database);
    }

    private DatabaseSettings() {}
}
