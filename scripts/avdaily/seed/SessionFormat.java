package avdaily.seed;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;

/** How values read as texts: in one way, whatever the client's machine, the role and the database have set. */
final class SessionFormat {
    private static final List<String> SETTINGS = List.of(
            "datestyle = 'ISO, YMD'",
            "intervalstyle = 'postgres'",
            "extra_float_digits = 1",
            "bytea_output = 'hex'",
            "xmloption = 'content'");

    /** For the rest of the session; times without a zone are in this one. */
    static void set(Connection c, ZoneId zone) throws SQLException {
        for (String setting : SETTINGS) Database.run(c, "SET " + setting);
        // to the server, UTC+1 by name would lie in the west
        Database.run(
                c,
                "SET TIME ZONE "
                        + (zone.normalized() instanceof ZoneOffset offset
                                ? "INTERVAL '" + offset.getTotalSeconds() + " seconds' HOUR TO MINUTE"
                                : Sql.literal(zone.getId())));
    }

    private SessionFormat() {}
}
