package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Place;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A row as its file has it: a field is a column's value or, by another table's natural key, a reference. */
public record SeedRow(Path file, int line, Map<String, JsonNode> fields) {
    /** The field that says what becomes of the row: {@code absent} takes it away. */
    static final String STATE = "_state";

    private static final int MOST_TEXT = 200;

    /** A mistake in this row. */
    public Failure mistake(String field, String what, String next) {
        return Failure.usage(message(field, what), next).at(place());
    }

    /** What the database's own code, such as a trigger, says against this row. */
    Failure refused(String what, SQLException e) {
        String next = "correct the row, or the trigger or function that refuses it.";
        return new Failure(Failure.Kind.SQL, message(null, what), next, e).at(place());
    }

    private Place place() {
        return Place.of(file, line);
    }

    private String message(String field, String what) {
        return place() + (field == null ? "" : ", column " + field) + ": " + shortened(what) + "; nothing was written";
    }

    /** A value may be as long as a file, and what is wrong with it stands at either end. */
    private static String shortened(String text) {
        if (text.length() <= 2 * MOST_TEXT) return text;
        int end = text.length() - MOST_TEXT;
        return Format.within(text, MOST_TEXT + 3, "...") + text.substring(Format.isHalf(text, end) ? end + 1 : end);
    }

    boolean absent() {
        JsonNode state = fields.get(STATE);
        if (state == null || state.isNull()) return false;
        if (!state.asText().equals("absent"))
            throw mistake(STATE, "'" + state.asText() + "' is not known", "write absent, or leave it out.");
        return true;
    }

    /** The row without what is no column. */
    SeedRow stateless() {
        Map<String, JsonNode> columns = new LinkedHashMap<>(fields);
        columns.remove(STATE);
        return new SeedRow(file, line, columns);
    }
}
