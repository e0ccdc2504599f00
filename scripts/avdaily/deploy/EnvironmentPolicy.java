package avdaily.deploy;

import avdaily.backup.Retention;
import avdaily.base.StrictYaml;
import avdaily.db.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How one environment is deployed to.
 *
 * @param window when a deployment may begin; always if there is none
 * @param approvals how many people must have approved the plan; if the file does not say, production asks for one
 *     unless somebody confirms at the terminal
 * @param retention which backups stay after a deployment that succeeded; all if there is none
 * @param hookVariables which of the process's variables hooks get besides the harmless ones
 * @param smoke the file of queries that must be true afterwards
 * @param accepted the file of integrity findings that are known and accepted
 * @param signers the file of OpenSSH keys whose signatures alone are approvals
 * @param folder where hooks run
 */
public record EnvironmentPolicy(
        Environment environment,
        Optional<MaintenanceWindow> window,
        Confirm confirm,
        Optional<Integer> approvals,
        Set<Validation> validate,
        Lint lint,
        Optional<Retention> retention,
        Map<Hook, List<String>> hooks,
        List<String> hookVariables,
        Optional<Path> smoke,
        Optional<Path> accepted,
        Optional<BoundText> signers,
        Path folder) {
    /** What the variables begin with that allow something. */
    private static final String GATES = "DB_";

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
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What holds if no file says otherwise. */
    static EnvironmentPolicy of(Environment environment, Path folder) {
        return new EnvironmentPolicy(
                environment,
                Optional.empty(),
                environment == Environment.PRODUCTION ? Confirm.NAME : Confirm.YES,
                Optional.empty(),
                EnumSet.allOf(Validation.class),
                Lint.WARN,
                Optional.empty(),
                Map.of(Hook.BEFORE, List.of(), Hook.AFTER, List.of(), Hook.FAILED, List.of()),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                folder);
    }

    /** This policy with what {@code map} says instead. */
    EnvironmentPolicy with(StrictYaml map) {
        Optional<MaintenanceWindow> window =
                map.has("window") ? Optional.of(MaintenanceWindow.read(map.map("window"))) : this.window;
        Confirm confirm = map.word("confirm", Confirm.class).orElse(this.confirm);
        if (environment == Environment.PRODUCTION && confirm != Confirm.NAME)
            throw map.mistake("confirm", "production is confirmed by its name", "leave it out, or write 'name'.");
        Optional<Integer> approvals = map.number("approvals").or(this::approvals);
        Set<Validation> validate = map.words("validate", Validation.class)
                .<Set<Validation>>map(words -> new TreeSet<>(words))
                .orElse(this.validate);
        Lint lint = map.word("lint", Lint.class).orElse(this.lint);
        Optional<Retention> retention =
                map.has("backups") ? Optional.of(retention(map, map.map("backups"))) : this.retention;
        Map<Hook, List<String>> hooks = map.has("hooks") ? hooks(map.map("hooks")) : this.hooks;
        List<String> hookVariables = map.has("hooks") ? hookVariables(map.map("hooks")) : this.hookVariables;
        Optional<BoundText> signers =
                map.text("signers").map(folder::resolve).map(BoundText::readIfThere).or(this::signers);
        Optional<Path> smoke = map.text("smoke").map(folder::resolve).or(this::smoke);
        Optional<Path> accepted = map.text("accepted").map(folder::resolve).or(this::accepted);
        map.texts("names"); // which database is meant is decided before, by ProjectFile
        map.done();
        return new EnvironmentPolicy(
                environment,
                window,
                confirm,
                approvals,
                validate,
                lint,
                retention,
                hooks,
                hookVariables,
                smoke,
                accepted,
                signers,
                folder);
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
        map.texts("variables");
        map.done();
        return hooks;
    }

    private static List<String> hookVariables(StrictYaml map) {
        List<String> names = map.texts("variables").orElse(List.of());
        for (String name : names)
            if (opensGates(name.toUpperCase(Locale.ROOT)))
                throw map.mistake(
                        "variables",
                        "no hook gets " + name + ": what begins with DB_ opens gates or seals approvals",
                        "name what the hook needs for itself.");
        return names;
    }

    /** Whether the name, in which a star at the end stands for any letters, is one of a variable with DB_. */
    private static boolean opensGates(String name) {
        return name.startsWith(GATES) || name.endsWith("*") && GATES.startsWith(name.substring(0, name.length() - 1));
    }

    boolean validates(Validation what) {
        return validate.contains(what);
    }

    /** What a plan is bound to: everything here that changes what a deployment does. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        window.ifPresent(it -> lines.add("window " + it));
        approvals.ifPresent(it -> lines.add("approvals " + it));
        String validations = validate.stream()
                .map(what -> what.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        lines.add("validate " + (validate.isEmpty() ? "nothing" : validations));
        lines.add("lint " + lint.name().toLowerCase(Locale.ROOT));
        for (Hook when : Hook.values()) hooks.get(when).forEach(command -> lines.add("hook " + when + ": " + command));
        if (!hookVariables.isEmpty()) lines.add("hooks get " + String.join(", ", hookVariables));
        signers.ifPresent(file -> lines.add("signers " + file));
        retention.ifPresent(it -> lines.add("backups " + it));
        return lines;
    }
}
