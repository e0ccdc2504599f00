package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.backup.BackupChecks;
import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.BackupStore;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.OperationLog;
import avdaily.db.Samples;
import avdaily.deploy.OperationHistory;
import avdaily.migrate.Migration;
import avdaily.monitor.Trend;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What was done to the database, what is being done, its migrations and its backups. */
final class OperationsPage {
    private static final int MOST_OPERATIONS = 100;
    private static final int MOST_CHECKS = 15;
    private static final int MOST_BACKUPS = 30;

    private final Database db;
    private final HealthLook health;

    OperationsPage(Database db, HealthLook health) {
        this.db = db;
        this.health = health;
    }

    Html show(Connection c) throws SQLException {
        Optional<String> whyNot = whyNoLog(c);
        List<OperationHistory.Entry> entries = whyNot.isEmpty() ? entries(c) : List.of();
        return Html.all(
                sessions(c),
                migrations(),
                checks(entries),
                backups(c),
                log(entries, whyNot.orElse("Nothing was recorded yet.")));
    }

    /** What the last integrity checks found. */
    Html checks(Connection c) throws SQLException {
        Optional<String> whyNot = whyNoLog(c);
        if (whyNot.isPresent()) return element("p", kind("nothing"), whyNot.get());
        return checks(entries(c));
    }

    /** What the newest of them found, rule by rule; nothing if there is no log of one. */
    Optional<Map<String, Object>> findings(Connection c) throws SQLException {
        if (whyNoLog(c).isPresent()) return Optional.empty();
        return entries(c).stream().filter(OperationsPage::isCheck).findFirst().map(check -> {
            List<Map<String, Object>> rules = check.details().path("findings").properties().stream()
                    .map(rule -> Json.object(
                            "rule", rule.getKey(), "count", rule.getValue().asLong()))
                    .toList();
            return Json.object("at", check.at().toString(), "scope", scope(check), "rules", rules);
        });
    }

    /** The newest first. */
    private static List<OperationHistory.Entry> entries(Connection c) throws SQLException {
        List<OperationHistory.Entry> entries =
                new ArrayList<>(OperationHistory.of(c, MOST_OPERATIONS).entries());
        Collections.reverse(entries);
        return entries;
    }

    private static boolean isCheck(OperationHistory.Entry entry) {
        return entry.command().startsWith("integrity ") && entry.details().has("critical");
    }

    /** Why the log is not read. */
    private static Optional<String> whyNoLog(Connection c) throws SQLException {
        if (!ForeignCode.isOpsBelieved(c))
            return Optional.of(
                    "avdaily_ops is passed over: it is not what this toolkit makes, of a role to be trusted.");
        if (!OperationLog.isLogged(c)) return Optional.of("This database keeps no operation log yet.");
        boolean mayRead = Database.one(
                c,
                """
                SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'avdaily_ops' AND c.relname = 'operation'""",
                Boolean.class);
        if (mayRead) return Optional.empty();
        return Optional.of("Your role may not read it. GRANT USAGE ON SCHEMA avdaily_ops and GRANT SELECT ON "
                + "avdaily_ops.operation to it show the log.");
    }

    private static Html log(List<OperationHistory.Entry> entries, String otherwise) {
        Grid grid = new Grid("What this toolkit did, the newest first", "When")
                .text("What")
                .text("Outcome")
                .text("Who")
                .text("Took")
                .text("Details");
        for (OperationHistory.Entry entry : entries) {
            List<String> cells = entry.cells();
            String outcome = cells.get(5);
            grid.row(
                    Show.time(entry.at()),
                    entry.command(),
                    Show.badge(outcome, outcome),
                    entry.who(),
                    entry.took() == null ? "" : Format.duration(entry.took()),
                    element(
                            "details",
                            element("summary", cells.get(8).isEmpty() ? "all" : cells.get(8)),
                            element("pre", Json.page(entry.details()))));
        }
        return Show.section("log", "Operation log", grid.or(otherwise));
    }

    /** The findings of the last checks, as the log has them. */
    private Html checks(List<OperationHistory.Entry> entries) {
        Grid grid = new Grid("The last integrity checks, the newest first", "When")
                .text("Of")
                .text("Share")
                .number("Critical")
                .number("Warnings")
                .number("Remarks");
        List<OperationHistory.Entry> checks = entries.stream()
                .filter(OperationsPage::isCheck)
                .limit(MOST_CHECKS)
                .toList();
        long most = checks.stream().mapToLong(OperationsPage::findings).max().orElse(0);
        for (OperationHistory.Entry check : checks)
            grid.row(
                    Show.time(check.at()),
                    scope(check),
                    Show.bar(most, findings(check)),
                    Show.number(number(check, "critical")),
                    Show.number(number(check, "warning")),
                    Show.number(number(check, "info")));
        return Show.section(
                "checks",
                "Integrity",
                grid.or("No check is in the log."),
                findings(checks),
                element("p", "The rows, and what cures them: ", command("avdaily-integrity check")));
    }

    /** What the newest check found, rule by rule, beside what was found the last time that as much was checked. */
    private Html findings(List<OperationHistory.Entry> checks) {
        if (checks.isEmpty()) return Html.NOTHING;
        OperationHistory.Entry newest = checks.get(0);
        Optional<OperationHistory.Entry> before = checks.stream()
                .skip(1)
                .filter(check ->
                        isWhole(newest) && isWhole(check) && scope(check).equals(scope(newest)))
                .findFirst();
        Grid grid = new Grid("What the newest check found", "Rule")
                .number("Findings")
                .number("Before")
                .text("The rows, and what cures them");
        newest.details()
                .path("findings")
                .properties()
                .forEach(rule -> grid.row(
                        Show.code(rule.getKey()),
                        Show.number(rule.getValue().asLong()),
                        before.map(check -> Show.number(check.details()
                                        .path("findings")
                                        .path(rule.getKey())
                                        .asLong()))
                                .orElse("not known"),
                        rule.getKey().matches("[A-Za-z0-9._-]+")
                                ? command("avdaily-integrity check --only " + rule.getKey())
                                : ""));
        return grid.isEmpty() ? Html.NOTHING : grid.html();
    }

    private static boolean isWhole(OperationHistory.Entry check) {
        return check.details().path("whole").asBoolean();
    }

    private static String scope(OperationHistory.Entry check) {
        return check.details().path("scope").asText("");
    }

    /** As it is called where the studio was started. */
    private Html command(String text) {
        return Show.command(db.out().pasteable(text));
    }

    private static long findings(OperationHistory.Entry check) {
        return number(check, "critical") + number(check, "warning") + number(check, "info");
    }

    private static long number(OperationHistory.Entry check, String name) {
        return check.details().path(name).asLong();
    }

    private Html migrations() {
        Grid grid = new Grid("Migrations in their order", "Version")
                .text("Description")
                .text("State")
                .text("When")
                .text("Who")
                .text("Took");
        for (Migration migration : health.migrations()) {
            List<String> cells = migration.cells();
            Html version = Html.link(Link.to("migration").with("title", migration.title()), cells.get(0));
            grid.row(
                    version,
                    cells.get(1),
                    Show.badge(migration.isBroken() ? "failed" : "key", cells.get(2)),
                    cells.get(3),
                    cells.get(4),
                    cells.get(5));
        }
        return Show.section(
                "migrations",
                "Migrations",
                grid.or(health.last().isEmpty() ? "The monitor is looking still." : "There is no migration history."));
    }

    /** One migration with its SQL and what undoes it. */
    Html migration(Request request) {
        Migration migration = health.migrations().stream()
                .filter(each -> each.title().equals(request.need("title")))
                .findFirst()
                .orElseThrow(() -> Failure.usage("there is no such migration", "choose one of the page Operations."));
        return Html.all(
                element(
                        "p",
                        kind("lead"),
                        migration.title() + ": " + migration.cells().get(2)),
                Show.section("forward", "What it does", sql(health.forward(migration), "Its file is not here.")),
                Show.section("undo", "What undoes it", sql(health.undo(migration), "It has no undo file.")),
                element("p", "Take it back: ", command("avdaily-migrate rollback")));
    }

    private static Html sql(Optional<String> text, String otherwise) {
        return text.map(sql -> element("pre", sql)).orElse(element("p", kind("nothing"), otherwise));
    }

    private Html backups(Connection c) throws SQLException {
        return Show.section(
                "backups",
                "Backups",
                listOfBackups(whyNoLog(c).isEmpty() ? BackupChecks.of(c) : Map.of()),
                ForeignCode.isOpsBelieved(c) ? history(c) : Html.NOTHING,
                element(
                        "p",
                        kind("ways"),
                        element("span", "Make one: ", command("avdaily-backup create")),
                        element("span", "Read the newest whole: ", command("avdaily-backup verify")),
                        element("span", "See which would go: ", command("avdaily-backup prune --dry-run"))));
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
    private Html listOfBackups(Map<String, BackupChecks.Check> checks) {
        Grid grid = new Grid("Backups of this database, the newest first", "File")
                .text("When")
                .text("Share")
                .number("Size")
                .number("Rows")
                .text("Schema")
                .text("Read whole")
                .text("Drill");
        try {
            BackupStore place = Backups.store(db.settings());
            List<BackupFile> files = place.files().stream().limit(MOST_BACKUPS).toList();
            long most = files.stream().mapToLong(BackupFile::size).max().orElse(0);
            files.forEach(file -> backup(grid, file, most, checks));
            return grid.or("There is none in " + place + ".");
        } catch (Failure e) {
            return element("p", kind("notice warning"), e.getMessage() + ". ", element("strong", "Go on: "), e.next);
        }
    }

    private void backup(Grid grid, BackupFile file, long most, Map<String, BackupChecks.Check> checks) {
        try {
            if (file.distrust().isPresent()) return;
            Optional<BackupMetadata> known = file.metadata();
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
                    time(check.verified()),
                    drill(check));
        } catch (Failure damaged) {
            if (damaged.kind != Failure.Kind.DAMAGED) throw damaged;
            grid.row(file, Show.badge("critical", "damaged"), "", Show.bytes(file.size()), "", "", "", "");
        }
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

    private static Html sessions(Connection c) throws SQLException {
        Grid grid = new Grid("Sessions of this database", "Pid")
                .text("Who")
                .text("State")
                .text("For")
                .text("Waits for")
                .text("Statement");
        Database.list(
                c,
                SqlResource.of(OperationsPage.class, "sessions.sql"),
                row -> grid.row(
                        row.getLong("pid"),
                        row.getString("who"),
                        row.getString("state"),
                        row.getString("age"),
                        row.getString("blockers").isEmpty()
                                ? row.getString("waits")
                                : Show.badge("warning", "pid " + row.getString("blockers")),
                        element("span", kind("cell"), row.getString("statement"))));
        return Show.section(
                "sessions",
                "Sessions",
                grid.or("Nobody else is here."),
                element(
                        "p",
                        "End what a session does, or the session, in psql: ",
                        Show.command("SELECT pg_cancel_backend(PID);"),
                        " ",
                        Show.command("SELECT pg_terminate_backend(PID);")));
    }
}
