package avdaily.base;

import java.nio.file.Path;

/**
 * Where something stands in a file that the user has.
 *
 * @param file as the user names it
 * @param line from 1; 0 if it is about the file as a whole
 */
public record Place(String file, int line) {
    /** As in "V8__index.sql line 3". */
    @Override
    public String toString() {
        return line == 0 ? file : file + " line " + line;
    }

    public static Place of(Path file, long line) {
        return new Place(ResourceFolder.show(file), Math.toIntExact(line));
    }

    public static Place of(Path file) {
        return of(file, 0);
    }
}
