package avdaily.generate;

/** Makes a column's value for a row. */
interface ValueMaker {
    Object value(RecipeRow row);
}
