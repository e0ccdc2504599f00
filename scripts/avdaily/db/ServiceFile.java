package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * libpq's connection service file, which knows addresses by a name: PGSERVICEFILE, else ~/.pg_service.conf, else
 * pg_service.conf in PGSYSCONFDIR.
 */
final class ServiceFile {
    /**
     * The parameters of a service, by libpq's names; none if none is named.
     *
     * @param name what the address names, or null for PGSERVICE
     */
    static Map<String, String> of(String name, Settings settings) {
        String service = name != null ? name : settings.get("PGSERVICE").orElse(null);
        if (service == null) return Map.of();
        for (String variable : List.of("PGSERVICEFILE", "PGSYSCONFDIR")) refuseFound(variable, name, settings);
        Path home = settings.home().resolve(".pg_service.conf");
        Path file = settings.path("PGSERVICEFILE")
                .or(() -> Optional.of(home).filter(Files::exists))
                .or(() -> settings.path("PGSYSCONFDIR").map(folder -> folder.resolve("pg_service.conf")))
                .orElse(home);
        return read(service, file)
                .orElseThrow(() -> Failure.usage(
                        "there is no service '" + service + "' in " + file,
                        "add it there, or name another file with PGSERVICEFILE."));
    }

    /** What the first group of this name says. Of two lines for a parameter the first counts. */
    private static Optional<Map<String, String>> read(String service, Path file) {
        Map<String, String> parameters = null;
        for (String text : lines(file)) {
            String line = text.strip();
            if (line.isEmpty() || line.startsWith("#")) continue;
            if (line.startsWith("[")) {
                if (parameters != null) break;
                if (line.startsWith("[" + service + "]")) parameters = new HashMap<>();
            } else if (parameters != null) {
                int equals = line.indexOf('=');
                if (equals < 0)
                    throw Failure.usage(
                            "the service '" + service + "' in " + file + " has a line without '='",
                            "write each parameter as name=value.");
                parameters.putIfAbsent(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return Optional.ofNullable(parameters);
    }

    private static List<String> lines(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw Failure.usage(
                    "the file of services " + file + " cannot be read: " + Reason.of(e),
                    "make it readable, or name another file with PGSERVICEFILE.");
        }
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
