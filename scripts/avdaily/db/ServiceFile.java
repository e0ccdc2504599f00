package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.postgresql.jdbcurlresolver.PgServiceConfParser;

/**
 * libpq's connection service file, which knows addresses by a name: PGSERVICEFILE, else ~/.pg_service.conf, else
 * pg_service.conf in PGSYSCONFDIR.
 */
final class ServiceFile {
    /** The driver calls three of them as it does elsewhere. */
    private static final Map<String, String> NAMES = Map.of(
            PGProperty.PG_HOST.getName(),
            "host",
            PGProperty.PG_PORT.getName(),
            "port",
            PGProperty.PG_DBNAME.getName(),
            "dbname");

    /**
     * The parameters of a service, by libpq's names; none if none is named.
     *
     * @param name what the address names, or null for PGSERVICE
     */
    static Map<String, String> of(String name, Settings settings) {
        String service = name != null ? name : settings.get("PGSERVICE").orElse(null);
        Map<String, String> parameters = new HashMap<>();
        if (service == null) return parameters;
        for (String variable : List.of("PGSERVICEFILE", "PGSYSCONFDIR")) refuseFound(variable, name, settings);
        Path home = settings.home().resolve(".pg_service.conf");
        Path file = settings.path("PGSERVICEFILE")
                .or(() -> Optional.of(home).filter(Files::exists))
                .or(() -> settings.path("PGSYSCONFDIR").map(folder -> folder.resolve("pg_service.conf")))
                .orElse(home);
        Properties found;
        synchronized (ServiceFile.class) { // the driver knows one file for the whole process
            System.setProperty("org.postgresql.pgservicefile", file.toString());
            found = PgServiceConfParser.getServiceProperties(service);
        }
        if (found == null)
            throw Failure.usage(
                    "there is no service '" + service + "' in " + file,
                    "add it there, or name another file with PGSERVICEFILE.");
        found.stringPropertyNames()
                .forEach(key -> parameters.put(NAMES.getOrDefault(key, key), found.getProperty(key)));
        return parameters;
    }

    /**
     * Who names a service means the one that he knows.
     *
     * @throws Failure (2) if a file in the folder says where services are, and somebody else named one
     */
    private static void refuseFound(String variable, String name, Settings settings) {
        String service = name != null ? "DATABASE_URL" : "PGSERVICE";
        if (settings.isFound(variable) && !settings.isFound(service))
            throw Failure.usage(
                    variable + " stands in " + settings.value(variable).get().source()
                            + ", which does not name the service",
                    "set it where the service is named (export " + variable
                            + "=...), name the file with --env-file, or take it out of the file.");
    }

    /** Whether a file in the folder, which nobody named, says where services are. */
    static boolean isFound(Settings settings) {
        return settings.isFound("PGSERVICEFILE") || settings.isFound("PGSYSCONFDIR");
    }

    private ServiceFile() {}
}
