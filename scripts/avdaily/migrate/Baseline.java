package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.ProjectRecord;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.MigrationVersion;

/** Adopts a database that something else made: its schema counts as being at a version. */
public final class Baseline {
    /** How far AV-Daily's schema was after each step of drizzle. */
    private static final Map<Integer, String> DRIZZLE_STEPS = Map.of(1, "6", 2, "7", 3, "8");

    private static final String DRIZZLE = "__drizzle_migrations";

    private final Migrator migrator;
    private final Database db;
    private final FlywayHistory history;

    public Baseline(Migrator migrator) {
        this.migrator = migrator;
        this.db = migrator.db();
        this.history = migrator.history();
    }

    /**
     * The version at which the database stands, by the journal of drizzle, which made it.
     *
     * @throws Failure (2) if there is no journal, (21) if it has an unknown number of steps
     */
    public String drizzleVersion() throws SQLException {
        if (!db.settings().project().isShipped())
            throw Failure.usage(
                    "which version a step of drizzle's made is known for AV-Daily's own project only",
                    "leave --from-drizzle out: the newest version is compared, or name it with --version V.");
        if (!ForeignCode.isTable(db.connection(), "drizzle", DRIZZLE))
            throw Failure.usage(
                    "there is no drizzle.__drizzle_migrations on " + db,
                    "check DATABASE_URL, or name the version: baseline --version V.");
        int steps =
                Database.one(db.connection(), "SELECT count(*)::int FROM drizzle.__drizzle_migrations", Integer.class);
        if (!DRIZZLE_STEPS.containsKey(steps))
            throw Failure.refused(
                    "drizzle's journal on " + db + " has " + Format.count(steps, "row") + "; 1, 2 or 3 steps are known",
                    "find out which version the schema has, and name it: baseline --version V.");
        return DRIZZLE_STEPS.get(steps);
    }

    /** Whether Flyway's history is there, so that nothing is to be adopted. */
    public boolean isManaged() throws SQLException {
        return history.hasEntries();
    }

    /**
     * The version whose schema the database should have if nobody names one: the newest that has a file.
     *
     * @throws Failure (2) if there is none, (21) if Flyway's history is where it is not looked for
     */
    public String newest() throws SQLException {
        if (db.schema().isEmpty()) refuseHistoryElsewhere(); // else each schema has its own
        if (db.settings().project().isShipped() && ForeignCode.isTable(db.connection(), "drizzle", DRIZZLE))
            return drizzleVersion();
        return migrator.files()
                .latest()
                .map(MigrationVersion::toString)
                .orElseThrow(() -> Failure.usage(
                        "there is no migration that makes the schema of " + db,
                        "'avdaily-db init --from-database' writes it; then run this again."));
    }

    private void refuseHistoryElsewhere() throws SQLException {
        List<String> tables = Database.list(
                db.connection(),
                """
                SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relname = ? AND relkind = 'r' AND nspname <> ?""",
                row -> row.getString(1),
                HistoryTable.RELATION,
                HistoryTable.SCHEMA);
        if (!tables.isEmpty())
            throw Failure.refused(
                    "Flyway's history is in " + String.join(", ", tables) + ", and is looked for in "
                            + HistoryTable.SCHEMA,
                    "if it is the whole database's, move it: ALTER TABLE " + tables.get(0) + " SET SCHEMA "
                            + HistoryTable.SCHEMA
                            + "; if schemas have histories of their own, adopt the database beside them: "
                            + "baseline --version V.");
    }

    /**
     * Sees that the database can be adopted at {@code version}; "0" is before the first one.
     *
     * @throws Failure (21) if it has a history, (2) if no migration has the version
     */
    public void check(String version) throws SQLException {
        if (history.hasEntries())
            throw Failure.refused(
                    db + " has a migration history already, at version " + migrator.version(),
                    "see 'avdaily-migrate history'; 'avdaily-migrate up' goes on from there.");
        if (!version.equals("0")) history.mustKnow(version);
    }

    /** Makes the history, and records the schema as it is. */
    public void run(String version) throws Exception {
        try (Lock lock = migrator.lock()) {
            lock.verify();
            OperationLog.record(db, "migrate baseline", details -> {
                details.put("version", version);
                history.begin(version, "adopted");
                migrator.recordAnew(List.of());
                ProjectRecord.remember(db);
                return null;
            });
        }
    }
}
