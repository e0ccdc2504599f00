package avdaily.fleet;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Settings;
import avdaily.base.Visible;
import avdaily.db.DatabaseUrl;
import avdaily.db.SchemaName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a row of a query, or a line of a list, may name. Rows are data, and whoever writes them is nobody to send a
 * password anywhere: a row names a database of the server that was asked. Host and port may stand before it, if they
 * are that server's or the file lists them. Role, password and everything else are those of the query's own address.
 */
final class TargetRow {
    /** The server cuts longer ones off, and would open another database. */
    private static final int BYTES_OF_A_NAME = 63;

    private static final Settings NONE = new Settings(Map.of(), Path.of(""));

    private final DatabaseUrl base;
    private final List<DatabaseUrl.Host> hosts;
    private final String source;

    /** @param hosts that may be named besides those of {@code base} */
    TargetRow(DatabaseUrl base, List<String> hosts, String source) {
        this.base = base;
        this.source = source;
        this.hosts = hosts.stream()
                .flatMap(host -> parse("postgresql://" + host + "/x").hosts().stream())
                .toList();
    }

    private static DatabaseUrl parse(String text) {
        return DatabaseUrl.parse(text, NONE);
    }

    /** @throws Failure (21) if it names what a row must not name */
    DatabaseUrl database(String row) {
        if (row == null || !isAddress(row)) return base.withDatabase(name(row));
        String rest = row.substring(row.indexOf("://") + 3);
        if (rest.contains("@") || rest.contains("?") || rest.contains("#"))
            throw refused(row, "has more than host, port and database");
        if (!rest.matches("[^/]+/[^/]+")) throw refused(row, "is no address of a database");
        DatabaseUrl named;
        try {
            named = parse(row);
        } catch (Failure e) {
            throw refused(row, "is no address of a database");
        }
        boolean isHere = named.hosts().equals(base.hosts())
                || named.hosts().stream().allMatch(host -> base.hosts().contains(host) || hosts.contains(host));
        if (!isHere)
            throw refused(row, "names a server that is not " + base.hosts().get(0));
        return new DatabaseUrl(
                named.hosts(),
                name(named.database()),
                base.user(),
                base.password(),
                base.parameters(),
                base.isFound());
    }

    /**
     * A name of a schema. Files put it into their SQL, so that it may be nothing but a name.
     *
     * @throws Failure (21) if it is none, or not a tenant's
     */
    static String schema(String row, String source) {
        SchemaName.complaint(row).ifPresent(why -> {
            throw Failure.refused(
                    shown(row) + " of " + source + " " + why,
                    "correct what names it; a schema that is a target has a name of letters, digits and '_'.");
        });
        return row;
    }

    static boolean isAddress(String text) {
        return text.matches("(?s)(jdbc:)?postgres(ql)?://.*");
    }

    /** A name of a database as it is. */
    private String name(String row) {
        if (row == null || row.isEmpty()) throw refused(row, "is no name");
        if (row.indexOf('\0') >= 0) throw refused(row, "has a zero byte");
        int bytes = row.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > BYTES_OF_A_NAME)
            throw refused(row, "is longer than a name can be (" + bytes + " bytes of " + BYTES_OF_A_NAME + ")");
        return row;
    }

    private Failure refused(String row, String why) {
        return Failure.refused(
                shown(row) + " of " + source + " " + why,
                "correct what names it: a name of a database, or postgresql://HOST:PORT/DATABASE of the same server "
                        + "or of one that 'hosts:' lists.");
    }

    private static String shown(String row) {
        return row == null ? "an empty value" : "'" + Format.within(Visible.line(row), 80, "...") + "'";
    }
}
