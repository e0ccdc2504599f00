package avdaily.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The files that a room fetches, with the SHA-256 sums that they must have: a list beside the class that fetches them,
 * as sha256sum writes it. A mirror, a proxy or a folder that others write to can hand over something else.
 */
public final class FetchedFiles {
    private final String list;
    private final Map<String, String> sums;

    /**
     * @param beside a class of the package that has the list
     * @param name as in "tools.sha256"
     */
    public FetchedFiles(Class<?> beside, String name) {
        this.list = name;
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("the script lacks its own file " + name);
            sums = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" [ *]", 2))
                    .collect(Collectors.toMap(words -> words[1], words -> words[0]));
        } catch (IOException e) {
            throw new IllegalStateException("the script's own file " + name + " cannot be read", e);
        }
    }

    /**
     * Lets the file through before anything of it is unpacked or run.
     *
     * @throws Failure (21) if it is not on the list, or is not what the list says
     */
    public void check(Path file) {
        String name = file.getFileName().toString();
        String expected = sums.get(name);
        String found = Sha256.of(file);
        if (found.equals(expected)) return;
        throw Failure.refused(
                expected == null
                        ? name + " was fetched, and this version knows no SHA-256 sum of it (" + list + ")"
                        : name + " is not the file that this version knows: its SHA-256 sum is " + found + ", not "
                                + expected,
                "nothing of it was used; delete " + file + ", see that the repository in ~/.m2/settings.xml is one "
                        + "that you trust, and run it again.");
    }
}
