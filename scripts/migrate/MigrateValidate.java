import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Drift;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Validator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "validate",
        description = "Check the applied files, and that the schema is what the last migration left (22 if not).")
class MigrateValidate extends MigrateScript {
    @Option(
            names = "--rebuild",
            description = "Compare with a scratch database that the migrations build, not with what was recorded.")
    boolean rebuild;

    @Option(
            names = "--ignore",
            paramLabel = "PATTERN",
            description =
                    "Pass over objects of this name, as in 'public.audit_*' or 'INDEX *'; may be given more than once.")
    List<String> ignore = List.of();

    @Option(
            names = "--partitions",
            description = "Also count partitions that only the database has, or only the migrations: a partition "
                    + "manager makes and drops them.")
    boolean partitions;

    @Mixin
    FleetOptions fleet;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }

    private Drift.Partitions partitions() {
        return partitions ? Drift.Partitions.COUNTED : Drift.Partitions.FOLDED;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Validator.Validation validation = new Validator(migrator).validate(rebuild, partitions());
        Drift drift = validation.drift().without(ignore);
        int n = validation.files().size() + drift.changes().size();
        String version = migrator.version();
        String shown = Migration.shown(version);
        out().print(
                        n == 0 && version == null
                                ? db + " has no migration yet."
                                : n == 0
                                        ? db + " is what its migrations say, at version " + version + "."
                                        : db + " differs from its migrations at version " + shown + ":");
        validation.files().forEach(finding -> out().print("  " + finding));
        drift.report().forEach(line -> out().print("  " + line));
        out().json(Json.object(
                "database",
                db.name(),
                "version",
                version,
                "valid",
                n == 0,
                "fileDifferences",
                validation.files(),
                "drift",
                drift.changes().stream().map(Drift.Change::json).toList()));
        conclude("version " + shown, null);
        if (n == 0) return Exit.DONE;
        return findings(
                Format.count(n, "difference") + " between " + db + " and its migrations",
                drift.isEmpty()
                        ? "do as the lines say; put a file back as it was applied, or, if it is right as it is, "
                                + "'avdaily-migrate repair' takes it over."
                        : "bring the objects back as the lines with '-' show them, or write a migration; "
                                + "what is right as it is: 'avdaily-migrate repair --accept-drift'.");
    }
}
