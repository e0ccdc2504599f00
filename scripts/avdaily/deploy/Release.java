package avdaily.deploy;

import avdaily.base.Settings;
import avdaily.db.Environment;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.migrate.DataLoss;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is deployed, and how: everything that is read from files.
 *
 * @param seeds what is seeded; none unless the command line asks for it
 * @param accepted the integrity findings that are known
 * @param rules what is true of data that are as they should be; none unless the policy has them checked
 * @param lines what of the policy and its files a plan is bound to
 */
public record Release(
        EnvironmentPolicy policy,
        MigrationFiles migrations,
        Optional<SeedSource> seeds,
        SmokeQueries smoke,
        Optional<BoundText> accepted,
        List<Rule> rules,
        HookFiles hookFiles,
        List<String> contracts,
        List<String> lines) {
    /**
     * Reads the files.
     *
     * @param migrations the folder that the command line names, or null
     * @param seeds the folder that the command line names, or null
     * @param seeded the environment whose data is to be seeded
     * @param contracts the versions that run although they drop what older programs use
     * @throws Failure (2) naming what is missing or not understood
     */
    public static Release read(
            Settings settings,
            EnvironmentPolicy policy,
            Path migrations,
            Path seeds,
            Optional<Environment> seeded,
            List<String> contracts) {
        Optional<BoundText> smoke = policy.smoke()
                .filter(file -> policy.validates(EnvironmentPolicy.Validation.SMOKE))
                .map(BoundText::read);
        Optional<BoundText> accepted = policy.accepted().map(BoundText::read);
        HookFiles hookFiles = HookFiles.of(policy);
        List<String> lines = new ArrayList<>(policy.lines());
        lines.addAll(hookFiles.lines());
        smoke.ifPresent(file -> lines.add("smoke queries " + file));
        accepted.ifPresent(file -> lines.add("accepted findings " + file));
        Optional<RuleFiles.Loaded> rules = Optional.of(policy)
                .filter(one -> one.validates(EnvironmentPolicy.Validation.INTEGRITY))
                .map(one -> RuleFiles.load(settings, null));
        rules.ifPresent(loaded -> lines.addAll(lines(loaded)));
        return new Release(
                policy,
                MigrationFiles.in(settings, migrations),
                seeded.map(environment -> SeedSource.read(settings, seeds, environment)),
                SmokeQueries.read(smoke),
                accepted,
                rules.map(RuleFiles.Loaded::rules).orElse(List.of()),
                hookFiles,
                contracts,
                List.copyOf(lines));
    }

    /** Whether a migration deletes what undo scripts cannot bring back. */
    boolean deletesRows(List<Migration> some) {
        return some.stream()
                .map(Migration::version)
                .filter(Objects::nonNull)
                .flatMap(version -> migrations.forward(version).stream())
                .anyMatch(file -> DataLoss.deletes(migrations.script(file)));
    }

    /** The titles of those that no undo script takes back. */
    List<String> withoutUndo(List<Migration> some) {
        return some.stream()
                .filter(migration -> migration.version() == null
                        || migrations.undo(migration.version()).isEmpty())
                .map(Migration::title)
                .toList();
    }

    /** The project's own integrity rules, by which the validation goes. */
    private static List<String> lines(RuleFiles.Loaded rules) {
        return rules.hashes().entrySet().stream()
                .map(file -> "rules " + file.getKey().getFileName() + " " + file.getValue())
                .toList();
    }

    AcceptedFindings acceptedFindings() {
        return accepted.map(file -> AcceptedFindings.read(file.file(), file.text()))
                .orElse(AcceptedFindings.NONE);
    }
}
