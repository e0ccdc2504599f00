package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import avdaily.migrate.DataLoss;
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
    private final Release release;
    private final Map<String, String> ours;
    private final List<String> lines = new ArrayList<>();

    private ApprovalText(DeployPlan plan, Release release) {
        this.bound = plan.bound();
        this.release = release;
        this.ours = release.migrations().hashes();
    }

    /**
     * Line by line what is bound.
     *
     * @param release the working copy's
     * @throws Failure (21) if the plan contradicts itself
     */
    public static List<String> of(DeployPlan plan, Release release) {
        ApprovalText text = new ApprovalText(plan, release);
        text.target();
        if (text.bound.path("rollback").isObject()) {
            text.rollback();
            text.files();
        } else {
            text.migrations();
            text.seeds();
        }
        text.policy();
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
        Optional<String> own = release.migrations().text(name);
        boolean isSame = hash.equals(ours.get(name));
        add(
                "file",
                name + " " + brief(hash)
                        + (isSame ? ", as in your working copy" : differs(own.isPresent()) + ":"));
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
                name + " " + brief(hash) + differs(ours.containsKey(name))
                        + "; it is not among those that are pending");
    }

    private void seeds() {
        JsonNode seed = bound.path("seed");
        if (!seed.isObject()) add("seed", "no");
        Map<String, String> own = release.seeds().map(SeedSource::hashes).orElse(Map.of());
        seed.properties().forEach(file -> {
            String hash = file.getValue().asText();
            String of = own.getOrDefault(file.getKey(), "");
            add("seed", file.getKey() + " " + brief(hash) + (hash.equals(of) ? "" : differs(!of.isEmpty())));
        });
    }

    /** Hooks, and the files whose hashes stand there, are not in the plan: a person can read his own. */
    private void policy() {
        List<String> planned = new ArrayList<>();
        bound.path("strategy").forEach(line -> planned.add(line.asText()));
        boolean isRollback = bound.path("rollback").isObject();
        List<String> own = isRollback ? release.policy().lines() : release.lines();
        planned.forEach(line -> add("policy", line + (own.contains(line) ? "" : differs(false))));
        own.stream()
                .filter(line -> !planned.contains(line))
                .forEach(line -> add("policy", line + " of your working copy is not in the plan"));
    }

    private static String differs(boolean isThere) {
        return isThere ? " DIFFERS from your working copy" : " is NOT in your working copy";
    }

    /** The beginning of a hash; in a log that others write to it may be any text. */
    static String brief(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
