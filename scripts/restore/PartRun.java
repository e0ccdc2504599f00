import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.restore.DumpReader;
import avdaily.restore.PartRestorer;
import avdaily.restore.PartSelection;
import avdaily.restore.RowMerge;
import avdaily.sql.DottedName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What 'avdaily-restore' does with a part of a backup: show it, restore it, or put its rows into a table. */
final class PartRun {
    private final RestoreScript script;
    private final Out out;

    PartRun(RestoreScript script) {
        this.script = script;
        this.out = script.out();
    }

    int run() throws Exception {
        if (script.source.file != null && script.part.list)
            return list(read(Backups.existing(script.source.file, script.settings())));
        try (Database db = Database.openOrPlan(script.invocation(), script.choice(), script.into)) {
            DumpReader dump = read(
                    script.source.latest ? script.newest(db) : Backups.existing(script.source.file, script.settings()));
            if (script.part.list) return list(dump);
            script.refuseCopyInProduction(db, dump);
            return script.part.dataOnly ? rows(db, dump) : definitions(db, dump);
        }
    }

    private DumpReader read(BackupFile file) throws Exception {
        return DumpReader.checkDefinitions(file, Backups.identity(script.settings(), script.identity), out);
    }

    private int definitions(Database db, DumpReader dump) throws Exception {
        PartSelection part = script.part.selection();
        try (PartRestorer restorer = new PartRestorer(db, dump, part, script.owners())) {
            out.print("From " + dump.file() + RestoreScript.from(dump) + ":");
            restorer.plan().forEach(out::print);
            if (script.dryRun) {
                out.print("Dry run: nothing was written.");
                return document(db, dump, Map.of(), List.of());
            }
            script.gate(db, "restore a part of the backup " + dump.file() + RestoreScript.from(dump) + " into " + db)
                    .destructive();
            PartRestorer.Result result = restorer.restore();
            result.left().forEach(what -> out.print("Left out: " + what));
            result.rows()
                    .forEach((table, rows) -> out.print("Restored " + table + ", " + Format.count(rows, "row") + "."));
            return document(db, dump, result.rows(), result.left());
        }
    }

    private int document(Database db, DumpReader dump, Map<String, Long> rows, List<String> left) {
        Map<String, Object> answer = answer(db, dump);
        answer.put("tables", tables(rows.keySet(), rows));
        answer.put("leftOut", left);
        out.json(answer);
        return Exit.DONE;
    }

    /** The beginning of the document of every run that has a database. */
    private Map<String, Object> answer(Database db, DumpReader dump) {
        return Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "file",
                dump.file().place(),
                "dryRun",
                script.dryRun);
    }

    private static List<Map<String, Object>> tables(Collection<String> tables, Map<String, Long> rows) {
        return tables.stream()
                .map(table -> Json.object("table", table, "rows", rows.getOrDefault(table, 0L)))
                .toList();
    }

    // -- rows alone

    private int rows(Database db, DumpReader dump) throws Exception {
        PartSelection part = script.part.selection();
        List<String> tables = part.of(dump);
        if (tables.size() > 1)
            throw Failure.usage(
                    "--data-only is for one table, and there are " + tables.size() + ": " + String.join(", ", tables),
                    "name one of them.");
        String from = tables.get(0);
        DottedName to = part.target(from);
        try (RowMerge merge = new RowMerge(db, dump, from, to, Optional.ofNullable(script.part.where))) {
            RowMerge.Difference found = merge.difference();
            show(dump, from, to, found, merge.examples());
            Long run = null;
            if (script.dryRun || found.isNone()) {
                out.print(script.dryRun ? "Dry run: nothing was written." : "There is nothing to restore.");
            } else {
                script.gate(
                                db,
                                "insert " + Format.count(found.missing(), "row") + " into " + to + " of " + db
                                        + " and replace " + found.different())
                        .destructive();
                run = merge.merge(found);
                out.print("Inserted " + Format.count(found.missing(), "row") + " and replaced " + found.different()
                        + ". This was run " + run + ". Take it back: avdaily-integrity fix --undo " + run);
            }
            Map<String, Object> answer = answer(db, dump);
            answer.putAll(Json.object(
                    "table",
                    to.toString(),
                    "missing",
                    found.missing(),
                    "different",
                    found.different(),
                    "same",
                    found.same(),
                    "extra",
                    found.extra(),
                    "run",
                    run));
            out.json(answer);
            return Exit.DONE;
        }
    }

    private void show(DumpReader dump, String from, DottedName to, RowMerge.Difference found, List<String> examples) {
        out.print("Rows of " + from + " in " + dump.file() + RestoreScript.from(dump) + ", beside " + to + ":");
        out.print("  " + Format.count(found.missing(), "row") + " that it lacks, which are inserted");
        out.print("  " + Format.count(found.different(), "row") + " with other values, which are replaced");
        examples.forEach(example -> out.print("    " + example));
        if (found.different() > examples.size()) out.print("    ...");
        out.print("  " + Format.count(found.same(), "row") + " that it has");
        out.print("  " + Format.count(found.extra(), "row") + " that only it has, which stay");
    }

    // -- what is in it

    private int list(DumpReader dump) {
        Map<String, Long> rows = dump.contents().rows();
        Map<String, BackupMetadata.Table> known = dump.metadata().stream()
                .flatMap(metadata -> metadata.content().tables().stream())
                .collect(Collectors.toMap(BackupMetadata.Table::toString, Function.identity(), (a, b) -> a));
        List<String> tables = dump.contents().tables().stream().sorted().toList();
        out.print("In " + dump.file() + RestoreScript.from(dump) + ":");
        out.table(
                List.of("Table", "Rows", "Size"),
                tables.stream()
                        .map(table -> List.of(
                                table,
                                String.valueOf(rows.getOrDefault(table, 0L)),
                                known.containsKey(table)
                                        ? Format.bytes(known.get(table).bytes())
                                        : ""))
                        .toList());
        say("Extensions", dump.contents().extensions());
        say("Roles", dump.contents().roles());
        say("Tablespaces", dump.contents().tablespaces());
        out.json(Json.object(
                "file",
                dump.file().place(),
                "tables",
                tables(tables, rows),
                "extensions",
                dump.contents().extensions(),
                "roles",
                dump.contents().roles(),
                "tablespaces",
                dump.contents().tablespaces()));
        return Exit.DONE;
    }

    private void say(String what, Set<String> names) {
        if (!names.isEmpty()) out.print(what + ": " + String.join(", ", names) + ".");
    }
}
