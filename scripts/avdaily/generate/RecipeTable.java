package avdaily.generate;

import avdaily.base.Failure;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A table of a recipe: how many rows it has, and what makes the values of its columns. */
final class RecipeTable {
    private static final Set<String> BINARY = Set.of(
            "uuid",
            "text",
            "character varying",
            "character",
            "json",
            "jsonb",
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "real",
            "double precision",
            "numeric",
            "date",
            "timestamp without time zone",
            "timestamp with time zone");

    final String name;
    /** Null for a table that has its rows without another one. */
    RecipeTable parent;

    long rows;
    /** The most rows that there can be. */
    long room;
    /** The fewest and the most rows for each row of the parent. */
    int from;

    int to;
    final Map<String, ValueMaker> columns = new LinkedHashMap<>();
    final Map<String, String> types = new HashMap<>();

    RecipeTable(String name) {
        this.name = name;
    }

    RecipeTable root() {
        return parent == null ? this : parent.root();
    }

    RowSource.Target target() {
        return new RowSource.Target(name, List.copyOf(columns.keySet()), format());
    }

    /** A column without a known binary form has all values of the table written as texts. */
    RowSource.Format format() {
        return types.values().stream().allMatch(type -> BINARY.contains(plain(type)) && !isWide(type))
                ? RowSource.Format.BINARY
                : RowSource.Format.TEXT;
    }

    /** Whether values may have more digits than the binary form takes. */
    private static boolean isWide(String type) {
        return plain(type).equals("numeric") && !type.matches("numeric\\((\\d|1[0-8])(,.*)?\\)");
    }

    /** The type without its size. */
    static String plain(String type) {
        return type.replaceFirst("\\(.*\\)", "");
    }

    /** @throws Failure (2) if the column does not stand before the one that names it */
    ValueMaker column(RecipeFile file, String column, String where) {
        if (!columns.containsKey(column))
            throw file.mistake(
                    where,
                    "the table " + name + " has no column " + column + " before it",
                    "its columns so far are " + String.join(", ", columns.keySet()) + ".");
        return row -> columns.get(column).value(row);
    }

    /** How many rows a row of the parent has here. */
    int children(CounterRandom random, RecipeRow parent) {
        return from + random.below(to - from + 1, CounterRandom.stream(name), parent.key());
    }

    RecipeRow child(RecipeRow parent, int place) {
        return new RecipeRow(this, parent.key() * to + place, parent);
    }
}
