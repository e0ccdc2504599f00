package avdaily.deploy;

import avdaily.base.Json;
import avdaily.db.Database;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** The parts of a plan that must still hold when it is run. */
final class PlanBinding {
    static ObjectNode of(Prepared prepared) throws SQLException {
        SchemaState state = prepared.state();
        Release release = prepared.release();
        return Json.mapper()
                .valueToTree(Json.object(
                        "environment",
                        prepared.db().environment().toString(),
                        "target",
                        target(prepared.db()),
                        "schema",
                        Json.object("version", state.version(), "fingerprint", state.fingerprint()),
                        "migrations",
                        release.migrations().hashes(),
                        "pending",
                        prepared.titles(),
                        "files",
                        release.migrations().texts(prepared.titles()),
                        "seed",
                        release.seeds().map(SeedSource::hashes).orElse(null),
                        "recovery",
                        prepared.takesBack().orElse(null),
                        "strategy",
                        release.lines()));
    }

    /**
     * Which database this is. A copy of the server's files has the same identifier, but another address; another
     * cluster at the same address has another identifier.
     */
    static Map<String, Object> target(Database db) throws SQLException {
        Connection c = db.connection();
        return Json.object(
                "host",
                db.host().name(),
                "port",
                db.host().port(),
                "database",
                db.name(),
                "systemIdentifier",
                Database.one(c, "SELECT system_identifier::text FROM pg_control_system()", String.class),
                "databaseOid",
                Database.one(c, "SELECT oid::text FROM pg_database WHERE datname = current_database()", String.class));
    }

    private PlanBinding() {}
}
