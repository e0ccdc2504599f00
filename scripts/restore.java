///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Restore a backup, or what pg_dump wrote as plain SQL: all of it or nothing
//DOCS ../docs/restore.md
//JAVA 17+
//JAVA_OPTIONS -XX:Tier3InvocationThreshold=2000 -XX:Tier3MinInvocationThreshold=1000 -XX:Tier3CompileThreshold=4000
//JAVA_OPTIONS -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=20000
//JAVA_OPTIONS -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=20000000
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Restore
//SOURCES common.java
//SOURCES avdaily/restore/package-info.java
//SOURCES restore/PartRun.java
//SOURCES restore/RestorePart.java
//SOURCES restore/RestoreScript.java
//SOURCES restore/RestoreServer.java

import avdaily.backup.BackupFile;
import avdaily.backup.BackupOptions;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.restore.DumpReader;
import avdaily.restore.RestoreOptions;
import avdaily.restore.Restorer;
import avdaily.restore.SwapRevert;
import avdaily.sql.Sql;
import avdaily.sql.TablePattern;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts a backup, ours or a plain-SQL dump of pg_dump, into a database: all of it or nothing. */
@Command(
        name = "avdaily-restore",
        description =
                "Restore a backup: ours, or what pg_dump wrote as plain SQL, compressed or not. All of it or nothing. "
                        + "Needs DB_RESTORE_CONFIRM=1.")
class Restore extends RestoreScript {
    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "swap: into a new database, which then takes the old one's place; the old one is kept. "
                    + "in-place: in one transaction. Default: swap where the role may create databases and the "
                    + "target is not empty.")
    RestoreOptions.Mode mode;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Connections that load at the same time in a swap (default: the processors here, 2 to 8).")
    int jobs = BackupOptions.defaultJobs();

    @Option(
            names = "--prove",
            description = "Before a swap, compare the rows of every table with the sums that the backup keeps of them.")
    boolean prove;

    @Mixin
    RestoreServer server;

    @Option(
            names = "--leave-empty",
            paramLabel = "VIEW",
            description = "Do not fill this materialized view, as in public.totals or public.*; may be given more than "
                    + "once.")
    List<String> leftEmpty = new ArrayList<>();

    public static void main(String... args) {
        Script.main(new Restore(), args);
    }

    @Override
    int run() throws Exception {
        part.check();
        server.check(source.back || part.list || part.isAsked());
        if (source.back && (part.list || part.isAsked()))
            throw Failure.usage("--back exchanges whole databases", "name a backup for a part of it.");
        if (source.back) return back();
        if (part.list || part.isAsked()) return new PartRun(this).run();
        if (jobs < 1) throw Failure.usage("--jobs is " + jobs, "name 1 or more.");
        if (source.latest)
            try (Database db = Database.openOrPlan(invocation(), choice(), into)) {
                DumpReader dump = begun(newest(db));
                return unlessDamaged(dump, () -> restore(db, dump));
            }
        DumpReader dump = begun(Backups.existing(source.file, settings()));
        return unlessDamaged(dump, () -> {
            try (Database db = Database.openOrPlan(invocation(), choice(), server.name(dump, into))) {
                return restore(db, dump);
            }
        });
    }

    /** That the file is damaged matters more than what failed before it was known. */
    private static int unlessDamaged(DumpReader dump, Callable<Integer> work) throws Exception {
        try {
            return work.call();
        } catch (Exception e) {
            dump.mustBeWhole();
            throw e;
        }
    }

    private DumpReader begun(BackupFile file) throws Exception {
        return DumpReader.begin(file, Backups.identity(settings(), identity), out(), this::describe);
    }

    private int restore(Database db, DumpReader dump) throws Exception {
        Instant start = Instant.now();
        if (dryRun || out().isInteractive()) dump.mustBeWhole(); // before somebody decides
        refuseCopyInProduction(db, dump);
        try (Restorer restorer = new Restorer(db, dump, options())) {
            server.mustBeNew(restorer, db);
            restorer.plan().forEach(out()::print);
            if (dryRun) {
                out().print("Dry run: nothing was written.");
                out().json(document(db, dump, restorer, null, start));
                return Exit.DONE;
            }
            restorer.mustBeTrusted();
            gate(db, "replace all that is in " + db + " by the backup " + dump.file() + from(dump))
                    .destructive();
            Restorer.Result result = restorer.restore();
            restorer.recordFirst();
            report(db, dump, restorer, result, start);
        }
        return Exit.DONE;
    }

    private int back() throws Exception {
        try (Database db = Database.openOrPlan(invocation(), choice(), into);
                SwapRevert back = new SwapRevert(db)) {
            back.plan().forEach(out()::print);
            Optional<String> kept = Optional.empty();
            if (dryRun) {
                out().print("Dry run: nothing was changed.");
            } else {
                gate(db, "replace " + db + " by " + back.target()).destructive();
                kept = back.go();
                out().print("Went back: " + db + " is what " + back.target() + " was."
                        + kept.map(name ->
                                        " The one that was there is kept as " + name + "; --back again returns to it.")
                                .orElse(""));
            }
            out().json(Json.object(
                    "database",
                    db.name(),
                    "environment",
                    db.environment().toString(),
                    "fromDatabase",
                    back.target(),
                    "dryRun",
                    dryRun,
                    "keptDatabase",
                    kept.orElse(null)));
        }
        return Exit.DONE;
    }

    private void describe(DumpReader dump) {
        out().print("Backup " + dump.file() + from(dump) + " is whole: "
                + Format.count(dump.contents().tableCount(), "table") + ", "
                + Format.count(
                        dump.contents().rowCount() + dump.contents().insertCount(),
                        dump.contents().insertCount() > 0 ? "row or INSERT" : "row")
                + ", " + Format.bytes(dump.bytes()) + " of SQL.");
        if (dump.metadata().isEmpty())
            out().note("It has no metadata beside it: its rows cannot be compared with what was backed up"
                    + (dump.file().place().matches(".*\\.(gz|zst|age)$") ? "." : ", nor would an altered byte show."));
    }

    private RestoreOptions options() {
        return new RestoreOptions(
                mode,
                jobs,
                owners(),
                leftEmpty.stream().map(TablePattern::new).toList(),
                RestoreOptions.Rows.LOADED,
                prove ? RestoreOptions.Proof.CONTENT : RestoreOptions.Proof.NUMBERS,
                server.wanted(),
                Optional.empty());
    }

    private void report(Database db, DumpReader dump, Restorer restorer, Restorer.Result result, Instant start) {
        result.skipped().forEach(what -> out().print("Left out: " + what));
        out().print("Restored " + db + " from " + dump.file() + " in "
                + Format.duration(Duration.between(start, Instant.now())) + "; the "
                + (result.isProven() ? "rows are those of the backup." : "row counts are right."));
        result.kept().ifPresent(kept -> out().print("The old database is kept as " + kept + ". Go back: "
                + permissions(db) + "avdaily-restore --back"
                + (into == null ? "" : " " + Format.words(List.of("--into", into)))
                + ". When you are sure: DROP DATABASE " + Sql.quoted(kept) + ";"));
        out().json(document(db, dump, restorer, result, start));
    }

    /** The variables that a restore of this database needs, as they are typed in front of the command. */
    private static String permissions(Database db) {
        String always = "DB_RESTORE_CONFIRM=1 ";
        return db.environment() == Environment.PRODUCTION ? always + "DB_RESTORE_ALLOW_PRODUCTION=1 " : always;
    }

    private Object document(Database db, DumpReader dump, Restorer restorer, Restorer.Result result, Instant start) {
        Map<String, Object> document = Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "file",
                dump.file().place(),
                "mode",
                restorer.mode().toString(),
                "dryRun",
                dryRun,
                "tableCount",
                dump.contents().tableCount(),
                "rows",
                dump.contents().rowCount(),
                "bytes",
                dump.bytes(),
                "keptDatabase",
                Optional.ofNullable(result).flatMap(Restorer.Result::kept).orElse(null),
                "leftOut",
                result == null ? List.of() : result.skipped(),
                "durationMillis",
                Duration.between(start, Instant.now()).toMillis());
        restorer.globals().ifPresent(statements -> document.put("globals", statements));
        return document;
    }
}
