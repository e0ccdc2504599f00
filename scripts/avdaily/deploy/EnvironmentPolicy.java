package avdaily.deploy;

import avdaily.backup.Retention;
import avdaily.base.Sha256;
import avdaily.base.StrictYaml;
import avdaily.db.Environment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How one environment is deployed to.
 *
 * @param window when a deployment may begin; null for always
 * @param approvals how many people must have approved the plan; null where nothing is said: then production asks for one, unless somebody confirms at the terminal
 * @param retention which backups stay after a deployment that succeeded; null for all
 * @param smoke the file of queries that must be true afterwards; null for none
 * @param accepted the file of integrity findings that are known and accepted; null for none
 * @param folder where hooks run
 */
public record EnvironmentPolicy(
        Environment environment,
        MaintenanceWindow window,
        Confirm confirm,
        Integer approvals,
        Set<Validation> validate,
        Lint lint,
        Retention retention,
        Map<Hook, List<String>> hooks,
        Path smoke,
        Path accepted,
        Path folder) {
    /** What a person at the terminal has to say. */
    public enum Confirm {
        YES,
        NAME
    }

    enum Validation {
        SCHEMA,
        INTEGRITY,
        SMOKE
    }

    /** What a dangerous statement in a migration does: nothing, a line in the plan, or an end to the deployment. */
    enum Lint {
        OFF,
        WARN,
        REFUSE
    }

    /** When a hook runs; FAILED after a deployment that was taken back. */
    enum Hook {
        BEFORE,
        AFTER,
        FAILED
    }

    /** What holds where no file says otherwise. */
    static EnvironmentPolicy of(Environment environment, Path folder) {
        boolean production = environment == Environment.PRODUCTION;
        return new EnvironmentPolicy(
                environment,
                null,
                production ? Confirm.NAME : Confirm.YES,
                null,
                EnumSet.allOf(Validation.class),
                Lint.WARN,
                null,
                Map.of(Hook.BEFORE, List.of(), Hook.AFTER, List.of(), Hook.FAILED, List.of()),
                null,
                null,
                folder);
    }

    /** This strategy with what {@code map} says instead. */
    EnvironmentPolicy with(StrictYaml map) {
        MaintenanceWindow window = map.has("window") ? MaintenanceWindow.read(map.map("window")) : this.window;
        Confirm confirm = map.word("confirm", Confirm.class).orElse(this.confirm);
        if (environment == Environment.PRODUCTION && confirm != Confirm.NAME)
            throw map.mistake("confirm", "production is confirmed by its name", "leave it out, or write 'name'.");
        Integer approvals = map.number("approvals").orElse(this.approvals);
        Set<Validation> validate = map.words("validate", Validation.class)
                .<Set<Validation>>map(words -> new TreeSet<>(words))
                .orElse(this.validate);
        Lint lint = map.word("lint", Lint.class).orElse(this.lint);
        Retention retention = map.has("backups") ? retention(map, map.map("backups")) : this.retention;
        Map<Hook, List<String>> hooks = map.has("hooks") ? hooks(map.map("hooks")) : this.hooks;
        Path smoke = map.text("smoke").map(folder::resolve).orElse(this.smoke);
        Path accepted = map.text("accepted").map(folder::resolve).orElse(this.accepted);
        map.done();
        return new EnvironmentPolicy(
                environment, window, confirm, approvals, validate, lint, retention, hooks, smoke, accepted, folder);
    }

    private static Retention retention(StrictYaml parent, StrictYaml map) {
        Retention retention = new Retention(
                map.number("keep-last").orElse(0),
                map.number("keep-daily").orElse(0),
                map.number("keep-weekly").orElse(0),
                map.number("keep-monthly").orElse(0));
        map.done();
        if (retention.isEmpty())
            throw parent.mistake(
                    "backups",
                    "no rule keeps anything, so every backup would go",
                    "say what stays, as in keep-last: 7.");
        return retention;
    }

    private static Map<Hook, List<String>> hooks(StrictYaml map) {
        Map<Hook, List<String>> hooks = Map.of(
                Hook.BEFORE,
                map.texts("before").orElse(List.of()),
                Hook.AFTER,
                map.texts("after").orElse(List.of()),
                Hook.FAILED,
                map.texts("failed").orElse(List.of()));
        map.done();
        return hooks;
    }

    boolean validates(Validation what) {
        return validate.contains(what);
    }

    /** What a plan is bound to: everything here that changes what a deployment does. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (window != null) lines.add("window " + window);
        if (approvals != null) lines.add("approvals " + approvals);
        lines.add("validate "
                + (validate.isEmpty()
                        ? "nothing"
                        : validate.stream()
                                .map(what -> what.name().toLowerCase())
                                .collect(Collectors.joining(", "))));
        lines.add("lint " + lint.name().toLowerCase());
        for (Hook when : Hook.values())
            hooks.get(when).forEach(command -> lines.add("hook " + when.name().toLowerCase() + ": " + command));
        if (smoke != null)
            lines.add("smoke queries " + smoke.getFileName() + " "
                    + Sha256.of(smoke).substring(0, 12));
        if (accepted != null)
            lines.add("accepted findings " + accepted.getFileName() + " "
                    + Sha256.of(accepted).substring(0, 12));
        if (retention != null) lines.add("backups " + retention);
        return lines;
    }
}
