package avdaily.generate;

/**
 * A row of a recipe's table.
 *
 * @param key the row's number. The numbers of a table with a parent have gaps, since each parent has room for the most.
 * @param parent null for a row of a table without a parent
 */
record RecipeRow(RecipeTable table, long key, RecipeRow parent) {
    RecipeRow of(RecipeTable ancestor) {
        return table == ancestor ? this : parent.of(ancestor);
    }
}
