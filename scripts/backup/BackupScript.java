import avdaily.backup.BackupFile;
import avdaily.backup.BackupStore;
import avdaily.backup.Backups;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What all the commands of avdaily-backup share: the folder. */
abstract class BackupScript extends Script {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Folder of the backups, or s3://BUCKET/PREFIX (default: BACKUP_DIR, else the project's, else "
                    + "backups).")
    String dir;

    BackupStore folder() {
        return dir != null ? Backups.store(dir, settings()) : Backups.store(settings());
    }

    /** The file that the user names, as a path or as a name in the folder; without one, the database's newest. */
    BackupFile file(String named) {
        if (named != null) return existing(named);
        return Backups.newest(folder(), new Backups.Wanted(database(), environment()), out());
    }

    /** @throws avdaily.base.Failure (2) if there is no such file */
    BackupFile existing(String named) {
        BackupFile file = Backups.file(named, settings());
        boolean isElsewhere = Backups.isAddress(named) || file.store().leadsTo(file.name());
        boolean isOther = file.store().other(file.name()).isPresent() && !folder().leadsTo(named);
        return isElsewhere || isOther ? file.store().existing(file.name()) : folder().existing(named);
    }

    /** The name of the database that the variables name; --url may be that of the server of a drill. */
    private Optional<String> database() {
        return DatabaseUrl.named(null, settings())
                .map(named -> named.parse(settings()).database());
    }

    private Optional<Environment> environment() {
        List<Environment.Signal> signals = Environment.named(named(), settings());
        return signals.isEmpty() ? Optional.empty() : Optional.of(Environment.decide(signals, List.of()));
    }
}
