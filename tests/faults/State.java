import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a command changes.
 *
 * @param history the versions of the history, and whether each succeeded
 * @param schema tables, columns, constraints, indexes
 * @param rows a line for each table
 * @param changes how often the purchase was changed that was changed most often
 * @param backups the number of backups that are whole
 * @param pieces files of backups that are not
 */
record State(
        String history, String schema, Map<String, String> rows, int changes, int backups, List<String> pieces) {
    private static final List<String> ENDINGS = List.of("", ".json", ".sha256");

    static State of(DatabaseUrl db, Path folder) {
        TreeMap<String, String> rows = new TreeMap<>(TableContent.of(db).tables());
        rows.remove("flyway_schema_history");
        String history = DatabaseAccess.value(db, "SELECT to_regclass('public.flyway_schema_history')").equals("null")
                ? ""
                : DatabaseAccess.value(
                        db,
                        "SELECT string_agg(concat_ws(' ', version, success), ',' ORDER BY installed_rank)"
                                + " FROM flyway_schema_history");
        List<String> files = files(folder.resolve("backups"));
        List<String> whole = files.stream()
                .filter(file -> file.endsWith(".gz"))
                .filter(file -> ENDINGS.stream().allMatch(ending -> files.contains(file + ending)))
                .toList();
        List<String> pieces = files.stream()
                .filter(file -> whole.stream().noneMatch(file::startsWith))
                .toList();
        return new State(history, DatabaseAccess.schema(db), rows, changes(db), whole.size(), pieces);
    }

    private static int changes(DatabaseUrl db) {
        boolean isThere = DatabaseAccess.value(
                        db, "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('public.purchase')"
                                + " AND attname = 'times'")
                .equals("1");
        return isThere
                ? Integer.parseInt(DatabaseAccess.value(db, "SELECT coalesce(max(times), 0) FROM purchase"))
                : 0;
    }

    private static List<String> files(Path folder) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the database is the same; files apart. */
    boolean isSameDatabase(State other) {
        return history.equals(other.history) && schema.equals(other.schema) && rows.equals(other.rows);
    }
}
