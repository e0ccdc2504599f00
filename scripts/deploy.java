///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Deploy
//SOURCES common.java
//SOURCES integrity.java
//SOURCES migrate.java
//SOURCES seed.java

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a database to the state that the files describe: checks, migrates, seeds, validates; a step that fails undoes the ones before. */
@Command(name = "avdaily-deploy", description = "Check, migrate, seed on request, and validate a database; if a step fails, what was applied is undone.")
class Deploy extends Script {
    private static final int OLDEST_SERVER = 14;

    @Parameters(paramLabel = "ENV", description = "development, testing, staging, demo or production.")
    Environment target;

    @Option(names = "--seed", description = "Also seed the environment's data; never in production.")
    boolean seed;

    @Option(names = "--dry-run", description = "Check and show the plan, change nothing.")
    boolean dryRun;

    @Option(names = "--migrations", paramLabel = "DIR", description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    @Option(names = "--seeds", paramLabel = "DIR", description = "Folder of seed files (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    public static void main(String... args) {
        Script.main(new Deploy(), args);
    }

    @Override
    Environment named() {
        if (env != null && env != target) throw Failure.usage("two environments are named: " + target + " and --env " + env, "name one.");
        return target;
    }

    @Override
    int run() throws Exception {
        if (seed) Seed.refuseProduction(target);
        Instant start = Instant.now();
        try (Database db = Database.open(this)) {
            Migrator migrator = new Migrator(db, MigrationFiles.in(migrations));
            SeedFiles seedFiles = seed ? SeedFiles.read(seeds, target) : null;
            String server = check(db);
            List<Migration> plan = migrator.pending(null);
            showPlan(db, server, plan);
            if (dryRun) return report(db, plan, null, List.of(), start);
            if (!plan.isEmpty() || seed)
                Gate.before(this, db, "deploy to " + db).needsInUnattendedProduction("DB_DEPLOY_ALLOW_PRODUCTION").destructive();
            try (Lock lock = Lock.take(db, "deploy", 1)) {
                lock.verify();
                return plan.isEmpty() && !seed ? report(db, plan, null, validate(db, migrator), start)
                        : Operation.record(db, "deploy", details -> deploy(db, migrator, plan, seedFiles, details, start));
            }
        }
    }

    /** What must hold before anything is done. */
    private static String check(Database db) throws SQLException {
        int server = Database.one(db.connection(), "SELECT current_setting('server_version_num')::int / 10000", Integer.class);
        if (server < OLDEST_SERVER)
            throw Failure.refused("the server of " + db + " is PostgreSQL " + server, "upgrade it to " + OLDEST_SERVER + " or newer.");
        if (!Database.one(db.connection(), "SELECT coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), true) AND has_database_privilege(current_database(), 'CREATE')", Boolean.class))
            throw Failure.refused("the role " + db.url().user() + " may not create tables and schemas on " + db, "use the role that owns the database.");
        return Database.one(db.connection(), "SHOW server_version", String.class);
    }

    private void showPlan(Database db, String server, List<Migration> plan) {
        Out.print("Deployment to " + db + (dryRun ? ", dry run" : ""));
        Out.print("  check     PostgreSQL " + server + ", role " + db.url().user());
        Out.print("  backup    " + (needsBackup(plan) ? "to " + BackupWriter.Options.folder(null).toAbsolutePath().normalize() + ", unless there is no table yet" : "no"));
        Out.print("  migrate   " + (plan.isEmpty() ? "nothing pending" : MigrateScript.list(plan)));
        Out.print("  seed      " + (seed ? target.toString() : "no"));
        Out.print("  validate  checksums, schema, quick integrity check" + (seed ? ", seeded rows and references" : ""));
    }

    private int deploy(Database db, Migrator migrator, List<Migration> plan, SeedFiles seedFiles, Map<String, Object> details, Instant start) throws Exception {
        Optional<BackupFile> backup = needsBackup(plan) ? BackupWriter.beforeChange(db) : Optional.empty();
        backup.ifPresent(file -> details.put("backup", file.toString()));
        String before = migrator.version();
        List<Migration> applied;
        Seeder seeder = null;
        Seeder.Result seeded = null;
        try {
            applied = migrator.up(null, plan).applied();
            details.put("applied", applied.stream().map(Migration::title).toList());
            if (seed) seeder = new Seeder(db, target, seedFiles, false);
            if (seed) seeded = seeder.seed(false, false);
        } catch (Exception e) {
            throw undone(migrator, before, backup, e);
        }
        List<String> findings = new ArrayList<>(validate(db, migrator));
        if (seed) findings.addAll(seeder.validate());
        if (seed) details.put("seeded", seeded.summary(target));
        details.put("findings", findings);
        return report(db, applied, seeded, findings, start);
    }

    /** A validation that cannot be done is a finding: nothing is wrong with what was deployed. */
    private static List<String> validate(Database db, Migrator migrator) throws SQLException {
        try {
            List<String> findings = new ArrayList<>(migrator.validate(false).findings());
            findings.addAll(Checker.complaints(db, Checker.Options.forQuick(), Rule.Severity.CRITICAL));
            return findings;
        } catch (Failure e) {
            return List.of(e.getMessage());
        }
    }

    /** Where people work with the data, whatever changes them is preceded by a backup; elsewhere a change of the schema is. */
    private boolean needsBackup(List<Migration> plan) {
        return !plan.isEmpty() || !target.mayBeLocal();
    }

    /** Takes back the migrations of this deployment, because a later step failed. */
    private static Exception undone(Migrator migrator, String before, Optional<BackupFile> backup, Exception why) {
        Failure failure = Failures.explain(why);
        try {
            if (Objects.equals(migrator.version(), before)) return why;
            migrator.rollback(migrator.undoableTo(before == null ? "0" : before));
            return new Failure(failure.code, failure.getMessage() + "; the migrations of this deployment were undone", failure.next, why);
        } catch (Exception stuck) {
            return new Failure(failure.code, failure.getMessage() + "; the migrations of this deployment stay, they cannot be undone: " + Failures.explain(stuck).getMessage(),
                    backup.map(file -> "go back with DB_RESTORE_CONFIRM=1 avdaily-restore " + file.path() + " --yes, or: ").orElse("") + failure.next, why);
        }
    }

    private int report(Database db, List<Migration> applied, Seeder.Result seeded, List<String> findings, Instant start) {
        boolean changed = !applied.isEmpty() || seeded != null && seeded.changed();
        findings.forEach(finding -> Out.print("  finding   " + finding));
        if (dryRun) Out.print("Dry run: nothing was changed.");
        else if (!changed) Out.print("Nothing changed: " + db + " is as it should be" + (seeded == null ? "." : "; " + seeded.summary(target) + "."));
        else Out.print("Deployed in " + Out.duration(Duration.between(start, Instant.now())) + ": " + Out.count(applied.size(), "migration") + " applied"
                + (seeded == null ? "." : "; " + seeded.summary(target) + ".") + (target.mayBeLocal() ? " Look at it: psql \"$(jbang avdaily-db url --env " + target + ")\"" : ""));
        Out.json(Out.object("database", db.name(), "environment", target.toString(), "dryRun", dryRun, "changed", changed && !dryRun, "migrations", MigrateScript.json(applied),
                "seeded", seeded == null ? null : seeded.tables().stream().map(Seeder.Count::json).toList(), "findings", findings));
        return findings.isEmpty() ? Exit.DONE : Out.findings(this, Out.count(findings.size(), "finding") + " on " + db, "see 'avdaily-migrate validate' and 'avdaily-integrity quick'.");
    }
}
