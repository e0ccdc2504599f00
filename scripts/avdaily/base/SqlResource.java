package avdaily.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** A query that is too long for a line of Java: a file beside its class, so that psql can run it. */
public final class SqlResource {
    /**
     * The query's text without the comment lines on top.
     *
     * @param beside a class of the package that has the file
     * @param name as in "tables.sql"
     */
    public static String of(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("the script lacks its own file " + name);
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().dropWhile(line -> line.startsWith("--")).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new IllegalStateException("the script's own file " + name + " cannot be read", e);
        }
    }

    private SqlResource() {}
}
