import avdaily.backup.BackupOptions;
import avdaily.backup.Backups;
import avdaily.backup.TableSums;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.restore.ContentComparison;
import avdaily.restore.DumpReader;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
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
        List<ContentComparison.Difference> all = ContentComparison.of(content(first), content(second));
        List<ContentComparison.Difference> different = all.stream()
                .filter(one -> one.verdict() != ContentComparison.Verdict.EQUAL)
                .toList();
        out().table(
                        List.of("Table", "First", "Second", ""),
                        all.stream()
                                .map(one -> List.of(
                                        one.table(),
                                        rows(one.first()),
                                        rows(one.second()),
                                        one.verdict().toString()))
                                .toList());
        out().json(Json.object(
                "equal",
                different.isEmpty(),
                "tables",
                all.stream()
                        .map(one -> Json.object(
                                "table",
                                one.table(),
                                "verdict",
                                one.verdict().toString(),
                                "firstRows",
                                one.first() == null ? null : one.first().rows(),
                                "secondRows",
                                one.second() == null ? null : one.second().rows()))
                        .toList()));
        if (different.isEmpty()) {
            out().print("The rows of " + Format.count(all.size(), "table") + " are the same.");
            return Exit.DONE;
        }
        return findings(
                Format.count(different.size(), "table") + " of " + all.size() + " differ: "
                        + different.get(0).table() + " is " + different.get(0).verdict(),
                "see the table above; one table comes back by avdaily-restore FILE --table.");
    }

    private static String rows(ContentComparison.Content content) {
        return content == null ? "" : String.valueOf(content.rows());
    }

    private SortedMap<String, ContentComparison.Content> content(String named) throws Exception {
        if (named.contains("://") && !Backups.isAddress(named)) {
            DatabaseUrl address = DatabaseUrl.parse(named, settings());
            try (Database db = Database.at(address, Environment.DEVELOPMENT, invocation())) {
                return ContentComparison.of(TableSums.of(db, BackupOptions.defaultJobs()));
            }
        }
        return ContentComparison.of(DumpReader.check(existing(named), Backups.identity(settings(), identity), out()));
    }
}
