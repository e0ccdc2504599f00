import avdaily.backup.BackupSummary;
import avdaily.base.Json;
import avdaily.console.Exit;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List the backups in the folder, the newest first.")
class BackupList extends BackupScript {
    @Override
    int run() {
        List<BackupSummary.Row> rows =
                folder().files().stream().map(BackupSummary::row).toList();
        if (rows.isEmpty()) out().print("There is no backup in " + folder() + ".");
        else
            out().table(
                            BackupSummary.HEADS,
                            rows.stream().map(BackupSummary.Row::cells).toList());
        out().json(Json.object(
                "folder",
                folder().toString(),
                "backups",
                rows.stream().map(BackupSummary.Row::json).toList()));
        return Exit.DONE;
    }
}
