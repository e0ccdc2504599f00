package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The proof of generated migrations on a scratch database: up makes the desired schema, undo the one before, up again
 * the same, all as the commands will do it. Then they go up and down with rows.
 */
final class DraftProof {
    private static final String BY_HAND_OR_LOOK =
            "write the pair by hand ('avdaily-migrate new NAME'); --verbose shows what was generated.";

    private final Settings settings;
    private final Out out;
    private final Path folder;

    DraftProof(Settings settings, Out out, Path folder) {
        this.settings = settings;
        this.out = out;
        this.folder = folder;
    }

    /**
     * Proves them.
     *
     * @return what people have to know of rows
     * @throws Failure (22) if they do not pass
     */
    List<String> of(Draft draft, Database migrated, List<Schema.Item> wanted) throws Exception {
        return withFiles(draft, migrated, migrator -> prove(draft, migrator, wanted));
    }

    /** What is tried with the draft's files beside the others. */
    interface Trial<T> {
        T run(Migrator migrator) throws Exception;
    }

    /** @throws Failure (22) if it fails */
    <T> T withFiles(Draft draft, Database migrated, Trial<T> work) throws Exception {
        Path trial = Files.createTempDirectory("avdaily-generate-");
        List<Path> copies = new ArrayList<>();
        try {
            for (Path file : ResourceFolder.files(folder))
                if (file.toString().endsWith(".sql"))
                    copies.add(Files.copy(file, trial.resolve(file.getFileName().toString())));
            for (Draft.Step step : draft.steps()) {
                copies.add(Files.writeString(trial.resolve(step.forwardName()), draft.forward(step)));
                copies.add(Files.writeString(trial.resolve(step.undoName()), draft.undo(step)));
            }
            return work.run(new Migrator(migrated, MigrationFiles.in(settings, trial)));
        } catch (Failure e) {
            if (e.kind == Failure.Kind.FINDINGS) throw e;
            throw flaw(draft, e.getMessage(), e);
        } finally {
            for (Path copy : copies) Files.deleteIfExists(copy);
            Files.deleteIfExists(trial);
        }
    }

    /** The draft's own migrations, which come next. */
    static List<Migration> steps(Draft draft, Migrator migrator) throws Exception {
        return migrator.pending(String.valueOf(draft.last())).stream()
                .filter(m -> m.version() != null)
                .toList();
    }

    /** Proves that each undo leads back, and the way forward from there to the same. */
    List<Rollback.Proof> undone(Draft draft, Migrator migrator) throws Exception {
        Rollback rollback = new Rollback(migrator, RunAgain.TRIAL);
        List<Rollback.Proof> proofs = new ArrayList<>();
        for (Migration m : steps(draft, migrator)) proofs.add(rollback.prove(m));
        List<String> differences = proofs.stream()
                .flatMap(proof -> Stream.concat(proof.undone().report().stream(), proof.again().report().stream()))
                .toList();
        if (!differences.isEmpty())
            throw flaw(draft, "the undo does not lead back: " + String.join("; ", differences), null);
        return proofs;
    }

    private List<String> prove(Draft draft, Migrator migrator, List<Schema.Item> wanted) throws Exception {
        Rollback rollback = new Rollback(migrator, RunAgain.TRIAL);
        List<Migration> steps = steps(draft, migrator);
        List<Rollback.Proof> proofs = undone(draft, migrator);
        Drift reached = Drift.between(wanted, Generator.items(migrator.db()));
        if (!reached.isEmpty())
            throw flaw(
                    draft,
                    "the migration does not lead to the desired schema: " + String.join("; ", reached.report()),
                    null);
        List<String> statements = draft.steps().stream()
                .flatMap(step -> Stream.concat(step.forward().stream(), step.undo().stream()))
                .toList();
        List<String> lost = proofs.stream()
                .flatMap(proof -> proof.lost().stream())
                .filter(column -> !InheritedColumns.isMoved(column, statements))
                .toList();
        if (!lost.isEmpty())
            throw flaw(
                    draft,
                    "it drops columns that both schemas have and adds them again, so that their values are lost: "
                            + String.join(", ", lost),
                    null);
        List<Migration> newestFirst = new ArrayList<>(steps);
        Collections.reverse(newestFirst);
        rollback.takeBack(newestFirst);
        RowTrial.Result rows = new RowTrial(migrator, rollback).of(steps);
        if (!rows.lost().isEmpty())
            throw flaw(draft, "with rows that were made up, these are lost: " + String.join(", ", rows.lost()), null);
        return List.copyOf(rows.remarks());
    }

    Failure flaw(Draft draft, String why, Failure cause) {
        for (Draft.Step step : draft.steps()) out.detail(draft.forward(step) + "\n" + draft.undo(step));
        return new Failure(
                Failure.Kind.FINDINGS,
                "what was generated does not pass its proof, so nothing was written: " + why,
                BY_HAND_OR_LOOK,
                cause);
    }
}
