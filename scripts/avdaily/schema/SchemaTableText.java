package avdaily.schema;

import avdaily.sql.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The statement that makes a table or view. It is written when the order is known: a circle may change it. */
final class SchemaTableText {
    private final SchemaCatalog catalog;
    private final SchemaTables.Table t;
    private final List<String> lines = new ArrayList<>();
    private final List<String> later = new ArrayList<>();

    SchemaTableText(SchemaCatalog catalog, SchemaTables.Table t) {
        this.catalog = catalog;
        this.t = t;
    }

    String create() {
        return switch (t.kind) {
            case 'v' -> view();
            case 'm' -> materializedView();
            default -> table();
        };
    }

    private String table() {
        lines.clear();
        later.clear();
        t.columns.forEach(this::add);
        for (SchemaTables.Check check : t.checks)
            if (check.isInside(catalog.graph)) lines.add("CONSTRAINT " + check.name() + " " + check.definition());
        String body = lines.isEmpty()
                ? (t.ofType == null ? " (\n)" : "")
                : " (\n    " + String.join(",\n    ", lines) + "\n)";
        return "CREATE " + (t.isUnlogged ? "UNLOGGED " : "") + "TABLE " + t.name
                + (t.ofType == null ? "" : " OF " + t.ofType) + body
                + (t.parents.isEmpty() ? "" : "\nINHERITS (" + parents() + ")")
                + (t.partitionKey == null ? "" : "\nPARTITION BY " + t.partitionKey) + storage() + ";"
                + (later.isEmpty() ? "" : "\n" + String.join("\n", later));
    }

    private String parents() {
        return t.parents.stream().map(parent -> parent.name).collect(Collectors.joining(", "));
    }

    private void add(SchemaTables.Column column) {
        SchemaTables.Column above = inherited(column.name, c -> c.expression != null);
        boolean isGeneratedAbove = above != null && !above.generated.isEmpty();
        String value = value(column, above);
        boolean hidesDefault = column.expression == null && above != null && !isGeneratedAbove;
        if (column.isLocal) {
            String more = value
                    + (hidesDefault ? " DEFAULT NULL" : "")
                    + (column.notNull == null ? "" : " " + column.notNull);
            if (t.ofType == null)
                lines.add(column.quoted + " " + column.type
                        + (column.collation == null ? "" : " COLLATE " + column.collation) + more);
            else if (!more.isEmpty()) lines.add(column.quoted + " WITH OPTIONS" + more);
            return;
        }
        String alter = "ALTER TABLE ONLY " + t.name + " ALTER COLUMN " + column.quoted + " SET ";
        if (column.notNull != null)
            lines.add(column.notNull.replaceFirst("NOT NULL", "NOT NULL " + column.quoted.replace("$", "\\$")));
        else if (catalog.version < 18 && column.isNotNull && inherited(column.name, c -> c.isNotNull) == null)
            later.add(alter + "NOT NULL;");
        if (!value.isEmpty() && !value.equals(above == null ? "" : " DEFAULT " + above.expression))
            later.add(alter + value.strip() + ";");
        else if (hidesDefault) later.add(alter + "DEFAULT NULL;");
    }

    /** The default or the generating expression, with a blank before; nothing if the parent gives it. */
    private String value(SchemaTables.Column column, SchemaTables.Column above) {
        boolean isGenerated = !column.generated.isEmpty();
        boolean isFromAbove = above != null
                && !above.generated.isEmpty()
                && isGenerated
                && (catalog.version < 16 || above.expression.equals(column.expression));
        if (column.expression == null || isFromAbove || column.part != null && column.part.separate) return "";
        if (!isGenerated) return " DEFAULT " + column.expression;
        return " GENERATED ALWAYS AS (" + column.expression + ")"
                + (column.generated.equals("v") ? " VIRTUAL" : " STORED");
    }

    /** The first parent's column of that name for which the condition holds, or null. */
    private SchemaTables.Column inherited(String name, Predicate<SchemaTables.Column> condition) {
        for (SchemaTables.Table parent : t.parents) {
            SchemaTables.Column column = parent.column(name);
            if (column != null && condition.test(column)) return column;
        }
        return null;
    }

    private String storage() {
        return (t.accessMethod == null ? "" : "\nUSING " + t.accessMethod)
                + (t.options.isEmpty() ? "" : "\nWITH (" + t.options + ")")
                + (t.tablespace == null ? "" : "\nTABLESPACE " + Sql.quoted(t.tablespace));
    }

    private String view() {
        if (!t.node.definition.separate) return "CREATE" + viewDefinition();
        return "CREATE VIEW " + t.name + " AS\nSELECT\n    "
                + t.columns.stream().map(SchemaTableText::standIn).collect(Collectors.joining(",\n    ")) + ";";
    }

    private static String standIn(SchemaTables.Column column) {
        return "NULL::" + column.type + (column.collation == null ? "" : " COLLATE " + column.collation) + " AS "
                + column.quoted;
    }

    /** What follows CREATE or CREATE OR REPLACE. The check option is among the options. */
    String viewDefinition() {
        return " VIEW " + t.name + (t.options.isEmpty() ? "" : " WITH (" + t.options + ")") + " AS\n" + t.definition;
    }

    private String materializedView() {
        return "CREATE MATERIALIZED VIEW " + t.name + storage() + " AS\n" + t.definition.replaceFirst(";\\s*$", "")
                + "\n  WITH NO DATA;";
    }
}
