package avdaily.migrate.lint;

import avdaily.sql.Word;
import java.util.List;
import java.util.stream.Stream;

/** What one statement changed, as the moments before and after it show, and its words. */
final class StatementChange {
    private static final int MOST_WORDS = 200;

    final CatalogSnapshot start;
    final CatalogSnapshot before;
    final CatalogSnapshot after;
    private final List<Word> words;

    /** @param start the moment before the first statement of all: tables that are newer are in nobody's use */
    StatementChange(CatalogSnapshot start, CatalogSnapshot before, CatalogSnapshot after, String sql) {
        this.start = start;
        this.before = before;
        this.after = after;
        this.words = Word.of(sql, MOST_WORDS);
    }

    /** Whether the table was there at the start, so that others use it. */
    boolean isInUse(long table) {
        return start.tables.containsKey(table);
    }

    /** The tables that were there at the start, without those that an earlier statement dropped. */
    Stream<CatalogSnapshot.Table> tablesInUse() {
        return start.tables.values().stream().filter(table -> before.tables.containsKey(table.oid()));
    }

    /** The table's name after the statement, or before it if the statement dropped the table. */
    String name(long table) {
        return (after.tables.containsKey(table) ? after : before)
                .tables
                .get(table)
                .name();
    }

    /** The table's name before the statement, or after it if the statement made the table. */
    String oldName(long table) {
        return (before.tables.containsKey(table) ? before : after)
                .tables
                .get(table)
                .name();
    }

    boolean rewrote(long table) {
        return after.rewrote(table, before);
    }

    boolean scanned(long table) {
        return after.scanned(table, before);
    }

    boolean rebuiltIndexOf(long table) {
        return before.indexes.values().stream().anyMatch(index -> index.table() == table && rebuilt(index));
    }

    boolean rebuilt(CatalogSnapshot.Index index) {
        CatalogSnapshot.Index now = after.indexes.get(index.oid());
        return now != null && now.file() != index.file();
    }

    /** Constraints whose name is new to their table; a change of a column's type makes the old ones anew. */
    List<CatalogSnapshot.Constraint> newConstraints() {
        return after.constraints.values().stream()
                .filter(made -> before.constraints.values().stream()
                        .noneMatch(
                                old -> old.table() == made.table() && old.name().equals(made.name())))
                .toList();
    }

    boolean starts(String keyword) {
        return !words.isEmpty() && words.get(0).is(keyword);
    }

    boolean says(String keyword) {
        return words.stream().anyMatch(word -> word.is(keyword));
    }
}
