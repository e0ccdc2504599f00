package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.migrate.Drift;
import avdaily.sql.Sql;
import java.util.List;

/** In which tables the schema differs from what its migrations left, as the monitor's last look saw it. */
record DriftState(List<Drift.Change> changes) {
    static final DriftState NONE = new DriftState(List.of());

    Html mark(Relation relation) {
        return of(relation).isEmpty() ? Html.NOTHING : Html.all(" ", Show.badge("critical", "drifted"));
    }

    /** What differs, line by line. */
    Html section(Relation relation) {
        List<Drift.Change> own = of(relation);
        if (own.isEmpty()) return Html.NOTHING;
        return Show.section(
                "drift",
                "Drift",
                element("p", "The monitor's last look saw it other than the last migration left it:"),
                own.stream().map(DriftState::difference).toList());
    }

    private static Html difference(Drift.Change change) {
        return Html.all(
                element("p", kind("lead"), change.how(), " ", change.kind(), " ", change.identity()),
                change.lines().isEmpty() ? null : element("pre", String.join("\n", change.lines())));
    }

    /** The changes of a table and of its parts. Names of parts end with their table; of indexes the SQL says it. */
    private List<Drift.Change> of(Relation relation) {
        List<String> names = List.of(
                relation.schema() + "." + relation.name(),
                Sql.quoted(relation.schema()) + "." + Sql.quoted(relation.name()),
                relation.schema() + "." + Sql.quoted(relation.name()),
                Sql.quoted(relation.schema()) + "." + relation.name());
        return changes.stream()
                .filter(change -> names.stream()
                        .anyMatch(name -> change.identity().equals(name)
                                || change.identity().endsWith(" on " + name)
                                || change.kind().equals("INDEX")
                                        && change.lines().stream()
                                                .anyMatch(line -> line.contains(" ON " + name + " "))))
                .toList();
    }
}
