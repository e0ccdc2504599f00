package avdaily.monitor;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupStore;
import avdaily.backup.Backups;
import avdaily.base.Format;
import avdaily.deploy.Thresholds;
import avdaily.deploy.Thresholds.Measure;
import avdaily.monitor.HealthCheck.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** The age of the newest whole backup; a damaged one above it is critical, for the next one may be damaged too. */
record BackupCheck(HealthContext context, Backups.Proof proof) {
    HealthCheck run() {
        Backups.Newest newest = Backups.newestOf(context.db(), proof);
        return newest.file().map(file -> found(file, newest.damaged())).orElseGet(() -> missing(newest.damaged()));
    }

    private HealthCheck found(BackupFile file, List<BackupFile> damaged) {
        Instant time = file.metadata().orElseThrow().origin().time();
        double age = Math.max(0, Duration.between(time, Instant.now()).toSeconds());
        String text = file + " is " + HealthContext.time(age) + " old, " + Format.bytes(file.size())
                + (proof == Backups.Proof.CHECKSUM ? ", its checksum is right" : "");
        return HealthCheck.of(
                HealthCheck.Name.BACKUP,
                damaged.isEmpty() ? context.level(Measure.BACKUP_AGE, age) : Thresholds.Level.CRITICAL,
                text + also(damaged),
                Metric.of("backup_age_seconds", age),
                Metric.of("backup_bytes", file.size()));
    }

    private HealthCheck missing(List<BackupFile> damaged) {
        BackupStore place = Backups.store(context.db().settings()).absolute();
        String what = (damaged.isEmpty() ? "" : "whole ") + "backup of "
                + context.db().name() + " (" + context.db().environment() + ")";
        return HealthCheck.of(
                HealthCheck.Name.BACKUP,
                Thresholds.Level.CRITICAL,
                "there is no " + what + " in " + place + also(damaged));
    }

    private static String also(List<BackupFile> damaged) {
        if (damaged.isEmpty()) return "";
        return "; damaged: " + damaged.stream().map(BackupFile::toString).collect(Collectors.joining(", "));
    }
}
