package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import avdaily.migrate.DataLoss;
import avdaily.migrate.MigrationFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an approval binds, for the person who approves: computed from the parts of the plan that must hold when it is
 * run, and compared with that person's own working copy.
 */
public final class ApprovalText {
    private static final int CONTEXT = 3;

    private final JsonNode bound;
    private final Map<String, String> ours;
    private final MigrationFiles files;
    private final List<String> lines = new ArrayList<>();

    private ApprovalText(DeployPlan plan, MigrationFiles files) {
        this.bound = plan.bound();
        this.files = files;
        this.ours = files.hashes();
    }

    /**
     * Line by line what is bound.
     *
     * @param files the migrations of the working copy
     * @throws Failure (21) if the plan contradicts itself
     */
    public static List<String> of(DeployPlan plan, MigrationFiles files) {
        ApprovalText text = new ApprovalText(plan, files);
        text.target();
        if (text.bound.path("rollback").isObject()) {
            text.rollback();
            text.files();
        } else {
            text.migrations();
            text.seeds();
        }
        text.bound.path("strategy").forEach(line -> text.add("policy", line.asText()));
        return text.lines;
    }

    private void add(String word, String text) {
        lines.add(String.format("%-" + PlanLines.WORD + "s%s", word, text));
    }

    private void target() {
        JsonNode target = bound.path("target");
        add(
                "target",
                target.path("database").asText() + " on " + target.path("host").asText() + ":"
                        + target.path("port").asText() + " ("
                        + bound.path("environment").asText() + "), system "
                        + target.path("systemIdentifier").asText() + ", oid "
                        + target.path("databaseOid").asText());
        JsonNode schema = bound.path("schema");
        add(
                "schema",
                (schema.path("version").isNull()
                                ? "without migrations"
                                : "version " + schema.path("version").asText()) + ", fingerprint "
                        + brief(schema.path("fingerprint").asText()));
        if (bound.path("recovery").isTextual())
            add("first", bound.path("recovery").asText());
    }

    private void rollback() {
        JsonNode rollback = bound.path("rollback");
        add("rollback", rollback.path("deployment").asText());
        rollback.path("undo").forEach(title -> add("undo", title.asText()));
        if (rollback.hasNonNull("backup"))
            add(
                    "restore",
                    rollback.path("backup").asText() + " "
                            + brief(rollback.path("sha256").asText())
                            + "; what was written since is gone from the database");
    }

    private void migrations() {
        if (bound.path("pending").isEmpty()) add("migrate", "nothing pending");
        bound.path("pending").forEach(title -> add("migrate", title.asText()));
        files();
    }

    private void files() {
        Map<String, JsonNode> texts = new TreeMap<>();
        bound.path("files").properties().forEach(file -> texts.put(file.getKey(), file.getValue()));
        texts.forEach((name, text) -> file(name, text.asText()));
        bound.path("migrations").properties().forEach(file -> {
            if (!texts.containsKey(file.getKey()))
                other(file.getKey(), file.getValue().asText());
        });
        ours.keySet().stream()
                .filter(name -> !bound.path("migrations").has(name))
                .forEach(name -> add("file", name + " of your working copy is not in the plan"));
    }

    /** A file that runs: its text stands in the plan. */
    private void file(String name, String text) {
        String hash = bound.path("migrations").path(name).asText();
        if (!Sha256.of(text).equals(hash))
            throw Failure.refused(
                    "the plan contradicts itself: its text of " + name + " is not the one that it is bound to",
                    "make a new one with 'avdaily-deploy plan', and ask who wrote this one.");
        Optional<String> own = files.text(name);
        boolean isSame = hash.equals(ours.get(name));
        add(
                "file",
                name + " " + brief(hash)
                        + (isSame
                                ? ", as in your working copy"
                                : own.isPresent()
                                        ? " DIFFERS from your working copy:"
                                        : " is NOT in your working copy:"));
        if (!isSame) difference(name, own.orElse(""), text).forEach(line -> add("", line));
        DataLoss.in(name, text).forEach(loss -> add("loses", loss));
    }

    private static List<String> difference(String name, String own, String planned) {
        List<String> before = own.lines().toList();
        return UnifiedDiffUtils.generateUnifiedDiff(
                "yours/" + name,
                "plan/" + name,
                before,
                DiffUtils.diff(before, planned.lines().toList()),
                CONTEXT);
    }

    /** A file that does not run now, such as one that is applied: only its hash is bound. */
    private void other(String name, String hash) {
        if (hash.equals(ours.get(name))) return;
        add(
                "file",
                name + " " + brief(hash)
                        + (ours.containsKey(name) ? " DIFFERS from your working copy" : " is NOT in your working copy")
                        + "; it is not among those that are pending");
    }

    private void seeds() {
        JsonNode seed = bound.path("seed");
        if (!seed.isObject()) add("seed", "no");
        seed.properties()
                .forEach(file ->
                        add("seed", file.getKey() + " " + brief(file.getValue().asText())));
    }

    private static String brief(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
