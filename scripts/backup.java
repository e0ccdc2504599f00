///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Back up a database into one compressed SQL file, and look after the files
//DESCRIPTION Commands: create, list, info, verify, prune
//DOCS ../docs/backup.md
//DOCS format=../docs/backup-format.md
//JAVA 17+
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Backup
//SOURCES common.java
//SOURCES avdaily/backup/package-info.java
//SOURCES avdaily/integrity/package-info.java
//SOURCES avdaily/restore/package-info.java

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.backup.Backups;
import avdaily.backup.Retention;
import avdaily.backup.Verifier;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.OperationLog;
import avdaily.restore.RestoreDrill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Backs up a database into one ordinary compressed SQL file, and looks after the files: list, info, verify, prune. */
@Command(
        name = "avdaily-backup",
        description =
                "Back up the database into one compressed SQL file that 'gunzip -c FILE | psql' restores too. Without a command: create.",
        subcommands = {BackupCreate.class, BackupList.class, BackupInfo.class, BackupVerify.class, BackupPrune.class})
class Backup extends BackupWriting {
    public static void main(String... args) {
        Script.main(new Backup(), args);
    }
}

/** What all the commands share: the folder. */
abstract class BackupScript extends Script {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Folder of the backups (default: BACKUP_DIR, else ./backups).")
    Path dir;

    Path folder() {
        return dir != null ? dir : Backups.folder(settings());
    }

    /** The file that the user names, as a path or as a name in the folder; without one, the newest. */
    BackupFile file(Path named) {
        if (named == null)
            return BackupFile.in(folder()).stream()
                    .findFirst()
                    .orElseThrow(() -> Failure.usage(
                            "there is no backup in " + folder(),
                            "name a file, or the folder with --dir or BACKUP_DIR."));
        return BackupFile.existing(Files.exists(named) ? named : folder().resolve(named));
    }

    static Map<String, Object> json(BackupFile file, BackupFile.Metadata metadata) {
        return Json.object(
                "file",
                file.path().toString(),
                "createdAt",
                metadata.createdAt(),
                "environment",
                metadata.environment(),
                "database",
                metadata.database(),
                "serverVersion",
                metadata.serverVersion(),
                "schemaVersion",
                metadata.schemaVersion(),
                "compression",
                metadata.compression().toString().toLowerCase(),
                "encryptedTo",
                metadata.encryptedTo(),
                "tables",
                metadata.tables().size(),
                "rows",
                metadata.rows(),
                "bytes",
                metadata.bytes(),
                "dataBytes",
                metadata.dataBytes(),
                "sha256",
                metadata.sha256(),
                "schemaFrom",
                metadata.schemaFrom(),
                "durationMillis",
                metadata.durationMillis());
    }
}

@Command(
        name = "create",
        description = "Back up the database. Reads one consistent state; changes nothing; never asks.")
class BackupCreate extends BackupWriting {}

/** What 'avdaily-backup' and 'avdaily-backup create' do. */
abstract class BackupWriting extends BackupScript {
    @Option(
            names = "--compress",
            paramLabel = "KIND",
            defaultValue = "gzip",
            description = "gzip, zstd or none (default: ${DEFAULT-VALUE}).")
    BackupFile.Compression compression;

    @Option(
            names = "--level",
            paramLabel = "N",
            description = "How much to compress: gzip 1 to 9 (default 4), zstd 1 to 22 (default 1).")
    Integer level;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Connections that read at the same time (default: as many as processors, 2 to 8).")
    Integer jobs;

    @Option(
            names = "--encrypt-to",
            paramLabel = "RECIPIENT",
            description = "Encrypt to this age public key (age1...); may be given more than once.")
    List<String> recipients = new ArrayList<>();

    @Option(
            names = "--exclude-table-data",
            paramLabel = "PATTERN",
            description = "Leave out the rows of these tables, as in public.event_*; may be given more than once.")
    List<String> excluded = new ArrayList<>();

    enum SchemaSource {
        READER,
        PG_DUMP
    }

    @Option(
            names = "--schema-from",
            paramLabel = "SOURCE",
            defaultValue = "reader",
            description =
                    "Who reads the definitions: reader (our own) or pg_dump (the one on the PATH). Default: ${DEFAULT-VALUE}.")
    SchemaSource source;

    @Override
    int run() throws Exception {
        if (jobs != null && (jobs < 1 || jobs > 64))
            throw Failure.usage("--jobs is " + jobs, "name a number from 1 to 64.");
        BackupWriter.Options options = new BackupWriter.Options(
                folder(),
                compression,
                level,
                jobs == null ? BackupWriter.Options.defaultJobs() : jobs,
                recipients,
                excluded,
                source == SchemaSource.PG_DUMP);
        try (Database db = openDatabase()) {
            BackupFile file = OperationLog.recordIfPossible(db, "backup create", details -> {
                BackupFile written = BackupWriter.write(db, options);
                details.put("file", written.toString());
                details.put("bytes", written.size());
                return written;
            });
            show(db, file, file.metadata().orElseThrow());
        }
        return Exit.DONE;
    }

    private void show(Database db, BackupFile file, BackupFile.Metadata metadata) {
        out().print("Backed up " + db + ": " + Format.count(metadata.tables().size(), "table") + ", "
                + Format.count(metadata.rows(), "row") + ", " + Format.bytes(metadata.bytes()) + " (rows: "
                + Format.bytes(metadata.dataBytes()) + ") in " + Format.duration(metadata.duration()) + ".");
        if (!metadata.excludedTableData().isEmpty())
            out().print("Without the rows of " + String.join(", ", metadata.excludedTableData()) + ".");
        out().print(file.path().toString());
        out().json(json(file, metadata));
    }
}

@Command(name = "list", description = "List the backups in the folder, the newest first.")
class BackupList extends BackupScript {
    @Override
    int run() {
        List<BackupFile> files = BackupFile.in(folder());
        List<List<String>> rows = new ArrayList<>();
        List<Map<String, Object>> documents = new ArrayList<>();
        for (BackupFile file : files) {
            try {
                BackupFile.Metadata m = file.metadata().orElse(null);
                rows.add(
                        m == null
                                ? List.of(
                                        file.toString(),
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        Format.bytes(file.size()),
                                        "nothing is known about it")
                                : List.of(
                                        file.toString(),
                                        m.database(),
                                        m.environment(),
                                        m.schemaVersion() == null ? "-" : m.schemaVersion(),
                                        String.valueOf(m.tables().size()),
                                        String.format("%,d", m.rows()),
                                        Format.bytes(m.bytes()),
                                        m.encryptedTo().isEmpty() ? "" : "encrypted"));
                documents.add(
                        m == null ? Json.object("file", file.path().toString(), "bytes", file.size()) : json(file, m));
            } catch (Failure damaged) {
                rows.add(List.of(file.toString(), "", "", "", "", "", Format.bytes(file.size()), "damaged"));
                documents.add(Json.object(
                        "file", file.path().toString(), "bytes", file.size(), "damaged", damaged.getMessage()));
            }
        }
        if (files.isEmpty()) out().print("There is no backup in " + folder() + ".");
        else
            out().table(
                            List.of(
                                    "File (time in UTC)",
                                    "Database",
                                    "Environment",
                                    "Version",
                                    "Tables",
                                    "Rows",
                                    "Size",
                                    ""),
                            rows);
        out().json(Json.object("folder", folder().toString(), "backups", documents));
        return Exit.DONE;
    }
}

@Command(name = "info", description = "Say what is in a backup, by what was written beside it.")
class BackupInfo extends BackupScript {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The backup (default: the newest in the folder).")
    Path named;

    @Override
    int run() {
        BackupFile file = file(named);
        BackupFile.Metadata m = file.metadata()
                .orElseThrow(() -> Failure.usage(
                        "nothing is known about " + file + ": there is no "
                                + file.metadataPath().getFileName(),
                        "copy it from where the backup came from; 'avdaily-backup verify' reads the file itself."));
        out().print(file.path().toString());
        print("Taken", m.createdAt() + ", in " + Format.duration(m.duration()));
        print(
                "Database",
                m.database() + " (" + m.environment() + "), PostgreSQL " + m.serverVersion() + ", "
                        + Format.bytes(m.databaseBytes()));
        print(
                "Schema",
                (m.schemaVersion() == null ? "no migration history" : "version " + m.schemaVersion())
                        + (m.fingerprint() == null
                                ? ""
                                : ", fingerprint " + m.fingerprint().substring(0, 12))
                        + (m.schemaFrom().equals("reader") ? "" : ", read by " + m.schemaFrom()));
        print(
                "Locale",
                m.locale().encoding() + ", " + m.locale().provider() + " "
                        + (m.locale().locale() == null
                                ? m.locale().collate()
                                : m.locale().locale())
                        + (m.locale().collationVersion() == null
                                ? ""
                                : " " + m.locale().collationVersion()));
        print(
                "Content",
                Format.count(m.tables().size(), "table") + ", " + Format.count(m.rows(), "row") + ", "
                        + Format.bytes(m.dataBytes()));
        print(
                "File",
                Format.bytes(m.bytes()) + ", " + m.compression().toString().toLowerCase()
                        + (m.encryptedTo().isEmpty() ? "" : ", encrypted to " + String.join(", ", m.encryptedTo())));
        print("sha256", m.sha256());
        if (!m.roles().isEmpty()) print("Roles", String.join(", ", m.roles()));
        if (!m.extensions().isEmpty()) print("Extensions", String.join(", ", m.extensions()));
        if (!m.excludedTableData().isEmpty()) print("Without rows of", String.join(", ", m.excludedTableData()));
        out().print("");
        out().table(
                        List.of("Table", "Rows", "Size"),
                        m.tables().stream()
                                .sorted(Comparator.comparing(BackupFile.Table::toString))
                                .map(t ->
                                        List.of(t.toString(), String.format("%,d", t.rows()), Format.bytes(t.bytes())))
                                .toList());
        out().json(m);
        return Exit.DONE;
    }

    private void print(String name, String value) {
        out().print(String.format("%-16s%s", name, value));
    }
}

@Command(
        name = "verify",
        description =
                "Read the whole file: checksums, every block to its end, the number of rows of every table (24 if something is wrong).")
class BackupVerify extends BackupScript {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The backup (default: the newest in the folder).")
    Path named;

    @Option(
            names = "--identity",
            paramLabel = "KEYFILE",
            description = "File with the age secret key of an encrypted backup.")
    Path identity;

    @Option(
            names = "--restore",
            description =
                    "Also restore it into a scratch database of the local server, or of the one that --url names, and compare the rows of every table.")
    boolean restore;

    @Override
    int run() throws Exception {
        BackupFile file = file(named);
        Verifier.Result result = Verifier.verify(file, identity, out());
        BackupFile.Metadata m = result.metadata();
        RestoreDrill.Result drill = restore ? RestoreDrill.restore(invocation(), file, identity, url) : null;
        String checksum =
                result.checksum() ? "its checksum is right" : "there is no checksum beside it to compare with";
        out().print(
                        m == null
                                ? file + " can be read to its end (" + Format.bytes(result.bytes()) + "); " + checksum
                                        + ", and no metadata."
                                : file + " is whole: " + Format.count(m.tables().size(), "table") + ", "
                                        + Format.count(m.rows(), "row") + "; " + checksum + ".");
        if (drill != null)
            out().print("Restored into " + drill.server() + " in " + Format.duration(drill.took())
                    + ", with the rows of every table as they were; that scratch database is dropped again.");
        if (drill != null)
            out().print(
                            drill.findings().isEmpty()
                                    ? "The data in it breaks no critical integrity rule."
                                    : "Findings in its data:");
        if (drill != null) drill.findings().forEach(finding -> out().print("  " + finding));
        out().json(Json.object(
                "file",
                file.path().toString(),
                "checksum",
                result.checksum(),
                "metadata",
                m != null,
                "rows",
                m == null ? null : m.rows(),
                "restored",
                drill != null,
                "restoreSeconds",
                drill == null ? null : drill.took().toMillis() / 1000.0,
                "findings",
                drill == null ? null : drill.findings()));
        return drill == null || drill.findings().isEmpty()
                ? Exit.DONE
                : findings(
                        Format.count(drill.findings().size(), "finding") + " in the data of " + file,
                        "the backup is whole; 'avdaily-integrity check' looks at the database it came from.");
    }
}

@Command(
        name = "prune",
        description =
                "Delete the backups that no --keep rule keeps. The newest good one always stays; files that are not ours are left alone.")
class BackupPrune extends BackupScript {
    @Option(names = "--keep-last", paramLabel = "N", description = "Keep the last N backups of each database.")
    int last;

    @Option(
            names = "--keep-daily",
            paramLabel = "N",
            description = "Keep the newest of each of the last N days that have one.")
    int daily;

    @Option(
            names = "--keep-weekly",
            paramLabel = "N",
            description = "Keep the newest of each of the last N weeks that have one.")
    int weekly;

    @Option(
            names = "--keep-monthly",
            paramLabel = "N",
            description = "Keep the newest of each of the last N months that have one.")
    int monthly;

    @Option(names = "--dry-run", description = "Say what would go and what would stay, delete nothing.")
    boolean dryRun;

    @Override
    int run() throws IOException {
        Retention retention = retention();
        List<Retention.Decision> verdicts = retention.evaluate(BackupFile.in(folder()));
        List<Retention.Decision> going =
                verdicts.stream().filter(Retention.Decision::isExpired).toList();
        out().table(
                        List.of("File", "", "Why"),
                        verdicts.stream()
                                .map(v -> List.of(v.file().toString(), v.isExpired() ? "goes" : "stays", v.why()))
                                .toList());
        if (!going.isEmpty() && !dryRun) {
            gate(going).destructive();
            for (Retention.Decision verdict : going) verdict.file().delete();
        }
        long bytes = going.stream().mapToLong(v -> v.metadata().bytes()).sum();
        out().print((dryRun ? "Dry run, nothing was deleted: " : "") + Format.count(going.size(), "backup")
                + (dryRun ? " would go" : " deleted") + " (" + Format.bytes(bytes) + "), "
                + (verdicts.size() - going.size()) + " stay" + (verdicts.size() - going.size() == 1 ? "s." : "."));
        out().json(Json.object(
                "folder",
                folder().toString(),
                "dryRun",
                dryRun,
                "deleted",
                going.stream().map(v -> v.file().toString()).toList(),
                "kept",
                verdicts.stream()
                        .filter(v -> !v.isExpired())
                        .map(v -> Json.object("file", v.file().toString(), "why", v.why()))
                        .toList()));
        return Exit.DONE;
    }

    private Retention retention() {
        if (Math.min(Math.min(last, daily), Math.min(weekly, monthly)) < 0)
            throw Failure.usage("a --keep rule is negative", "name how many to keep.");
        Retention retention = new Retention(last, daily, weekly, monthly);
        if (retention.isEmpty())
            throw Failure.usage(
                    "no --keep rule keeps anything, so this would delete every backup",
                    "say what stays, as in --keep-last 7 --keep-weekly 4.");
        return retention;
    }

    /** The most dangerous environment among those whose backups go decides how it asks. */
    private Gate gate(List<Retention.Decision> going) {
        BackupFile.Metadata most = going.stream()
                .map(Retention.Decision::metadata)
                .max(Comparator.comparing(m -> Environment.parse(m.environment())))
                .orElseThrow();
        return Gate.before(
                invocation(),
                Environment.parse(most.environment()),
                most.database(),
                "delete " + Format.count(going.size(), "backup") + " in " + folder());
    }
}
