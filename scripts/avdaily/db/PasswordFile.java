package avdaily.db;

import avdaily.base.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A password file as libpq reads it: lines of {@code host:port:database:user:password}, of which the first that fits
 * counts. The driver would look into one file for all connections of a process, and once for all hosts of an address.
 */
record PasswordFile(Path path, List<String> lines) {
    private static final String ANY = "*:";

    static PasswordFile read(Path path) throws IOException {
        String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        return new PasswordFile(
                path, text.lines().filter(line -> !line.startsWith("#")).toList());
    }

    /**
     * The password for the address.
     *
     * @throws Failure (2) if its hosts have several: the one that answers must not be told another's
     */
    Optional<String> password(DatabaseUrl url) {
        List<String> all = fitting(url)
                .map(fit -> fit.password)
                .filter(password -> !password.isEmpty())
                .distinct()
                .toList();
        if (all.size() > 1)
            throw Failure.usage(
                    "the password file " + path + " has several passwords for the hosts of " + url,
                    "name one host, or put the password in PGPASSWORD.");
        return all.stream().findFirst();
    }

    /** Whether a password for the address is one for any host. */
    boolean isForAnyHost(DatabaseUrl url) {
        return fitting(url).anyMatch(fit -> fit.line.startsWith(ANY));
    }

    private record Fit(String line, String password) {}

    /** Of each host the line that counts. A socket is called by its folder, or localhost. */
    private Stream<Fit> fitting(DatabaseUrl url) {
        return url.hosts().stream().flatMap(host -> Stream.of(host.name(), host.isSocket() ? "localhost" : host.name())
                .flatMap(name -> lines.stream()
                        .map(line -> fit(line, List.of(name, "" + host.port(), url.database(), url.user())))
                        .filter(Objects::nonNull)
                        .limit(1))
                .limit(1));
    }

    /** Null if the line is for others. */
    private static Fit fit(String line, List<String> values) {
        int at = 0;
        for (String value : values) {
            at = line.startsWith(ANY, at) ? at + ANY.length() : behind(line, at, value);
            if (at < 0) return null;
        }
        StringBuilder password = new StringBuilder();
        for (; at < line.length() && line.charAt(at) != ':'; at++) {
            if (line.charAt(at) == '\\' && at + 1 < line.length()) at++;
            password.append(line.charAt(at));
        }
        return new Fit(line, password.toString());
    }

    /** Where it goes on behind the value and its colon, or -1. A colon within the value needs no backslash. */
    private static int behind(String line, int begin, String value) {
        int at = begin;
        for (int i = 0; i < value.length(); i++, at++) {
            if (at < line.length() && line.charAt(at) == '\\') at++;
            if (at >= line.length() || line.charAt(at) != value.charAt(i)) return -1;
        }
        return at < line.length() && line.charAt(at) == ':' ? at + 1 : -1;
    }
}
