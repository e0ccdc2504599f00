package avdaily.generate;

import avdaily.base.Failure;
import java.nio.file.Path;

/** The file of a recipe, which every mistake names. */
record RecipeFile(Path path) {
    /** @param where table, or table and column; empty for the file as a whole */
    Failure mistake(String where, String what, String next) {
        return Failure.usage(path + (where.isEmpty() ? "" : ", " + where) + ": " + what, next);
    }
}
