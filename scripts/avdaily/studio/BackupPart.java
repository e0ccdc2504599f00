package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.backup.BackupChecks;
import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.BackupStore;
import avdaily.backup.Backups;
import avdaily.backup.Retention;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.Samples;
import avdaily.monitor.Trend;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The backups of the database: how large, how they grew, and which of them the project's rules let go. */
final class BackupPart {
    private static final int MOST_BACKUPS = 30;

    private final Database db;
    private final Optional<Retention> retention;

    /** @param retention the project's rules of which backups stay */
    BackupPart(Database db, Optional<Retention> retention) {
        this.db = db;
        this.retention = retention;
    }

    /** @param checks when they were read whole, by checksum, as the operation log has it */
    Html show(Connection c, Map<String, BackupChecks.Check> checks) throws SQLException {
        return Show.section(
                "backups",
                "Backups",
                list(checks),
                ForeignCode.isOpsBelieved(c) ? history(c) : Html.NOTHING,
                element(
                        "p",
                        kind("ways"),
                        element("span", "Make one: ", command("avdaily-backup create")),
                        element("span", "Read the newest whole: ", command("avdaily-backup verify")),
                        element(
                                "span",
                                "See which would go: ",
                                command("avdaily-backup prune --dry-run "
                                        + retention.map(Retention::options).orElse("--keep-last 7")))));
    }

    /** How large the backups were that a command of this toolkit made, and how long they took. */
    private Html history(Connection c) {
        Trend trend = new Trend(Samples.of(db, c, Samples.Source.BACKUP), Instant.now());
        return Stream.of("backup_bytes", "backup_rows", "backup_seconds")
                .filter(name -> !trend.history(name).isEmpty())
                .map(name -> OverviewPage.history(
                        name, trend.history(name), trend.samples().get(0).at()))
                .collect(Html.joined());
    }

    /** A bucket may be out of reach; what else the page shows is not. */
    private Html list(Map<String, BackupChecks.Check> checks) {
        Grid grid = new Grid("Backups of this database, the newest first", "File")
                .text("When")
                .text("Share")
                .number("Size")
                .number("Rows")
                .text("Schema")
                .text("Read whole")
                .text("Drill")
                .text("By the rules of avdaily.yaml");
        try {
            BackupStore place = Backups.store(db.settings());
            List<BackupFile> files = place.files().stream().limit(MOST_BACKUPS).toList();
            long most = files.stream().mapToLong(BackupFile::size).max().orElse(0);
            Map<BackupFile, Retention.Decision> decisions = decisions(files);
            files.forEach(file -> row(grid, file, most, checks, decisions.get(file)));
            return grid.or("There is none in " + place + ".");
        } catch (Failure e) {
            return element("p", kind("notice warning"), e.getMessage() + ". ", element("strong", "Go on: "), e.next);
        }
    }

    /** Which backup stays does not depend on older ones. */
    private Map<BackupFile, Retention.Decision> decisions(List<BackupFile> newestFirst) {
        Map<BackupFile, Retention.Decision> decisions = new HashMap<>();
        retention.ifPresent(rules -> rules.evaluate(newestFirst, Backups.Proof.SIZE)
                .forEach(decision -> decisions.put(decision.file(), decision)));
        return decisions;
    }

    /** @param decision what the rules say of it; null if there are none */
    private void row(
            Grid grid,
            BackupFile file,
            long most,
            Map<String, BackupChecks.Check> checks,
            Retention.Decision decision) {
        Html fate = decision == null ? Html.of("stays: there are none") : fate(decision);
        try {
            if (file.distrust().isPresent()) return;
            Optional<BackupMetadata> known = metadata(file, decision);
            if (known.isEmpty() || !known.get().isOf(db)) return;
            BackupMetadata metadata = known.get();
            String version = metadata.origin().schemaVersion();
            BackupChecks.Check check =
                    checks.getOrDefault(metadata.encoding().sha256(), BackupChecks.Check.NONE);
            grid.row(
                    file,
                    Show.time(metadata.origin().time()),
                    Show.bar(most, file.size()),
                    Show.bytes(file.size()),
                    metadata.takesKey()
                            ? "sealed"
                            : Show.number(metadata.content().rows()),
                    version == null ? "" : "version " + version,
                    readWhole(check),
                    drill(check),
                    fate);
        } catch (Failure damaged) {
            if (damaged.kind != Failure.Kind.DAMAGED) throw damaged;
            grid.row(file, Show.badge("critical", "damaged"), "", Show.bytes(file.size()), "", "", "", "", fate);
        }
    }

    /** Of a bucket each reading is a request, and who decided has read them. */
    private static Optional<BackupMetadata> metadata(BackupFile file, Retention.Decision decision) {
        return decision == null || decision.metadata() == null
                ? file.metadata()
                : Optional.of(decision.metadata());
    }

    /** A check that came to no good end since then counts more: the file may be damaged by now. */
    private static Object readWhole(BackupChecks.Check check) {
        Object time = time(check.verified());
        boolean isFailed = check.failed()
                .filter(failed -> check.verified().map(failed::isAfter).orElse(true))
                .isPresent();
        return isFailed
                ? Html.all(time, " ", Show.badge("warning", "a check failed"), " ", time(check.failed()))
                : time;
    }

    private static Object drill(BackupChecks.Check check) {
        Object time = time(check.drilled());
        return check.findings() == 0
                ? time
                : Html.all(time, " ", Show.badge("critical", Format.count(check.findings(), "finding")));
    }

    private static Object time(Optional<Instant> at) {
        return at.<Object>map(Show::time).orElse("");
    }

    private static Html fate(Retention.Decision decision) {
        return decision.isExpired()
                ? Show.badge("warning", "would go")
                : Html.all("stays: ", decision.why());
    }

    /** As it is called where the studio was started. */
    private Html command(String text) {
        return Show.command(db.out().pasteable(text));
    }
}
