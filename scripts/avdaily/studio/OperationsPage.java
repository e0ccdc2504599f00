package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.backup.BackupChecks;
import avdaily.backup.Retention;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.OperationLog;
import avdaily.deploy.OperationHistory;
import avdaily.migrate.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was done to the database, what is being done, its migrations and its backups. */
final class OperationsPage {
    private static final int MOST_OPERATIONS = 100;

    private final Database db;
    private final HealthLook health;
    private final BackupPart backups;

    /** @param retention the project's rules of which backups stay */
    OperationsPage(Database db, HealthLook health, Optional<Retention> retention) {
        this.db = db;
        this.health = health;
        this.backups = new BackupPart(db, retention);
    }

    Html show(Connection c, BrokenRules.Masking masking) throws SQLException {
        Optional<String> whyNot = whyNoLog(c);
        List<OperationHistory.Entry> entries = whyNot.isEmpty() ? entries(c) : List.of();
        return Html.all(
                sessions(c),
                migrations(),
                new IntegrityPart(db, c, entries).show(health.seen().broken(), masking),
                backups.show(c, whyNot.isEmpty() ? BackupChecks.of(c) : Map.of()),
                log(entries, whyNot.orElse("Nothing was recorded yet.")));
    }

    /** What the last integrity checks found, without rows. */
    Html checks(Connection c) throws SQLException {
        Optional<String> whyNot = whyNoLog(c);
        if (whyNot.isPresent()) return element("p", kind("nothing"), whyNot.get());
        return Show.section("checks", "Integrity", new IntegrityPart(db, c, entries(c)).logged());
    }

    /** What the newest of them found, rule by rule; nothing if there is no log of one. */
    Optional<Map<String, Object>> findings(Connection c) throws SQLException {
        return whyNoLog(c).isPresent() ? Optional.empty() : new IntegrityPart(db, c, entries(c)).facts();
    }

    /** The newest first. */
    private static List<OperationHistory.Entry> entries(Connection c) throws SQLException {
        List<OperationHistory.Entry> entries =
                new ArrayList<>(OperationHistory.of(c, MOST_OPERATIONS).entries());
        Collections.reverse(entries);
        return entries;
    }

    /** Why the log is not read. */
    private static Optional<String> whyNoLog(Connection c) throws SQLException {
        if (!ForeignCode.isOpsBelieved(c))
            return Optional.of(
                    "avdaily_ops is passed over: it is not what this toolkit makes, of a role to be trusted.");
        if (!OperationLog.isLogged(c)) return Optional.of("This database keeps no operation log yet.");
        if (OperationLog.isReadable(c)) return Optional.empty();
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

    /** As it is called where the studio was started. */
    private Html command(String text) {
        return Show.command(db.out().pasteable(text));
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
