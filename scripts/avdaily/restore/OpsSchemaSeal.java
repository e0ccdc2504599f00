package avdaily.restore;

import avdaily.base.Failure;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code avdaily_ops} is during a restore in place, whose dump may run code that reaches it: a database that
 * forgets that it is production would be asked for less the next time.
 */
record OpsSchemaSeal(List<String> parts, long newest) {
    /** The same rows are the same texts, whatever the dump has set. */
    private static final String AS_TEXT =
            "SET search_path = ''; SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres'; "
                    + "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET row_security = off";

    private static final String RELATIONS =
            """
            SELECT c.relname::text || ' ' || c.oid || ' ' || c.relkind::text || c.relowner
              || coalesce(c.relacl::text, '')
              || (SELECT count(*) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid)
              || (SELECT count(*) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)
            FROM pg_catalog.pg_class c
            WHERE c.relnamespace = pg_catalog.to_regnamespace('avdaily_ops') ORDER BY 1""";

    private static final String TABLES =
            """
            SELECT pg_catalog.format('%I.%I', 'avdaily_ops', c.relname) FROM pg_catalog.pg_class c
            WHERE c.relnamespace = pg_catalog.to_regnamespace('avdaily_ops') AND c.relkind = 'r'
              AND c.relname <> 'operation' AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1""";

    private static final String LOGGED = "SELECT count(*) FROM avdaily_ops.operation WHERE id <= ?";

    static OpsSchemaSeal of(Database db) throws SQLException {
        try (Connection c = db.connect()) {
            return of(c);
        }
    }

    private static OpsSchemaSeal of(Connection c) throws SQLException {
        return of(c, Database.one(c, "SELECT coalesce(max(id), 0) FROM avdaily_ops.operation", Long.class));
    }

    /** Others add to the log meanwhile, and nothing else. */
    private static OpsSchemaSeal of(Connection c, long newest) throws SQLException {
        Database.run(c, AS_TEXT);
        List<String> parts = new ArrayList<>(Database.list(c, RELATIONS, row -> row.getString(1)));
        for (String table : Database.list(c, TABLES, row -> row.getString(1)))
            parts.add(table + " "
                    + Database.one(
                            c,
                            "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM " + table
                                    + " t",
                            String.class));
        parts.add("operation " + Database.one(c, LOGGED, Long.class, newest));
        return new OpsSchemaSeal(parts, newest);
    }

    /** @throws Failure (24) if it is not as it was */
    void mustBeWhole(Connection c, DumpReader dump) throws SQLException {
        if (!parts.equals(of(c, newest).parts))
            throw dump.file()
                    .damaged(
                            "its code changed avdaily_ops, which is this database's own record; nothing was changed",
                            "restore another backup; by a role that may create databases, --mode swap restores this "
                                    + "one without what it does there.",
                            null);
    }
}
