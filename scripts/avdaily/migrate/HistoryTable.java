package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.SessionSettings;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.extensibility.AppliedMigration;

/** Flyway's history table on one database, as it stands there. */
public final class HistoryTable {
    static final String SCHEMA = "public";
    static final String RELATION = "flyway_schema_history";

    private final Database db;
    private final String schema;
    private final String name;
    /**
     * The table that was looked at and is to be believed; it is looked at again only if another one is in its place.
     */
    private Long believed;

    private ZoneId zone;

    HistoryTable(Database db) {
        this.db = db;
        this.schema = schema(db);
        this.name = name(db);
    }

    /** Where it stands: in public, or in the schema that the command works on. */
    static String schema(Database db) {
        return db.schema().orElse(SCHEMA);
    }

    /** The table as SQL names it. */
    static String name(Database db) {
        return Sql.quoted(schema(db)) + "." + RELATION;
    }

    // -- looking

    /** @throws Failure (21) if it is a view, or of a role that is not to be trusted */
    public static boolean isThere(Database db, Connection c) throws SQLException {
        return ForeignCode.isTable(c, schema(db), RELATION);
    }

    /** @throws Failure (21) as {@link #isThere(Database, Connection)} */
    boolean isThere() throws SQLException {
        Long now = Database.one(
                db.connection(),
                "SELECT oid FROM pg_class WHERE relname = ? AND relnamespace = to_regnamespace(quote_ident(?))::oid",
                Long.class,
                RELATION,
                schema);
        if (now == null) return false;
        if (now.equals(believed)) return true;
        boolean isThere = isThere(db, db.connection());
        if (isThere) believed = now;
        return isThere;
    }

    /** Another text for every other content of the table; empty if there is no table. */
    static String rows(Database db, Connection c) throws SQLException {
        return isThere(db, c) ? content(c, name(db)) : "";
    }

    /** As {@link #rows(Database, Connection)}. */
    String rows() throws SQLException {
        return isThere() ? content(db.connection(), name) : "";
    }

    private static String content(Connection c, String name) throws SQLException {
        return Database.one(
                c,
                "SELECT coalesce(md5(string_agg(h::text, '|' ORDER BY installed_rank)), 'none') FROM " + name + " h",
                String.class);
    }

    /**
     * The entries as Flyway reads them, the oldest first.
     *
     * @throws Failure (21) if one is of a type that another edition of Flyway has, or of no version
     */
    List<AppliedMigration> entries(Configuration flyway) throws SQLException {
        if (!isThere()) return List.of();
        List<AppliedMigration> kinds = flyway.getPluginRegister().getInstancesOf(AppliedMigration.class);
        return Database.list(
                db.connection(),
                """
                SELECT installed_rank, version, description, type, script, checksum, installed_on, installed_by,
                       execution_time, success
                FROM %s ORDER BY installed_rank"""
                        .formatted(name),
                row -> entry(kinds, row));
    }

    private AppliedMigration entry(List<AppliedMigration> kinds, ResultSet row) throws SQLException {
        String type = row.getString("type");
        return kinds.stream()
                .filter(kind -> kind.handlesType(type))
                .findFirst()
                .orElseThrow(() -> Failure.refused(
                        name + " has an entry of the type " + type + ", which Flyway Community does not know",
                        "go on with the edition of Flyway that wrote it."))
                .create(
                        row.getInt("installed_rank"),
                        version(row),
                        row.getString("description"),
                        type,
                        row.getString("script"),
                        row.getObject("checksum", Integer.class),
                        row.getTimestamp("installed_on"),
                        row.getString("installed_by"),
                        row.getInt("execution_time"),
                        row.getBoolean("success"));
    }

    /** Null for one that has none. */
    private MigrationVersion version(ResultSet row) throws SQLException {
        String text = row.getString("version");
        try {
            return text == null ? null : MigrationVersion.fromVersion(text);
        } catch (FlywayException e) {
            throw Failure.refused(
                    name + " has an entry of the version " + text + ", which is none",
                    "see who made it: SELECT * FROM " + name + "; no migration has such a version.");
        }
    }

    /** The schema's version, the highest that was applied whole, or null. */
    public String version() throws SQLException {
        if (!isThere()) return null;
        return Database.list(
                        db.connection(),
                        """
                        SELECT version FROM %1$s h WHERE version IS NOT NULL AND success AND type <> 'DELETE'
                          AND NOT EXISTS (SELECT FROM %1$s d WHERE d.version = h.version AND d.type = 'DELETE'
                            AND d.installed_rank > h.installed_rank)"""
                                .formatted(name),
                        this::version)
                .stream()
                .max(Comparator.naturalOrder())
                .map(MigrationVersion::toString)
                .orElse(null);
    }

    /** What tells this table from one before a reset, as long as nothing below the first entry goes. */
    String beginning() throws SQLException {
        String first = Database.one(
                db.connection(),
                "SELECT extract(epoch FROM installed_on)::text FROM " + name + " ORDER BY installed_rank LIMIT 1",
                String.class);
        return first == null ? "" : first;
    }

    /** How far the table goes, and the version that it says. */
    record Mark(int rank, MigrationVersion version) {}

    Mark mark() throws SQLException {
        if (!isThere()) return new Mark(0, null);
        String version = version();
        int rank = Database.one(db.connection(), "SELECT coalesce(max(installed_rank), 0) FROM " + name, Integer.class);
        return new Mark(rank, version == null ? null : Migration.version(version));
    }

    /**
     * Those of {@code pending} that have an entry since {@code mark}, from the table alone: Flyway would read all
     * files.
     */
    List<Migration> since(Mark mark, List<Migration> pending) throws SQLException {
        record Entry(Instant at, String by, int tookMs) {}
        Map<String, Entry> entries = new HashMap<>();
        ZoneId zone = zone();
        Database.list(
                db.connection(),
                """
                SELECT coalesce('V' || version, 'R') || ' ' || description, installed_on, installed_by, execution_time
                FROM %s WHERE success AND installed_rank > ?"""
                        .formatted(name),
                row -> entries.put(
                        row.getString(1),
                        new Entry(Migration.instant(row.getTimestamp(2), zone), row.getString(3), row.getInt(4))),
                mark.rank);
        List<Migration> applied = new ArrayList<>();
        for (Migration m : pending) {
            Entry entry = entries.get(m.title());
            if (entry == null) continue;
            boolean late =
                    mark.version != null && m.version() != null && m.version().compareTo(mark.version) < 0;
            Migration.State state = late ? Migration.State.OUT_OF_ORDER : Migration.State.APPLIED;
            applied.add(m.applied(state, entry.at, entry.by, entry.tookMs));
        }
        return applied;
    }

    /** Whether its schema holds anything else: if it has no history either, Flyway will not touch it. */
    boolean hasNeighbours() throws SQLException {
        return Database.one(
                db.connection(),
                """
                SELECT EXISTS (SELECT FROM pg_depend n WHERE n.refclassid = 'pg_namespace'::regclass
                  AND n.refobjid = to_regnamespace(quote_ident(?))::oid AND n.deptype = 'n'
                  AND n.classid NOT IN ('pg_extension'::regclass, 'pg_collation'::regclass)
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = n.classid AND d.objid = n.objid
                    AND d.deptype = 'e'))""",
                Boolean.class,
                schema);
    }

    /** Of its times, which have none themselves. */
    ZoneId zone() throws SQLException {
        if (zone == null) zone = SessionSettings.zone(db.connection());
        return zone;
    }

    // -- changing

    /** Makes the table as Flyway would, in a fraction of the time; another program may have made it meanwhile. */
    void create() throws SQLException {
        Connection c = db.connection();
        if (Database.one(c, "SELECT to_regnamespace(quote_ident(?)) IS NULL", Boolean.class, schema))
            Database.run(c, "CREATE SCHEMA " + Sql.quoted(schema));
        Database.run(
                c,
                """
                CREATE TABLE IF NOT EXISTS %1$s (
                    installed_rank int NOT NULL CONSTRAINT %2$s_pk PRIMARY KEY,
                    version varchar(50),
                    description varchar(200) NOT NULL,
                    type varchar(20) NOT NULL,
                    script varchar(1000) NOT NULL,
                    checksum int,
                    installed_by varchar(100) NOT NULL,
                    installed_on timestamp NOT NULL DEFAULT now(),
                    execution_time int NOT NULL,
                    success boolean NOT NULL);
                CREATE INDEX IF NOT EXISTS %2$s_s_idx ON %1$s (success)"""
                        .formatted(name, RELATION));
    }

    /** Migrations that failed half-way were brought to their end by hand. */
    void countFailedAsApplied() throws SQLException {
        Database.update(db.connection(), "UPDATE " + name + " SET success = true WHERE NOT success");
    }

    /** Takes out the entries of migrations that failed half-way, once what they left is cleared away. */
    public void forgetFailed() throws SQLException {
        if (isThere()) Database.update(db.connection(), "DELETE FROM " + name + " WHERE NOT success");
    }

    /** As much of it as the history can hold: its column ends at 24 days. */
    static int millis(Duration took) {
        return (int) Math.min(took.toMillis(), Integer.MAX_VALUE);
    }

    /**
     * Counts the one that failed half-way as applied.
     *
     * @return whether there is one
     */
    static boolean finish(Database db, Connection c, Duration took) throws SQLException {
        return 0
                < Database.update(
                        c,
                        "UPDATE " + name(db) + " SET success = true, installed_on = DEFAULT, execution_time = ? "
                                + "WHERE NOT success",
                        millis(took));
    }

    /** Whether the newest entry is the one of this file, done. */
    static boolean endsWith(Database db, Connection c, String script, Integer checksum) throws SQLException {
        return Boolean.TRUE.equals(Database.one(
                c,
                "SELECT success AND script = ? AND checksum IS NOT DISTINCT FROM ? FROM " + name(db)
                        + " ORDER BY installed_rank DESC LIMIT 1",
                Boolean.class,
                script,
                checksum));
    }

    static void forget(Database db, Connection c, MigrationVersion version) throws SQLException {
        Database.update(c, "DELETE FROM " + name(db) + " WHERE version = ?", version.toString());
    }
}
