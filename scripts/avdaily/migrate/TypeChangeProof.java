package avdaily.migrate;

import avdaily.db.Database;
import avdaily.schema.Schema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The proof that a change of type changes nothing else, and that each undo leads back, on a scratch database. */
final class TypeChangeProof {
    private static final int SHOWN = 12;

    private final DraftProof proof;
    private final TypeChangeParts parts;

    TypeChangeProof(Database db, Path folder, TypeChangeParts parts) {
        this.proof = new DraftProof(db.settings(), db.out(), folder);
        this.parts = parts;
    }

    /** @throws avdaily.base.Failure (22) naming what else changes, or what does not come back */
    void of(Draft draft, Database migrated) throws Exception {
        List<Schema.Item> before = Generator.items(migrated);
        proof.withFiles(draft, migrated, migrator -> {
            proof.undone(draft, migrator);
            List<String> lost = Drift.between(before, Generator.items(migrated)).changes().stream()
                    .filter(change -> !isWanted(change))
                    .map(change -> change.title() + (isTable(change) ? " " + otherLines(change) : ""))
                    .limit(SHOWN)
                    .toList();
            if (!lost.isEmpty())
                throw TypeChange.refused(
                        parts.column().title() + ": this would not be as it was before: " + String.join(", ", lost));
            return null;
        });
    }

    /** What reads the column may say in its definition how it takes the new type. */
    private boolean isWanted(Drift.Change change) {
        if (change.how() != Drift.How.CHANGED) return false;
        if (!isTable(change)) return isReader(change);
        return otherLines(change).isEmpty();
    }

    private boolean isTable(Drift.Change change) {
        return change.kind().equals("TABLE") && parts.tables().contains(change.identity());
    }

    /** The lines of the table that are about neither the column nor one of its constraints. */
    private List<String> otherLines(Drift.Change change) {
        List<String> own = new ArrayList<>(List.of("    " + parts.name() + " "));
        parts.dependents().stream()
                .filter(TypeChangeParts.Dependent::isConstraint)
                .forEach(one -> own.add("    CONSTRAINT " + one.constraint() + " "));
        List<String> removed = lines(change, "-", own);
        List<String> added = lines(change, "+", own);
        List<String> others = new ArrayList<>(removed);
        others.removeAll(added);
        added.stream().filter(line -> !removed.contains(line)).forEach(others::add);
        return others;
    }

    /** Without the comma that the place of a line gives it. */
    private static List<String> lines(Drift.Change change, String sign, List<String> own) {
        return change.lines().stream()
                .filter(line -> line.startsWith(sign))
                .map(line -> line.substring(1).replaceFirst(",$", ""))
                .filter(line -> own.stream().noneMatch(line::startsWith))
                .toList();
    }

    private boolean isReader(Drift.Change change) {
        boolean isSequence = parts.column().sequence() != null
                && change.identity().equals(parts.column().sequence().name());
        return isSequence
                || change.kind().equals("INDEX")
                || change.kind().equals("CONSTRAINT")
                || parts.others().stream()
                        .anyMatch(item -> item.kind().equals(change.kind())
                                && item.identity().equals(change.identity()))
                || parts.drops().contains("DROP VIEW " + change.identity() + ";")
                || parts.dependents().stream()
                        .anyMatch(one -> one.isConstraint() && change.identity().contains(one.constraint()));
    }
}
