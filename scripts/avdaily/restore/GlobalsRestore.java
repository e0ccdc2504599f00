package avdaily.restore;

import avdaily.backup.Globals;
import avdaily.backup.GlobalsReader;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Restores what belongs to the server before a database is restored: roles, memberships and settings in one
 * transaction, then tablespace by tablespace. What is there already is not made again.
 */
final class GlobalsRestore {
    private static final int MOST_NAMED = 5;

    private final GlobalsPlan plan;
    private final RestoreOptions.Server how;
    private final RestoreTarget target;
    private final Set<String> skipped = new LinkedHashSet<>();
    private boolean isDone;

    private GlobalsRestore(GlobalsPlan plan, RestoreOptions.Server how, RestoreTarget target) {
        this.plan = plan;
        this.how = how;
        this.target = target;
    }

    /** @throws Failure (2) if the backup tells nothing of its server */
    static GlobalsRestore of(RestoreTarget target, DumpReader dump, RestoreOptions.Server how) throws SQLException {
        Globals wanted = dump.metadata()
                .map(known -> known.content().globals())
                .orElseThrow(() -> Failure.usage(
                        dump.file() + " does not tell the roles and tablespaces of its server",
                        "make the backup with 'avdaily-backup create --globals', or restore this one without "
                                + "--globals."));
        Connection c = target.server();
        ServerRights server = ServerRights.of(c);
        Globals present = GlobalsReader.read(
                c, target.db().name(), server.isSuperuser() ? Globals.Passwords.READ : Globals.Passwords.LEFT_OUT);
        return new GlobalsRestore(new GlobalsPlan(wanted, present, server), how, target);
    }

    /** Those that the server will have. */
    GlobalsPlan plan() {
        return plan;
    }

    private Stream<GlobalsPlan.Step> steps() {
        Stream<GlobalsPlan.Step> ofServer = Stream.concat(plan.roles().stream(), plan.tablespaces().stream());
        return target.exists()
                ? ofServer
                : Stream.concat(ofServer, plan.database(target.db().name()).stream());
    }

    private boolean isRun(GlobalsPlan.Step step) {
        return switch (step.weight()) {
            case ADDS, EMPOWERS -> true;
            case CHANGES -> how == RestoreOptions.Server.TRUSTED;
            case CHANGES_SELF -> false;
        };
    }

    /** What was left out, said for people. */
    Set<String> skipped() {
        return skipped;
    }

    /** The statements that are run, as they are. */
    List<String> statements() {
        return steps().filter(this::isRun).map(GlobalsPlan.Step::sql).toList();
    }

    /** What will be done, line by line. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        steps().forEach(step -> lines.add("globals: "
                + (isRun(step) ? step.sql() + ";" : "left out: " + whyNot(step))
                + (step.weight() == GlobalsPlan.Weight.EMPOWERS && how != RestoreOptions.Server.TRUSTED
                        ? " -- needs --trust-globals"
                        : "")));
        if (lines.isEmpty()) lines.add("globals: the server has them all");
        return lines;
    }

    private static String whyNot(GlobalsPlan.Step step) {
        return step.sql()
                + (step.weight() == GlobalsPlan.Weight.CHANGES_SELF
                        ? ": it is the role that restores"
                        : ": it would change what is there (--trust-globals)");
    }

    /** @throws Failure (21) if a statement gives power that the user did not agree to */
    void mustBeTrusted() {
        if (how == RestoreOptions.Server.TRUSTED) return;
        List<String> powerful = steps().filter(step -> step.weight() == GlobalsPlan.Weight.EMPOWERS)
                .map(GlobalsPlan.Step::sql)
                .toList();
        if (powerful.isEmpty()) return;
        String more = powerful.size() > MOST_NAMED ? " and " + (powerful.size() - MOST_NAMED) + " more" : "";
        throw Failure.refused(
                "the backup would give power over more than its own database: "
                        + String.join("; ", powerful.subList(0, Math.min(MOST_NAMED, powerful.size()))) + more,
                "look at them; if you trust who made the backup, add --trust-globals.");
    }

    /** @throws Failure (1) if the server does not accept a statement */
    void run() throws SQLException {
        mustBeTrusted();
        steps().filter(step -> !isRun(step)).forEach(step -> skipped.add(whyNot(step)));
        try (Connection c = target.connectToServer()) {
            c.setAutoCommit(false);
            for (GlobalsPlan.Step step : plan.roles()) if (isRun(step)) run(c, step);
            c.commit();
            isDone = true;
            c.setAutoCommit(true);
            for (GlobalsPlan.Step step : plan.tablespaces()) if (isRun(step)) run(c, step);
        }
    }

    /** The failure of what came after them, which says that they stay. */
    Failure staying(Failure failure) {
        List<String> statements = Stream.concat(plan.roles().stream(), plan.tablespaces().stream())
                .filter(this::isRun)
                .map(GlobalsPlan.Step::sql)
                .toList();
        if (!isDone || statements.isEmpty()) return failure;
        Set<String> names = new LinkedHashSet<>(plan.createdRoles());
        names.addAll(plan.createdTablespaces());
        String what = names.isEmpty()
                ? Format.count(statements.size(), "statement") + " of the globals, as --dry-run shows them"
                : "what the globals brought (" + some(List.copyOf(names)) + ")";
        String next = failure.next.replaceFirst("^nothing was changed[;,] ", "");
        Failure said = new Failure(
                failure.kind,
                failure.getMessage(),
                "the databases were not changed, and " + what + " stays on the server; " + next,
                failure);
        return failure.place().map(said::at).orElse(said);
    }

    private static String some(List<String> all) {
        String more = all.size() > MOST_NAMED ? " and " + (all.size() - MOST_NAMED) + " more" : "";
        return String.join(", ", all.subList(0, Math.min(MOST_NAMED, all.size()))) + more;
    }

    /** Gives a new database what the old one had. */
    void runOn(Connection c, String database) throws SQLException {
        for (GlobalsPlan.Step step : plan.database(database)) if (isRun(step)) run(c, step);
    }

    private void run(Connection c, GlobalsPlan.Step step) throws SQLException {
        Savepoint before = step.isSetting() && !c.getAutoCommit() ? c.setSavepoint() : null;
        try {
            Database.run(c, step.sql());
            if (before != null) c.releaseSavepoint(before);
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            if (!step.isSetting()) throw refused(step, e);
            if (before != null) c.rollback(before);
            skipped.add(step.sql() + ": " + Failures.message(e));
        }
    }

    private static Failure refused(GlobalsPlan.Step step, SQLException e) {
        boolean isTablespace = step.sql().startsWith("CREATE TABLESPACE");
        return new Failure(
                Failure.Kind.ERROR,
                "the server refused: " + step.sql() + ": " + Failures.message(e),
                isTablespace
                        ? "make that folder on the server, empty and its user's own, or create the tablespace "
                                + "elsewhere by hand; then run it again, which goes on from here."
                        : "have a role restore it that may do this; the database was not touched.",
                e);
    }
}
