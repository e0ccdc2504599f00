import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/**
 * Compares texts with the files under tests/testdata/. With TEST_RENEW=1 the files are written anew, and nothing is
 * compared: what changed then shows in the version control.
 */
final class Testdata {
    private static final Path FOLDER = ScriptTest.PROJECT.resolve("tests/testdata");
    private static final String WAY_ON =
            "If that is meant, 'TEST_RENEW=1 ./jbang avdaily-test AnswersTest' writes the files anew.";
    private static final boolean RENEW = "1".equals(System.getenv("TEST_RENEW"));

    /** The files of {@code folder} whose names begin with {@code prefix} must be these, by name, with these texts. */
    static void matches(String folder, String prefix, Map<String, String> texts) {
        Set<String> names = new TreeSet<>(texts.keySet());
        names.addAll(names(FOLDER.resolve(folder), prefix));
        assertAll(names.stream().map(name -> (Executable) () -> matches(folder + "/" + name, texts.get(name))));
    }

    /** The file must hold this text; null if it must not be there. */
    static void matches(String name, String text) throws IOException {
        Path file = FOLDER.resolve(name);
        if (RENEW) {
            if (text == null) Files.delete(file);
            else ScriptTest.write(file, text);
            return;
        }
        String shown = ScriptTest.PROJECT.relativize(file).toString();
        if (text == null) fail(shown + " is there, and nothing answers so any more.\n" + WAY_ON);
        if (!Files.exists(file)) fail(shown + " is missing.\n" + WAY_ON);
        String known = Files.readString(file);
        if (!known.equals(text)) fail(shown + difference(known.split("\n", -1), text.split("\n", -1)) + "\n" + WAY_ON);
    }

    private static String difference(String[] known, String[] found) {
        int line = 0;
        while (line < known.length && line < found.length && known[line].equals(found[line])) line++;
        return " differs in line " + (line + 1) + "\n  expected: " + at(known, line) + "\n  found:    "
                + at(found, line);
    }

    private static String at(String[] lines, int line) {
        return line < lines.length ? "'" + lines[line] + "'" : "nothing, the text ends before";
    }

    private static Set<String> names(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) return Set.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return fail(e);
        }
    }

    private Testdata() {}
}
