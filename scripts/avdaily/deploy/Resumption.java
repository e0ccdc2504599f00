package avdaily.deploy;

import avdaily.backup.BackupWriter;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.migrate.Migrator;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How a deployment finished with an earlier one that was killed.
 *
 * @param origin where the new one begins: if it goes on, where the killed one began, else the database as it is
 * @param text what became of the killed one, and where the database stands
 * @param kept the name of the database as it was when that one failed, if a restore kept it
 */
record Resumption(Origin origin, String text, Optional<String> kept) {
    /** What there is to do about a killed deployment. */
    enum Outlook {
        UNCHANGED,
        COMPLETE,
        /** It was killed between the batches of a data migration. */
        HALFWAY,
        TAKE_BACK;

        static Outlook of(SchemaState state, Migrator migrator, InterruptedDeployment run) throws SQLException {
            if (run.before().isEmpty() || run.step().isBefore(DeployStep.MIGRATE)) return UNCHANGED;
            if (!migrator.history().failed().isEmpty()) return TAKE_BACK;
            if (!run.rowsChanged() && state.isSame(run.before().get())) return UNCHANGED;
            if (isComplete(migrator, run)) return COMPLETE;
            return migrator.isHalfway() ? HALFWAY : TAKE_BACK;
        }

        /** Whether no migration that it was to apply is left. */
        private static boolean isComplete(Migrator migrator, InterruptedDeployment run) throws SQLException {
            try {
                return migrator.pending(null).stream()
                        .noneMatch(migration -> run.pending().contains(migration.title()));
            } catch (Failure halfApplied) {
                return false;
            }
        }
    }

    /**
     * Finishes with the killed deployment, and closes its row:
     *
     * <ul>
     *   <li>It changed nothing: nothing is to be done.
     *   <li>All its migrations are applied: the new one goes on from there, unless too much time has gone by.
     *   <li>It had come to the batches of a data migration: the new one goes on with them.
     *   <li>Else it is taken back.
     * </ul>
     *
     * @throws Failure (21) if only a restore would lead back and a person has to decide
     */
    static Resumption of(Prepared prepared, InterruptedDeployment run) throws Exception {
        Database db = prepared.db();
        SchemaState state = prepared.state();
        Outlook outlook = Outlook.of(state, prepared.migrator(), run);
        boolean unchanged = outlook == Outlook.UNCHANGED;
        boolean complete = outlook == Outlook.COMPLETE;
        boolean halfway = outlook == Outlook.HALFWAY;
        boolean goesOn = (complete || halfway) && run.isFresh();
        Optional<String> kept = Optional.empty();
        String text;
        if (unchanged) {
            text = run.title() + ", had changed nothing: " + db + " is old and whole, " + state.title();
        } else if (complete) {
            text = run.title() + ", had applied all its migrations: " + db + " is new, " + state.title()
                    + (goesOn ? "; this one goes on from there" : "");
        } else if (halfway) {
            text = run.title() + ", had come to the batches of a data migration: this one goes on with them";
        } else {
            DeploymentRecovery.Result back = takenBack(prepared, run);
            kept = back.kept();
            text = run.title() + ", was taken back " + back.way() + ": " + db + " is old and whole, "
                    + run.before().orElseThrow().title();
        }
        db.out().print(Format.capital(text) + ".");
        if (run.hasRunHooks() && !goesOn) new Hooks(db, prepared.release()).runAll(EnvironmentPolicy.Hook.FAILED);
        run.close(db, text);
        prepared.lock().renew(); // a restore by swap ends the session that holds it
        return new Resumption(goesOn ? Origin.of(run, run.before().orElseThrow()) : now(prepared), text, kept);
    }

    private static DeploymentRecovery.Result takenBack(Prepared prepared, InterruptedDeployment run) throws Exception {
        BackupWriter.beforeChange(prepared.db()); // whatever the row says, what is there now can come back
        RestorePoint point =
                new RestorePoint(run.before().orElseThrow(), run.backup(), run.rowsChanged(), run.pending());
        return new DeploymentRecovery(
                        prepared.db(),
                        prepared.migrator(),
                        point,
                        run.nextTransaction(),
                        run.isFresh() ? DeploymentRecovery.Consent.GIVEN : DeploymentRecovery.Consent.NEEDED)
                .run();
    }

    private static Origin now(Prepared prepared) throws Exception {
        return Origin.now(
                prepared.db(),
                SchemaState.of(prepared.db(), prepared.migrator()),
                DeployFindings.of(prepared.db(), prepared.migrator(), prepared.release()));
    }
}
