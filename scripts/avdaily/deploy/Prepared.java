package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What a deployment found before anything ran, under the lock of deployments, which is held until this is closed.
 *
 * @param interrupted an earlier deployment that was killed and that this one finishes with
 * @param state where the schema stands
 * @param pending the migrations that are not applied; none if a killed deployment left one half applied
 * @param titles the titles of what is to be applied. Those that the killed deployment applied come first: they are
 *     pending again once it is taken back
 * @param found what is wrong with the database already
 */
public record Prepared(
        Database db,
        Release release,
        Migrator migrator,
        DeployLock lock,
        Optional<InterruptedDeployment> interrupted,
        SchemaState state,
        List<Migration> pending,
        List<String> titles,
        List<PreflightCheck> checks,
        DeployFindings found)
        implements AutoCloseable {
    /** Whether there is anything that changes the database; seed files may turn out to be seeded already. */
    public boolean hasWork() {
        return !titles.isEmpty() || release.seeds().isPresent() || interrupted.isPresent();
    }

    /** What taking a killed deployment back would do, in words that follow "would"; nothing if there is none to do. */
    public Optional<String> takesBack() throws SQLException {
        if (interrupted.isEmpty()) return Optional.empty();
        InterruptedDeployment run = interrupted.get();
        if (Resumption.Outlook.of(state, migrator, run) != Resumption.Outlook.TAKE_BACK) return Optional.empty();
        boolean wasEmpty = run.before().orElseThrow().empty();
        return Optional.of("take back " + run.title()
                + (wasEmpty
                        ? " by emptying the database"
                        : " by undo scripts"
                                + run.backup()
                                        .map(made -> " or by restoring "
                                                + made.file().place())
                                        .orElse("")));
    }

    /** @throws Failure (21) if the plan was run already, whatever came of it */
    public void mustNotHaveRun(String planHash) throws SQLException {
        Optional<DeploymentRecord> run = DeploymentRecord.ofPlan(db, planHash);
        if (run.isPresent())
            throw Failure.refused(
                    "the plan was run already, in the deployment of "
                            + Migration.time(run.get().at()) + " by "
                            + run.get().who() + " (" + run.get().state()
                            + ")",
                    "a plan runs once: make a new one with 'avdaily-deploy plan', and have it approved.");
    }

    /** @throws Failure (21) saying everything that stands against the deployment */
    public void mustBeAllowed() {
        List<Failure> all =
                checks.stream().flatMap(check -> check.refusal().stream()).toList();
        if (all.isEmpty()) return;
        if (all.size() == 1) throw all.get(0);
        throw new Failure(
                all.get(0).kind,
                String.join("; ", all.stream().map(Failure::getMessage).toList()),
                String.join(" ", all.stream().map(failure -> failure.next).toList()),
                null);
    }

    /** The parts of a plan that must not have changed when it is run. */
    public ObjectNode bound() throws SQLException {
        return PlanBinding.of(this);
    }

    /** The plan as people read it: a word of ten letters, and what stands behind it. */
    public List<String> lines() throws SQLException {
        return PlanLines.of(this);
    }

    public EnvironmentPolicy policy() {
        return release.policy();
    }

    @Override
    public void close() throws SQLException {
        lock.close();
    }
}
