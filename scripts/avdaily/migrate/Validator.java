package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Scratch;
import avdaily.schema.Schema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares files and schema with what was applied. */
public final class Validator {
    /** What is wrong with the files, and with the schema. */
    public record Validation(List<String> files, Drift drift) {
        public List<String> findings() {
            return Stream.concat(files.stream(), drift.titles().stream()).toList();
        }
    }

    private final Migrator migrator;
    private final Database db;
    private final Out out;
    private final MigrationFiles files;

    public Validator(Migrator migrator) {
        this.migrator = migrator;
        this.db = migrator.db();
        this.out = db.out();
        this.files = migrator.files();
    }

    /**
     * Compares the files with their checksums, then the schema with the recorded one.
     *
     * @param rebuild to compare the schema with one that the migrations make on a scratch database
     * @throws Failure (22) if the database is newer than the newest file
     */
    public Validation validate(boolean rebuild) throws Exception {
        Validation all = validate(rebuild, Drift.Partitions.FOLDED);
        return new Validation(all.files, all.drift.ofObjects());
    }

    /**
     * The same, with the settings of sessions. Partitions of a partition manager count for nothing if they are folded.
     */
    public Validation validate(boolean rebuild, Drift.Partitions partitions) throws Exception {
        List<String> findings = new ArrayList<>(migrator.invalidFiles());
        String version = migrator.version();
        if (version == null) return new Validation(findings, Drift.NONE);
        if (files.latest().isEmpty() || files.latest().get().compareTo(Migration.version(version)) < 0)
            throw Failure.findings(
                    db + " is at version " + version + ", which is newer than the newest migration file",
                    "use the migrations that made it.");
        Optional<SchemaRecord.Recorded> recorded =
                rebuild ? Optional.empty() : migrator.record().of(version);
        if (recorded.isPresent()) return new Validation(findings, since(recorded.get(), version, findings, partitions));
        if (!rebuild)
            out.note("No schema is recorded for this history of " + db
                    + " (it was restored, or another program migrated it): "
                    + "it is compared with what the migrations make. "
                    + "'avdaily-migrate repair --accept-drift' records it.");
        boolean canRebuild = findings.isEmpty()
                || files.forward(Migration.version(version)).isPresent();
        return new Validation(findings, canRebuild ? difference(version, partitions) : Drift.NONE);
    }

    private Drift since(
            SchemaRecord.Recorded recorded, String version, List<String> findings, Drift.Partitions partitions)
            throws SQLException {
        int server = SchemaRecord.server(db.connection());
        if (recorded.server() == server)
            return Drift.between(
                    recorded.items(),
                    Schema.of(db, Schema.Options.DEFINITIONS, LockRetry.CONCURRENT_LOCK_TIMEOUT)
                            .comparable(),
                    partitions,
                    out::note);
        findings.add(
                "the schema of version " + version + " was recorded on PostgreSQL " + recorded.server() + ", this is "
                        + server
                        + ": cannot compare; 'avdaily-migrate validate --rebuild' compares with the migrations, "
                        + "'avdaily-migrate repair --accept-drift' records it anew");
        return Drift.NONE;
    }

    /**
     * How the live schema differs from what the migrations up to {@code version} make on a scratch database. Privileges
     * are compared if both are on one server.
     *
     * @throws Failure of any kind if the scratch database cannot be built
     */
    public Drift difference(String version) throws Exception {
        return difference(version, Drift.Partitions.COUNTED);
    }

    private Drift difference(String version, Drift.Partitions partitions) throws Exception {
        try (Scratch scratch = Scratch.beside(db, files.forTrial());
                Database rebuilt = scratch.database()) {
            Migrator other = new Migrator(rebuilt, files);
            boolean isBegun = !version.equals("0"); // else no file made anything yet
            if (isBegun && migrator.history().hasRepeatable()) other.build(version);
            else if (isBegun) other.buildVersioned(version);
            boolean sameServer = rebuilt.url().hosts().equals(db.url().hosts());
            Schema.Options options = sameServer ? Schema.Options.WITHOUT_OWNERS : Schema.Options.WITHOUT_ROLES;
            return Drift.between(
                            Schema.of(rebuilt, options).comparable(),
                            Schema.of(db, options).comparable(),
                            partitions,
                            out::note)
                    .ofObjects(); // the scratch database was given those of this one
        } catch (Failure e) {
            throw new Failure(
                    e.kind,
                    "the schema could not be compared: "
                            + "the scratch database in which the migrations are tried could not be built: "
                            + e.getMessage(),
                    "the migrations have to run on an empty database; --verbose says what the scratch database has "
                            + "not of " + db.name() + ", and 'avdaily-migrate verify-undo' shows where they stop.",
                    e);
        }
    }
}
