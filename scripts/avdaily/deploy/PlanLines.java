package avdaily.deploy;

import avdaily.backup.Backups;
import avdaily.db.Environment;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A deployment's plan as people read it. */
final class PlanLines {
    /** Each line begins with a word in a column of this width. */
    static final int WORD = 10;

    private final Prepared prepared;
    private final List<String> lines = new ArrayList<>();

    private PlanLines(Prepared prepared) {
        this.prepared = prepared;
    }

    static List<String> of(Prepared prepared) throws SQLException {
        return new PlanLines(prepared).all();
    }

    private List<String> all() throws SQLException {
        EnvironmentPolicy policy = prepared.policy();
        prepared.checks().forEach(check -> add("check", check.toString()));
        prepared.found().texts().forEach(finding -> add("check", "WARNING found already: " + finding));
        if (prepared.interrupted().isPresent())
            add(
                    "first",
                    prepared.takesBack()
                            .orElse(prepared.interrupted().get().title() + ": changed nothing, or is complete"));
        policy.hooks().get(EnvironmentPolicy.Hook.BEFORE).forEach(command -> add("hook", command));
        add("backup", backup());
        add("migrate", prepared.titles().isEmpty() ? "nothing pending" : String.join(", ", prepared.titles()));
        add("seed", seeds());
        add("validate", validations());
        policy.hooks().get(EnvironmentPolicy.Hook.AFTER).forEach(command -> add("hook", command));
        if (policy.retention().isPresent()) add("prune", "backups that no rule keeps");
        if (prepared.hasWork()) add("failure", wayBack());
        return lines;
    }

    private void add(String word, String text) {
        lines.add(String.format("%-" + WORD + "s%s", word, text));
    }

    private String backup() {
        if (!prepared.hasWork()) return "no";
        return "to " + Backups.store(prepared.db().settings()).absolute() + ", unless there is no table yet";
    }

    private String seeds() {
        return prepared.release()
                .seeds()
                .map(SeedSource::environment)
                .map(Environment::toString)
                .orElse("no");
    }

    private String validations() {
        EnvironmentPolicy policy = prepared.policy();
        int queries = prepared.release().smoke().size();
        List<String> all = new ArrayList<>();
        if (policy.validates(EnvironmentPolicy.Validation.SCHEMA)) all.add("checksums, schema");
        if (policy.validates(EnvironmentPolicy.Validation.INTEGRITY)) all.add("integrity (quick)");
        if (queries > 0) all.add(queries == 1 ? "1 smoke query" : queries + " smoke queries");
        if (prepared.release().seeds().isPresent()) all.add("seeded rows and references");
        return all.isEmpty() ? "nothing" : String.join(", ", all);
    }

    /** How a failure would be taken back. */
    private String wayBack() {
        Release release = prepared.release();
        if (prepared.state().empty()) return "the database is emptied again";
        if (release.seeds().isPresent()) return "the backup is restored";
        if (release.deletesRows(prepared.pending()))
            return "the backup is restored (a migration deletes what undo scripts cannot bring back)";
        List<String> missing = release.withoutUndo(prepared.pending());
        if (missing.isEmpty()) return "undo scripts, else the backup is restored";
        return "the backup is restored (no undo script for " + String.join(", ", missing) + ")";
    }
}
