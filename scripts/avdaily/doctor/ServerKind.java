package avdaily.doctor;

import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a server says it is.
 *
 * @param version as in 18.6
 * @param text all that {@code version()} says
 * @param known the products and services that made themselves known
 * @param isStandby whether it replays what another server does
 */
record ServerKind(String version, String text, List<Known> known, boolean isStandby) {
    /** @param sign by what it is known */
    record Known(String name, String sign) {}

    static ServerKind of(Connection c) throws SQLException {
        return new ServerKind(
                Database.one(c, "SHOW server_version", String.class),
                Database.one(c, "SELECT pg_catalog.version()", String.class),
                Database.list(
                        c,
                        SqlResource.of(ServerKind.class, "server-kind.sql"),
                        row -> new Known(row.getString(1), row.getString(2))),
                Database.one(c, "SELECT pg_catalog.pg_is_in_recovery()", Boolean.class));
    }

    String product() {
        return (text.startsWith("PostgreSQL") ? "PostgreSQL " + version : text) + (isStandby ? ", a hot standby" : "");
    }

    String services() {
        return known.isEmpty()
                ? "nothing makes itself known as a service or a look-alike"
                : known.stream().map(one -> one.name + " (" + one.sign + ")").collect(Collectors.joining(", "));
    }

    Map<String, Object> json() {
        return Json.object(
                "serverVersion",
                version,
                "text",
                text,
                "standby",
                isStandby,
                "known",
                known.stream()
                        .map(one -> Json.object("name", one.name, "sign", one.sign))
                        .toList());
    }
}
