import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.BackupSummary;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.console.Exit;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "info", description = "Say what is in a backup, by what was written beside it.")
class BackupInfo extends BackupScript {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The backup (default: the database's newest in the folder).")
    String named;

    @Option(
            names = "--identity",
            paramLabel = "KEYFILE",
            description = "File with the age secret key, for all that is known of an encrypted backup "
                    + "(default: BACKUP_IDENTITY).")
    Path identity;

    @Override
    int run() {
        BackupFile file = file(named);
        Path key = Backups.identity(settings(), identity);
        BackupMetadata known = (key == null ? file.metadata() : file.metadata(key))
                .orElseThrow(() -> Failure.usage(
                        "nothing is known about " + file + ": there is no " + file.metadataName(),
                        "copy it from where the backup came from; 'avdaily-backup verify' reads the file itself."));
        out().print(file.place());
        BackupSummary.page(known).forEach(out()::print);
        if (!known.takesKey()) {
            out().print("");
            out().table(List.of("Table", "Rows", "Size"), rows(known.content().tables()));
        }
        out().json(known);
        return Exit.DONE;
    }

    private static List<List<String>> rows(List<BackupMetadata.Table> tables) {
        return tables.stream()
                .sorted(Comparator.comparing(BackupMetadata.Table::toString))
                .map(table ->
                        List.of(table.toString(), String.format("%,d", table.rows()), Format.bytes(table.bytes())))
                .toList();
    }
}
