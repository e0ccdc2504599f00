package avdaily.generate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.seed.TableCatalog;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a recipe: its tables in the order of the file, each checked against the database's. */
final class RecipeReader {
    /** Row numbers are below this bound, the unused numbers of parents with fewer children included. */
    private static final long MOST_ROWS = 1L << 40;

    private final RecipeFile file;
    private final CounterRandom random;
    private final TableCatalog catalog;
    private final Long users;
    private final Map<String, RecipeTable> tables = new LinkedHashMap<>();
    private final ValueMakers makers;

    RecipeReader(RecipeFile file, CounterRandom random, TableCatalog catalog, PeopleNames names, Recipe.Scale scale) {
        this.file = file;
        this.random = random;
        this.catalog = catalog;
        this.users = scale.users();
        this.makers = new ValueMakers(file, random, names, scale, tables);
    }

    /** The tables by name, parents before children. */
    Map<String, RecipeTable> read() {
        JsonNode root = file.read();
        if (!root.path("tables").isObject())
            throw file.mistake("", "there are no tables", "write tables: {name: {rows: 10, columns: {...}}}.");
        root.get("tables").properties().forEach(entry -> add(entry.getKey(), entry.getValue()));
        return tables;
    }

    private void add(String name, JsonNode node) {
        RecipeTable table = new RecipeTable(name);
        TableCatalog.Table known = catalog.find(name)
                .orElseThrow(() -> file.mistake(
                        name, "the database has no such table", "correct the name, or bring the schema up first."));
        if (node.has("each")) readParent(table, node);
        else readRows(table, node);
        table.room = table.parent == null ? table.rows : table.parent.room * table.to;
        if (table.room > MOST_ROWS)
            throw file.mistake(name, "that is room for " + Format.count(table.room, "row"), "write less.");
        for (Map.Entry<String, JsonNode> entry : node.properties())
            if (!List.of("rows", "each", "from", "to", "columns").contains(entry.getKey()))
                throw file.mistake(
                        name,
                        "'" + entry.getKey() + "' is not known",
                        "a table has rows, or each with from and to; and columns.");
        if (node.path("columns").isEmpty())
            throw file.mistake(name, "it has no columns", "write columns: {name: Thing {row}}.");
        tables.put(name, table);
        for (Map.Entry<String, JsonNode> column : node.path("columns").properties())
            addColumn(table, known, column.getKey(), column.getValue());
    }

    private void readParent(RecipeTable table, JsonNode node) {
        table.parent = tables.get(node.get("each").asText());
        if (table.parent == null)
            throw file.mistake(
                    table.name, "there is no table " + node.get("each").asText() + " before it", "put parents first.");
        table.from = node.path("from").asInt(1);
        table.to = node.path("to").asInt(table.from);
        if (table.from < 0 || table.to < table.from || table.to > 1_000_000)
            throw file.mistake(
                    table.name,
                    "from " + table.from + " to " + table.to + " is no range",
                    "write from: 0 and to: 5, say.");
    }

    private void readRows(RecipeTable table, JsonNode node) {
        JsonNode rows = node.path("rows");
        boolean isUsers = rows.asText().equals("users");
        if (isUsers && users == null)
            throw Failure.usage(
                    file.path() + ", " + table.name + ": it has as many rows as there are users, and nobody says how "
                            + "many that is",
                    "name their number with --users, or write it in place of the word.");
        table.rows = isUsers ? users : rows.asLong(-1);
        if (table.rows < 0)
            throw file.mistake(
                    table.name,
                    "it does not say how many rows",
                    "write rows: 100, rows: users, or each: PARENT with from and to.");
    }

    private void addColumn(RecipeTable table, TableCatalog.Table known, String column, JsonNode node) {
        String where = table.name + "." + column;
        if (!known.columns().containsKey(column))
            throw file.mistake(
                    where,
                    "the table has no such column",
                    "its columns are " + String.join(", ", known.columns().keySet()) + ".");
        if (known.columns().get(column).generated())
            throw file.mistake(where, "the database computes it from other columns", "leave the column out.");
        long stream = CounterRandom.stream(where);
        ValueMaker maker = makers.of(table, where, stream, node);
        int nulls = node.has("null") ? makers.percent(where, node.get("null")) : 0;
        table.columns.put(
                column,
                nulls == 0 ? maker : row -> random.below(100, stream + 7, row.key()) < nulls ? null : maker.value(row));
        table.types.put(column, known.columns().get(column).base());
    }
}
