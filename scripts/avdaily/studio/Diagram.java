package avdaily.studio;

import avdaily.base.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Some tables and the foreign keys between them.
 *
 * @param center the table around which the others are, or null
 * @param leftOut how many tables there would be more
 */
record Diagram(Reference.Table center, List<Table> tables, List<Reference> references, int leftOut) {
    /** With more, nobody sees anything. */
    static final int MOST_TABLES = 40;

    /** Of a table, those columns that its keys are made of, or all. */
    record Table(Reference.Table name, List<Column> columns) {
        int place(String column) {
            for (int i = 0; i < columns.size(); i++) if (columns.get(i).name().equals(column)) return i;
            return 0;
        }
    }

    /** Which columns are shown. */
    enum Detail {
        KEYS,
        ALL
    }

    /** A table, and the tables that are at most so many foreign keys away. */
    static Diagram around(Connection c, Catalog catalog, Reference.Table center, int depth, Detail detail)
            throws SQLException {
        Set<Reference.Table> found = new LinkedHashSet<>(Set.of(center));
        Set<Reference.Table> last = Set.of(center);
        for (int step = 0; step < depth; step++) {
            Set<Reference.Table> next = new LinkedHashSet<>();
            for (Reference reference : catalog.references()) {
                if (last.contains(reference.from())) next.add(reference.to());
                if (last.contains(reference.to())) next.add(reference.from());
            }
            next.removeAll(found);
            found.addAll(next);
            last = next;
        }
        Diagram diagram = of(c, catalog, center, found, detail);
        if (diagram.tables.isEmpty())
            throw Failure.usage("there is no table " + center.called(), "choose one on the page Schema.");
        return diagram;
    }

    /** The tables of a schema. */
    static Diagram ofSchema(Connection c, Catalog catalog, String schema, Detail detail) throws SQLException {
        Set<Reference.Table> names = catalog.relations().stream()
                .filter(relation ->
                        relation.kind().holdsRows() && relation.schema().equals(schema))
                .map(relation -> new Reference.Table(relation.schema(), relation.name()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return of(c, catalog, null, names, detail);
    }

    private static Diagram of(
            Connection c, Catalog catalog, Reference.Table center, Set<Reference.Table> names, Detail detail)
            throws SQLException {
        Set<Reference.Table> shown =
                names.stream().limit(MOST_TABLES).collect(Collectors.toCollection(LinkedHashSet::new));
        Map<Long, Reference.Table> numbers = new LinkedHashMap<>();
        Map<Reference.Table, Long> all = new HashMap<>();
        for (Relation relation : catalog.relations())
            all.put(new Reference.Table(relation.schema(), relation.name()), relation.oid());
        for (Reference.Table name : shown) if (all.containsKey(name)) numbers.put(all.get(name), name);
        Map<Long, List<Column>> columns = Column.of(c, numbers.keySet());
        List<Table> tables = new ArrayList<>();
        numbers.forEach((oid, name) -> tables.add(new Table(
                name,
                columns.getOrDefault(oid, List.of()).stream()
                        .filter(column -> detail == Detail.ALL || column.isKey() || column.isReference())
                        .toList())));
        return new Diagram(
                center,
                tables,
                catalog.references().stream()
                        .filter(r -> numbers.containsValue(r.from()) && numbers.containsValue(r.to()))
                        .toList(),
                names.size() - shown.size());
    }

    /** As Mermaid draws it. */
    String mermaid() {
        StringBuilder text = new StringBuilder("erDiagram\n");
        for (Reference reference : references)
            text.append("    ")
                    .append(quoted(reference.to().called()))
                    .append(reference.isOptional() ? " |o--" : " ||--")
                    .append(reference.isUnique() ? "o| " : "o{ ")
                    .append(quoted(reference.from().called()))
                    .append(" : ")
                    .append(quoted(String.join(", ", reference.columns())))
                    .append('\n');
        for (Table table : tables) {
            text.append("    ").append(quoted(table.name.called())).append(" {\n");
            for (Column column : table.columns)
                text.append("        ")
                        .append(word(column.type()))
                        .append(' ')
                        .append(word(column.name()))
                        .append(
                                column.isKey()
                                        ? column.isReference() ? " PK, FK" : " PK"
                                        : column.isReference() ? " FK" : "")
                        .append('\n');
            text.append("    }\n");
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replaceAll("[\"\\p{Cntrl}<>]", "_") + '"';
    }

    private static String word(String text) {
        return text.replaceAll("[^\\p{L}\\p{N}_()\\[\\]-]", "_").replaceFirst("^(?![\\p{L}_])", "_");
    }
}
