package avdaily.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** SHA-256, as 64 lowercase hexadecimal digits. */
public final class Sha256 {
    private static final int BUFFER = 1 << 16;

    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** The text's, in UTF-8. */
    public static String of(String text) {
        return hex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The file's.
     *
     * @param progress takes the bytes of each step
     * @throws Failure (24) if it cannot be read
     */
    public static String of(Path file, LongConsumer progress) {
        MessageDigest digest = digest();
        add(digest, file, progress);
        return hex(digest.digest());
    }

    public static String of(Path file) {
        return of(file, n -> {});
    }

    /** Goes on with the bytes of the file. */
    public static void add(MessageDigest digest, Path file, LongConsumer progress) {
        try (InputStream in = Files.newInputStream(file)) {
            add(digest, in, progress);
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.DAMAGED,
                    file + " cannot be read: " + Reason.of(e),
                    "see that the file is there and readable.",
                    e);
        }
    }

    /** That of what is read to its end. */
    public static String of(InputStream in, LongConsumer progress) throws IOException {
        MessageDigest digest = digest();
        add(digest, in, progress);
        return hex(digest.digest());
    }

    private static void add(MessageDigest digest, InputStream in, LongConsumer progress) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n; (n = in.read(buffer)) >= 0; progress.accept(n)) digest.update(buffer, 0, n);
    }

    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    private Sha256() {}
}
