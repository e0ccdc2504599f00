package avdaily.db;

import avdaily.base.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A password file as libpq reads it: lines of {@code host:port:database:user:password}, of which the first that fits
 * counts. The driver would look into one file for all connections of a process, and once for all hosts of an address.
 */
record PasswordFile(Path path, List<Line> lines) {
    private static final String ANY = "*";
    private static final Pattern FIELDS =
            Pattern.compile(String.join(":", Collections.nCopies(5, "((?:[^:\\\\]++|\\\\.?)*+)")));

    /** As they are written: a backslash takes the next letter as it is. */
    private record Line(String host, String port, String database, String user, String password) {
        boolean fits(String name, DatabaseUrl.Host at, DatabaseUrl url) {
            return fits(host, name)
                    && fits(port, "" + at.port())
                    && fits(database, url.database())
                    && fits(user, url.user());
        }

        private static boolean fits(String field, String value) {
            return field.equals(ANY) || plain(field).equals(value);
        }

        static String plain(String field) {
            return field.replaceAll("\\\\(.)", "$1");
        }
    }

    static PasswordFile read(Path path) throws IOException {
        String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        List<Line> lines = text.lines()
                .filter(line -> !line.startsWith("#"))
                .map(FIELDS::matcher)
                .filter(Matcher::lookingAt)
                .map(line -> new Line(line.group(1), line.group(2), line.group(3), line.group(4), line.group(5)))
                .toList();
        return new PasswordFile(path, lines);
    }

    /**
     * The password for the address.
     *
     * @throws Failure (2) if its hosts have several: the one that answers must not be told another's
     */
    Optional<String> password(DatabaseUrl url) {
        List<String> all = fitting(url)
                .map(line -> Line.plain(line.password))
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
        return fitting(url).anyMatch(line -> line.host.equals(ANY));
    }

    /** Of each host the line that counts. A socket is called by its folder, or localhost. */
    private Stream<Line> fitting(DatabaseUrl url) {
        return url.hosts().stream().flatMap(host -> Stream.of(host.name(), host.isSocket() ? "localhost" : host.name())
                .flatMap(name ->
                        lines.stream().filter(line -> line.fits(name, host, url)).limit(1))
                .limit(1));
    }
}
