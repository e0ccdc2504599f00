package avdaily.studio;

import avdaily.base.Json;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the pages of the schema say, for programs: no rows. */
final class SchemaFacts {
    private final Connection c;
    private final Catalog catalog;
    private final Map<Long, List<Column>> columns;

    private SchemaFacts(Connection c) throws SQLException {
        this.c = c;
        this.catalog = Catalog.of(c);
        this.columns =
                Column.of(c, catalog.relations().stream().map(Relation::oid).toList());
    }

    /** Each table and view. */
    static List<Map<String, Object>> tables(Connection c) throws SQLException {
        SchemaFacts facts = new SchemaFacts(c);
        List<Map<String, Object>> tables = new ArrayList<>();
        for (Relation relation : facts.catalog.relations()) tables.add(facts.of(relation));
        return tables;
    }

    private Map<String, Object> of(Relation relation) throws SQLException {
        boolean holdsRows = relation.kind().holdsRows();
        Relation.Measures measures = relation.measures();
        Map<String, Object> table = Json.object(
                "schema", relation.schema(),
                "name", relation.name(),
                "kind", relation.kind().word,
                "owner", relation.owner(),
                "comment", relation.comment(),
                "rowSecurity", relation.hasRowSecurity(),
                "estimatedRows", holdsRows ? measures.rows() : null,
                "bytes", holdsRows && measures.bytes() >= 0 ? measures.bytes() : null,
                "columns",
                        columns.getOrDefault(relation.oid(), List.of()).stream()
                                .map(SchemaFacts::of)
                                .toList(),
                "references",
                        catalog.references().stream()
                                .filter(reference -> reference.from().is(relation))
                                .map(SchemaFacts::of)
                                .toList(),
                "constraints", parts(TablePart.Kind.CONSTRAINTS, relation),
                "indexes", parts(TablePart.Kind.INDEXES, relation),
                "triggers", parts(TablePart.Kind.TRIGGERS, relation),
                "policies", parts(TablePart.Kind.POLICIES, relation));
        TablePart.of(c, TablePart.Kind.DEFINITION, relation)
                .forEach(view -> table.put("definition", view.definition()));
        return table;
    }

    private static Map<String, Object> of(Column column) {
        return Json.object(
                "name", column.name(),
                "type", column.type(),
                "nullable", column.isNullable(),
                "filledBy", column.filledBy(),
                "comment", column.comment(),
                "inKey", column.isKey());
    }

    private static Map<String, Object> of(Reference reference) {
        return Json.object(
                "name", reference.name(),
                "columns", reference.columns(),
                "toSchema", reference.to().schema(),
                "toTable", reference.to().name(),
                "toColumns", reference.keys(),
                "definition", reference.definition(),
                "valid", reference.isValidated(),
                "indexed", reference.isIndexed());
    }

    private List<Map<String, Object>> parts(TablePart.Kind kind, Relation relation) throws SQLException {
        return TablePart.of(c, kind, relation).stream()
                .map(part -> Json.object(
                        "name", part.name(),
                        "definition", part.definition(),
                        "comment", part.comment(),
                        "valid", part.isValid()))
                .toList();
    }
}
