package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.Failures;
import avdaily.db.MissingPrivilege;
import avdaily.db.OperationLog;
import avdaily.db.Samples;
import avdaily.db.Snapshot;
import avdaily.db.Standby;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes a backup, all of it from one snapshot. Memory does not grow with the database. The steps:
 *
 * <ol>
 *   <li>lock all tables, take the snapshot and read the schema ({@link SchemaReading});
 *   <li>choose the tables ({@link BackupTables});
 *   <li>write the definitions that rows need ({@link DefinitionsText}), and the database's settings
 *       ({@link SettingsText});
 *   <li>copy the rows over several connections ({@link CopyWorkers});
 *   <li>write where the sequences stand, and the large objects ({@link LargeObjects}), then what needs the rows:
 *       indexes, constraints, triggers, and what the planner knows ({@link StatisticsText});
 *   <li>read what was written but rows, as a restore will ({@link DefinitionsCheck}), part by part;
 *   <li>seal the file, and publish it with its metadata ({@link BackupSink}).
 * </ol>
 */
public final class BackupWriter {
    /** The characters of statistics in one part. */
    private static final int STATISTICS = 4 << 20;

    private final Database db;
    private final BackupOptions options;
    private final Optional<Standby> standby;
    private final Snapshot snapshot;
    private final Schema schema;
    private final BackupSink sink;
    private final String key = DefinitionsText.newKey();
    private final Instant start = Instant.now();

    private BackupWriter(
            Database db,
            BackupOptions options,
            Optional<Standby> standby,
            SchemaReading reading,
            BackupSink sink) {
        this.db = db;
        this.options = options;
        this.standby = standby;
        this.snapshot = reading.snapshot();
        this.schema = reading.schema();
        this.sink = sink;
    }

    /** A backup that was just made. */
    public record Written(List<BackupFile> files, BackupMetadata metadata) {
        public BackupFile file() {
            return files.get(0);
        }
    }

    /**
     * As {@link #writeOnce}; on a standby again, with a new snapshot, whenever that ends it for what its primary does.
     */
    public static Written write(Database db, BackupOptions options) throws Exception {
        return Standby.<Written, Exception>reading(db, () -> writeOnce(db, options));
    }

    /**
     * Backs up the whole database but for the collection's own schema {@code avdaily_ops}, which survives a restore.
     *
     * @throws Failure if it cannot be done; then nothing of it stays
     */
    private static Written writeOnce(Database db, BackupOptions options) throws Exception {
        int level = options.compression().level(options.level());
        for (String recipient : options.encryptTo()) Age.recipient(recipient);
        Schema.Options read = options.quotes() == Schema.Quotes.ALWAYS ? Schema.Options.QUOTED : Schema.Options.DEFAULT;
        DistributionText.refuse(db, options);
        Instant start = Instant.now();
        Optional<Standby> standby = Standby.of(db.connection());
        Written written;
        try (SchemaReading reading = SchemaReading.of(db, read);
                BackupSink sink = BackupSink.create(
                        options.places(),
                        options.extract().kind(),
                        options.compression(),
                        level,
                        options.encryptTo(),
                        db.out())) {
            written = new BackupWriter(db, options, standby, reading, sink).write();
        }
        if (options.extract().isCopy()) return written;
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("backup_bytes", (double) written.metadata.encoding().bytes());
        numbers.put("backup_rows", (double) written.metadata.content().rows());
        numbers.put("backup_seconds", Duration.between(start, Instant.now()).toMillis() / 1000.0);
        Samples.leaveIfPossible(db, Samples.Source.BACKUP, numbers);
        return written;
    }

    /** The backup that a command makes by itself before it changes a database; nothing if there is no table yet. */
    public static Optional<BackupFile> beforeChange(Database db) throws Exception {
        if (db.schema().isPresent()) { // a restore is of a whole database
            try (Database whole = db.whole()) {
                return beforeChange(whole);
            }
        }
        if (DatabaseReset.tables(db.connection()) == 0) return Optional.empty();
        db.out().status("Backing up " + db + " first...");
        BackupFile file = OperationLog.recordIfPossible(db, "backup create", details -> {
            BackupFile written = writeWhatIsReadable(db);
            details.put("file", written.toString());
            return written;
        });
        db.out().print("Backup: " + file.place());
        if (file.isEncrypted() && Backups.identity(db.settings(), null) == null)
            db.out()
                    .note("It is encrypted: to go back to it takes the secret key, in a file that BACKUP_IDENTITY or "
                            + "--identity names.");
        return Optional.of(file);
    }

    /**
     * Removes what {@link #beforeChange} made for a change of which nothing stayed: runs that a job repeats would fill
     * the disk.
     *
     * @return whether it is gone
     */
    public static boolean removeUnneeded(Database db, BackupFile file) {
        try {
            if (!file.delete()) {
                db.out().note("The backup stays: its bucket does not let it be deleted.");
                return false;
            }
        } catch (IOException | Failure e) {
            db.out().note("The backup stays, it could not be removed: " + Failures.explain(e).getMessage());
            return false;
        }
        db.out().note("Nothing was changed, so the backup that was made for it is removed again: " + file.place());
        return true;
    }

    private static BackupFile writeWhatIsReadable(Database db) throws Exception {
        try {
            return write(db, BackupOptions.standard(db)).file();
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            String role = Sql.quoted(db.url().user());
            throw new Failure(
                    Failure.Kind.ERROR,
                    "the backup before it holds the whole database, and the role may not read that: "
                            + Failures.message(e),
                    MissingPrivilege.hiddenRows(e, role)
                                    .orElse("have somebody who may run: GRANT pg_read_all_data TO " + role)
                            + "; 'avdaily-migrate up --no-backup' goes without.",
                    e);
        }
    }

    private Written write() throws Exception {
        schema.omitted().forEach(what -> db.out().note("Left out: " + what + "."));
        PathDependence.note(snapshot.leader(), db.out());
        Masking masks = options.extract().masks();
        Subset subset = Subset.of(db, snapshot.leader(), options.extract().subset());
        BackupTables tables = BackupTables.of(db, schema, options.excludeTableData(), subset, masks);
        expect(tables);
        DefinitionsText definitions = DefinitionsText.of(db, schema, snapshot, options);
        DatabaseFacts facts = DatabaseFacts.read(snapshot.leader());
        Globals globals = globals();
        BackupMetadata.Origin origin = origin(facts, subset);

        write(
                BackupMetadata.Section.PRE_DATA,
                DefinitionsText.header(origin, key)
                        + masks.definitions(definitions.preData())
                        + DistributionText.of(snapshot.leader())
                        + SettingsText.of(snapshot.leader(), masks));
        List<BackupMetadata.Table> copied = CopyWorkers.copy(snapshot, sink, tables, options.jobs(), db.out());
        write(BackupMetadata.Section.SEQUENCES, "\n" + DefinitionsText.sequences(schema) + "\n");
        Set<String> roles = new TreeSet<>(schema.roles());
        if (!options.extract().isCopy()) roles.addAll(LargeObjects.write(snapshot, sink, options.jobs()));
        write(BackupMetadata.Section.POST_DATA, masks.definitions(definitions.postData()));
        if (!options.extract().isCopy()) writeStatistics(tables);
        write(BackupMetadata.Section.POST_DATA, DefinitionsText.end(key));

        BackupSink.Sealed sealed = sink.seal();
        BackupMetadata metadata = new BackupMetadata(
                origin,
                new BackupMetadata.Encoding(
                        options.compression(), options.encryptTo(), sealed.sha256(), sealed.bytes()),
                new BackupMetadata.Measures(
                        facts.bytes(), Duration.between(start, Instant.now()).toMillis()),
                new BackupMetadata.Content(
                        definitions.from().word,
                        facts.locale(),
                        List.copyOf(roles),
                        schema.extensions(),
                        tables.excluded(),
                        copied,
                        sealed.parts(),
                        globals));
        return new Written(sink.publish(metadata), metadata);
    }

    /** In parts of about the same size: memory does not grow with the number of tables. */
    private void writeStatistics(BackupTables tables) throws SQLException, IOException {
        StringBuilder part = new StringBuilder();
        StatisticsText.of(snapshot.leader(), tables.excluded(), statement -> {
            part.append(statement);
            if (part.length() < STATISTICS) return;
            write(BackupMetadata.Section.POST_DATA, part.toString());
            part.setLength(0);
        });
        if (!part.isEmpty()) write(BackupMetadata.Section.POST_DATA, part.toString());
    }

    /** What belongs to the server; null if nobody asked for it. */
    private Globals globals() throws SQLException {
        return switch (options.globals()) {
            case LEFT_OUT -> null;
            case WITHOUT_PASSWORDS -> GlobalsReader.read(snapshot.leader(), db.name(), Globals.Passwords.LEFT_OUT);
            case WITH_PASSWORDS -> GlobalsReader.read(snapshot.leader(), db.name(), Globals.Passwords.READ);
        };
    }

    /** Compressed rows hardly ever take less than a twentieth of their tables. */
    private void expect(BackupTables tables) throws IOException {
        sink.expect(tables.bytes() / (options.compression() == Compression.NONE ? 2 : 20), 2 * tables.bytes());
    }

    private BackupMetadata.Origin origin(DatabaseFacts facts, Subset subset) {
        boolean isCopy = options.extract().isCopy();
        return new BackupMetadata.Origin(
                isCopy ? BackupMetadata.FORMAT : BackupMetadata.FORMAT_IN_CLEAR,
                Invocation.VERSION,
                start.truncatedTo(ChronoUnit.MILLIS).toString(),
                db.environment().toString(),
                db.name(),
                facts.serverVersion(),
                facts.schemaVersion(),
                schema.unsupportedDefinitions().isEmpty() && options.quotes() == Schema.Quotes.IF_NEEDED
                        ? schema.fingerprint()
                        : null,
                standby.map(at -> new BackupMetadata.StandbyPoint(at.replayedLsn(), at.lagSeconds()))
                        .orElse(null),
                isCopy ? new DeveloperCopy(options.extract().isMasked(), subset.starts()) : null);
    }

    /** A part without a byte is none. */
    private void write(BackupMetadata.Section section, String sql) throws IOException {
        if (sql.isEmpty()) return;
        DefinitionsCheck.check(section.word(), sql, key);
        try (BackupSink.Part part = sink.part(section, null)) {
            part.write(sql);
            part.end(0);
        }
    }
}
