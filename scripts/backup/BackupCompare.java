import avdaily.backup.Backups;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.restore.ComparedContent;
import avdaily.restore.ContentComparison;
import avdaily.restore.DumpReader;
import avdaily.restore.RowDifferences;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        description = "Say of each table whether two backups or databases hold the same rows (22 if not).")
class BackupCompare extends BackupScript {
    @Parameters(index = "0", paramLabel = "FIRST", description = "A backup, or the address of a database.")
    String first;

    @Parameters(index = "1", paramLabel = "SECOND", description = "A backup, or the address of a database.")
    String second;

    @Option(
            names = "--identity",
            paramLabel = "KEYFILE",
            description = "File with the age secret key of an encrypted backup (default: BACKUP_IDENTITY).")
    Path identity;

    @Override
    int run() throws Exception {
        try (Database one = database(first);
                Database other = database(second)) {
            List<ContentComparison.Difference> all = ContentComparison.of(content(first, one), content(second, other));
            List<ContentComparison.Difference> different = all.stream()
                    .filter(each -> each.verdict() != ContentComparison.Verdict.EQUAL)
                    .toList();
            Map<String, RowDifferences> rows = one == null || other == null ? Map.of() : rows(different, one, other);
            show(all, rows);
            if (different.isEmpty()) {
                out().print("The rows of " + Format.count(all.size(), "table") + " are the same.");
                return Exit.DONE;
            }
            return findings(
                    Format.count(different.size(), "table") + " of " + all.size()
                            + (different.size() == 1 ? " differs: " : " differ: ")
                            + different.get(0).table() + " is "
                            + different.get(0).verdict(),
                    "see the table above; 'avdaily-restore FILE --table TABLE' brings back one that is missing, "
                            + "with --data-only the rows of one that is there.");
        }
    }

    /** Of tables that both databases have, with one primary key. */
    private static Map<String, RowDifferences> rows(
            List<ContentComparison.Difference> different, Database one, Database other) throws SQLException {
        Map<String, RowDifferences> rows = new TreeMap<>();
        for (ContentComparison.Difference each : different)
            if (each.verdict() == ContentComparison.Verdict.DIFFERENT)
                RowDifferences.of(one, other, each.table()).ifPresent(found -> rows.put(each.table(), found));
        return rows;
    }

    private void show(List<ContentComparison.Difference> all, Map<String, RowDifferences> rows) {
        out().table(
                        List.of("Table", "First", "Second", ""),
                        all.stream()
                                .map(each -> List.of(
                                        each.table(),
                                        count(each.first()),
                                        count(each.second()),
                                        each.verdict().toString()))
                                .toList());
        rows.forEach((table, found) -> {
            show(table + ": only the first has", found.missing());
            show(table + ": only the second has", found.extra());
            show(table + ": other values in " + String.join(", ", found.columns()) + " has", found.changed());
        });
        out().json(Json.object(
                "equal",
                all.stream().allMatch(each -> each.verdict() == ContentComparison.Verdict.EQUAL),
                "tables",
                all.stream().map(each -> json(each, rows.get(each.table()))).toList()));
    }

    private void show(String what, RowDifferences.Keys keys) {
        if (keys.count() > 0)
            out().print(what + " " + Format.count(keys.count(), "row") + ": " + String.join("; ", keys.first())
                    + (keys.count() > keys.first().size() ? "; ..." : ""));
    }

    private static Map<String, Object> json(ContentComparison.Difference each, RowDifferences rows) {
        Map<String, Object> json = Json.object(
                "table",
                each.table(),
                "verdict",
                each.verdict().toString(),
                "firstRows",
                each.first() == null ? null : each.first().rows(),
                "secondRows",
                each.second() == null ? null : each.second().rows());
        if (rows != null)
            json.put(
                    "rowDifferences",
                    Json.object(
                            "missing",
                            json(rows.missing()),
                            "extra",
                            json(rows.extra()),
                            "differing",
                            json(rows.changed()),
                            "columns",
                            rows.columns()));
        return json;
    }

    private static Map<String, Object> json(RowDifferences.Keys keys) {
        return Json.object("count", keys.count(), "keys", keys.first());
    }

    private static String count(ContentComparison.Content content) {
        return content == null ? "" : String.valueOf(content.rows());
    }

    /** Null if it is a backup. */
    private Database database(String named) throws Exception {
        if (!named.contains("://") || Backups.isAddress(named)) return null;
        return Database.at(DatabaseUrl.parse(named, settings()), Environment.DEVELOPMENT, invocation());
    }

    private ComparedContent content(String named, Database db) throws Exception {
        return db != null
                ? ComparedContent.of(db)
                : ComparedContent.of(DumpReader.check(existing(named), Backups.identity(settings(), identity), out()));
    }
}
