import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.BackupOptions;
import avdaily.backup.BackupSummary;
import avdaily.backup.BackupWriter;
import avdaily.backup.BackupStore;
import avdaily.backup.Backups;
import avdaily.backup.Compression;
import avdaily.backup.DeveloperCopy;
import avdaily.base.Failure;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.notify.Job;
import avdaily.schema.Schema;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What 'avdaily-backup' and 'avdaily-backup create' do. */
abstract class BackupWriting extends BackupScript {
    @Option(
            names = "--to",
            paramLabel = "PLACE",
            description = "The folder of the backup, or s3://BUCKET/PREFIX (default: as --dir).")
    String to;

    @Option(
            names = "--also",
            paramLabel = "PLACE",
            description = "Where a copy goes, written at the same time; may be given more than once.")
    List<String> also = new ArrayList<>();

    @Option(
            names = "--compress",
            paramLabel = "KIND",
            defaultValue = "gzip",
            description = "gzip, zstd or none (default: ${DEFAULT-VALUE}).")
    Compression compression;

    @Option(
            names = "--level",
            paramLabel = "N",
            description = "How much to compress: gzip 1 to 9 (default 3), zstd 1 to 22 (default 1).")
    Integer level;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Connections that read at the same time (default: as many as processors, 2 to 8).")
    Integer jobs;

    @Option(
            names = "--encrypt-to",
            paramLabel = "RECIPIENT",
            description = "Encrypt to this age public key (age1...); may be given more than once "
                    + "(default: BACKUP_ENCRYPT_TO).")
    List<String> recipients = new ArrayList<>();

    @Option(
            names = "--exclude-table-data",
            paramLabel = "PATTERN",
            description = "Leave out the rows of these tables, as in public.event_*; may be given more than once.")
    List<String> excluded = new ArrayList<>();

    @Option(
            names = "--schema-from",
            paramLabel = "SOURCE",
            defaultValue = "reader",
            description = "Who reads the definitions: reader (our own) or pg_dump (the one on the PATH). "
                    + "Default: ${DEFAULT-VALUE}.")
    BackupOptions.SchemaSource source;

    @Option(
            names = "--quote-all-identifiers",
            description = "Quotes around all names: a newer server reads also those that are words of its language.")
    boolean quoteAll;

    @Option(
            names = "--globals",
            description = "Also the roles, memberships and settings of the server, and its tablespaces.")
    boolean globals;

    @Option(
            names = "--role-passwords",
            description = "With --globals: also the roles' passwords, hashed. Only into an encrypted backup.")
    boolean rolePasswords;

    @Option(
            names = "--inconsistent",
            description = "With Citus: the rows of its nodes may be of different moments. See that nobody writes.")
    boolean inconsistent;

    @Mixin
    BackupCopy copy;

    @Mixin
    FleetOptions fleet;

    @Option(names = "--strict", description = "End with 22 if the database has no table, as in CI.")
    boolean strict;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }

    @Override
    FleetEffect effect() {
        return FleetEffect.SAVES;
    }

    @Override
    Optional<Job> job() {
        return Optional.of(Job.BACKUP);
    }

    @Override
    int run() throws Exception {
        if (jobs != null && (jobs < 1 || jobs > 64))
            throw Failure.usage("--jobs is " + jobs, "name a number from 1 to 64.");
        try (Database db = openToRead()) {
            BackupOptions options = options(db);
            BackupWriter.Written result = OperationLog.recordIfPossible(db, "backup create", details -> {
                BackupWriter.Written written = BackupWriter.write(db, options);
                details.put("file", written.file().toString());
                details.put("bytes", written.metadata().encoding().bytes());
                return written;
            });
            show(db, result);
            return result.metadata().content().tables().isEmpty()
                    ? nothing(db + " has no table, so no row was backed up", strict)
                    : Exit.DONE;
        }
    }

    private BackupOptions options(Database db) throws SQLException, IOException {
        List<String> encryptTo = recipients.isEmpty() ? Backups.recipients(db) : recipients;
        if (rolePasswords && !globals)
            throw Failure.usage("--role-passwords is for what --globals backs up", "add --globals.");
        if (globals && copy.isAsked())
            throw Failure.usage(
                    "--globals is for backups, and --masked and --subset make a copy for developers",
                    "leave one of them out.");
        if (rolePasswords && encryptTo.isEmpty())
            throw Failure.refused(
                    "passwords of roles are backed up encrypted only",
                    "add --encrypt-to RECIPIENT, set BACKUP_ENCRYPT_TO, or leave out --role-passwords.");
        return new BackupOptions(
                places(db),
                compression,
                level,
                jobs == null ? share(BackupOptions.defaultJobs()) : jobs,
                encryptTo,
                excluded,
                source,
                quoteAll ? Schema.Quotes.ALWAYS : Schema.Quotes.IF_NEEDED,
                serverObjects(),
                inconsistent ? BackupOptions.Moment.OF_EACH_NODE : BackupOptions.Moment.ONE,
                copy.extract(db, invocation()));
    }

    private BackupOptions.ServerObjects serverObjects() {
        if (!globals) return BackupOptions.ServerObjects.LEFT_OUT;
        return rolePasswords
                ? BackupOptions.ServerObjects.WITH_PASSWORDS
                : BackupOptions.ServerObjects.WITHOUT_PASSWORDS;
    }

    private List<BackupStore> places(Database db) {
        if (to != null && dir != null)
            throw Failure.usage("--to and --dir both say where the backup goes", "leave one of them out.");
        String named = to != null ? to : dir;
        List<BackupStore> places = new ArrayList<>();
        places.add(named == null ? Backups.target(db) : Backups.ofOne(db, Backups.store(named, settings())));
        also.forEach(place -> places.add(Backups.ofOne(db, Backups.store(place, settings()))));
        return places;
    }

    private void show(Database db, BackupWriter.Written written) {
        BackupFile file = written.file();
        BackupMetadata known = written.metadata();
        List<String> without = known.content().excludedTableData();
        DeveloperCopy made = known.origin().copy();
        summarize((made == null ? "Backed up " + db : "Wrote " + made + " of " + db + ", which is no backup") + ": "
                + BackupSummary.extent(known) + ".");
        copy.tell(out());
        if (!without.isEmpty()) out().print("Without the rows of " + String.join(", ", without) + ".");
        written.files().forEach(copy -> out().print(copy.place()));
        Map<String, Object> document = BackupSummary.json(file, known);
        if (!also.isEmpty())
            document.put(
                    "copies",
                    written.files().stream().skip(1).map(BackupFile::place).toList());
        out().json(document);
    }
}
