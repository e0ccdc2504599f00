package avdaily.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What is encrypted opens as the age project says, or not at all. */
public class AgeTest {
    /** A key for tests only. */
    private static final String KEY = "AGE-SECRET-KEY-1WEKDEP4ZF66AKEHX9EM4PRK5TL3K2RHVLC9MQYX4X3N0JA6SQ29S87PQ75";

    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";

    @TempDir
    Path folder;

    @Test
    void noByteCanBeCutOrChanged() throws Exception {
        Path key = key(KEY);
        byte[] text = "a backup\n".getBytes(StandardCharsets.UTF_8);
        byte[] whole = Age.encrypted(text, List.of(RECIPIENT));
        assertArrayEquals(text, Age.decrypted(whole, key));
        for (int i = 0; i < whole.length; i++) {
            byte[] cut = Arrays.copyOf(whole, i);
            assertThrows(Exception.class, () -> Age.decrypted(cut, key), "cut to " + i);
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            assertThrows(Exception.class, () -> Age.decrypted(changed, key), "changed at " + i);
        }
    }

    /** {@code TEST_AGE_VECTORS} names a folder of the age project's test vectors; a referee's script gets them. */
    @TestFactory
    Stream<DynamicTest> testVectors() throws IOException {
        String vectors = System.getenv("TEST_AGE_VECTORS");
        assumeTrue(vectors != null, "TEST_AGE_VECTORS names no folder");
        try (Stream<Path> files = Files.list(Path.of(vectors))) {
            List<Vector> all = new ArrayList<>();
            for (Path file : files.sorted().toList()) all.add(Vector.read(file));
            return all.stream()
                    .filter(Vector::isOfOurs)
                    .map(vector -> DynamicTest.dynamicTest(vector.name, () -> check(vector)));
        }
    }

    private void check(Vector vector) throws Exception {
        Path key = key(vector.says.get("identity"));
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        String outcome = "success";
        try (InputStream in = Age.decrypting(new ByteArrayInputStream(vector.encrypted), key)) {
            in.transferTo(released);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            outcome = "failure: " + e;
        }
        assertEquals(vector.says.get("expect").equals("success"), outcome.equals("success"), vector.says + outcome);
        if (outcome.equals("success"))
            assertEquals(
                    vector.says.get("payload"),
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(released.toByteArray())));
    }

    private Path key(String text) throws IOException {
        return Files.writeString(folder.resolve("key.txt"), text + "\n");
    }

    /** A vector: lines of "key: value", an empty line, and an encrypted file. */
    private record Vector(String name, Map<String, String> says, byte[] encrypted) {
        static Vector read(Path file) throws IOException {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\n\n");
            Map<String, String> says = text.substring(0, end)
                    .lines()
                    .map(line -> line.split(": ", 2))
                    .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (first, second) -> first));
            byte[] rest = text.substring(end + 2).getBytes(StandardCharsets.ISO_8859_1);
            if (says.containsKey("compressed"))
                rest = new InflaterInputStream(new ByteArrayInputStream(rest)).readAllBytes();
            return new Vector(file.getFileName().toString(), says, rest);
        }

        /** Neither passphrases nor armor nor hybrid keys are of a backup. */
        boolean isOfOurs() {
            return says.getOrDefault("identity", "").startsWith("AGE-SECRET-KEY-1") && !says.containsKey("armored");
        }
    }
}
