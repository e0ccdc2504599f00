package avdaily.restore;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The database that a dump is restored into, which need not be there yet, and a second database of its server to work
 * from.
 */
final class RestoreTarget implements AutoCloseable {
    private final Database db;
    private final Database maintenance; // null if the role may connect to none
    private final DatabaseProperties properties; // null if the database is not there, or cannot be seen
    private final Set<String> comingRoles = new HashSet<>();
    private final Set<String> comingTablespaces = new HashSet<>();

    private RestoreTarget(Database db, Database maintenance, DatabaseProperties properties) {
        this.db = db;
        this.maintenance = maintenance;
        this.properties = properties;
    }

    static RestoreTarget of(Database db) throws SQLException {
        Database maintenance = maintenance(LoadingSession.unlimited(db));
        try {
            RestoreTarget target = new RestoreTarget(
                    db,
                    maintenance,
                    maintenance == null
                            ? null
                            : DatabaseProperties.named(maintenance.connection(), db.name())
                                    .orElse(null));
            if (target.exists()) LoadingSession.unlimit(db.connection());
            return target;
        } catch (SQLException | RuntimeException e) {
            if (maintenance != null) maintenance.close();
            throw e;
        }
    }

    /** A database of the same server to work from while this one is exchanged; null if the role may connect to none. */
    static Database maintenance(Database db) throws SQLException {
        for (String name : List.of("postgres", "template1")) {
            if (name.equals(db.name())) continue;
            Database candidate = LoadingSession.unlimited(db.sibling(name));
            try {
                candidate.connection();
                return candidate;
            } catch (Failure e) {
                db.out().detail("Not connected to " + name + ": " + e.getMessage());
            }
        }
        return null;
    }

    Database db() {
        return db;
    }

    /** Null if the role may connect to none. */
    Database maintenance() {
        return maintenance;
    }

    /** What a new database in this one's place has to have too; null if there is none. */
    DatabaseProperties properties() {
        return properties;
    }

    boolean exists() {
        return maintenance == null || properties != null;
    }

    boolean isEmpty() throws SQLException {
        return DatabaseReset.isEmpty(db.connection());
    }

    /** A connection to the server, whatever the database. */
    Connection server() throws SQLException {
        return maintenance != null ? maintenance.connection() : db.connection();
    }

    /** A session of its own on the server, whatever the database. */
    Connection connectToServer() throws SQLException {
        return (maintenance != null ? maintenance : db).connect();
    }

    /** The server gets these before anything needs them. */
    void expect(Set<String> roles, Set<String> tablespaces) {
        comingRoles.addAll(roles);
        comingTablespaces.addAll(tablespaces);
    }

    /** Those of the wanted roles that the server lacks, sorted. */
    Set<String> absentRoles(Set<String> wanted) throws SQLException {
        return absent(wanted, "SELECT rolname FROM pg_roles", comingRoles);
    }

    /** Those of the wanted extensions that the server lacks, sorted. */
    Set<String> absentExtensions(Set<String> wanted) throws SQLException {
        return absent(wanted, "SELECT name FROM pg_available_extensions", Set.of());
    }

    /** Those of the wanted tablespaces that the server lacks, sorted. */
    Set<String> absentTablespaces(Set<String> wanted) throws SQLException {
        return absent(wanted, "SELECT spcname FROM pg_tablespace", comingTablespaces);
    }

    /** Those locales that a database that is not there needs, and the server lacks, sorted. */
    Set<String> absentLocales(DumpReader dump) throws SQLException {
        return exists() ? Set.of() : new NewLocale(maintenance.connection()).absent(createOptions(dump));
    }

    /** The options that the dump or its metadata tell, for a database that is not there. */
    String createOptions(DumpReader dump) throws SQLException {
        Optional<String> inDump = dump.contents().databaseOptions();
        if (inDump.isPresent() || dump.metadata().isEmpty()) return inDump.orElse("");
        return DatabaseProperties.createOptions(
                maintenance.connection(), dump.metadata().get().content().locale());
    }

    private Set<String> absent(Set<String> wanted, String query, Set<String> coming) throws SQLException {
        Set<String> absent = new TreeSet<>(wanted);
        absent.removeAll(coming);
        if (!absent.isEmpty()) absent.removeAll(new HashSet<>(Database.list(server(), query, row -> row.getString(1))));
        return absent;
    }

    @Override
    public void close() throws SQLException {
        if (maintenance != null) maintenance.close();
    }
}
