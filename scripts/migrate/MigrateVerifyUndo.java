import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Drift;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Rollback;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
        name = "verify-undo",
        description = "Go up, down and up again over every version on a scratch database, "
                + "and compare the schemas (22 if one differs).")
class MigrateVerifyUndo extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Rollback.Proof> proofs = new Rollback(migrator).prove();
        for (Rollback.Proof proof : proofs) {
            out().print(verdict(proof) + proof.migration().title());
            proof.undone().report().forEach(line -> out().print("    undone: " + line));
            proof.again().report().forEach(line -> out().print("    again: " + line));
        }
        out().json(Json.object(
                "migrations", proofs.stream().map(MigrateVerifyUndo::json).toList()));
        List<Migration> wrong = proofs.stream()
                .filter(proof -> !proof.isExact())
                .map(Rollback.Proof::migration)
                .toList();
        if (wrong.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(wrong.size(), "migration") + " cannot be taken back exactly: " + Migration.titles(wrong),
                "write or correct the U scripts as shown.");
    }

    private static String verdict(Rollback.Proof proof) {
        if (proof.isExact()) return "exact    ";
        return proof.hasUndo() ? "differs  " : "no undo  ";
    }

    private static Map<String, Object> json(Rollback.Proof proof) {
        return Json.object(
                "version",
                proof.migration().version().toString(),
                "hasUndo",
                proof.hasUndo(),
                "exact",
                proof.isExact(),
                "undoDifferences",
                proof.undone().changes().stream().map(Drift.Change::json).toList(),
                "redoDifferences",
                proof.again().changes().stream().map(Drift.Change::json).toList());
    }
}
