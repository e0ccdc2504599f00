package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Reason;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * Encryption in the format of age, version 1, to X25519 keys.
 *
 * @see <a href="https://age-encryption.org/v1">The age file format</a>
 */
final class Age {
    private static final byte[] MAGIC = "age-encryption.org/v1\n".getBytes(StandardCharsets.ISO_8859_1);

    /** Whether a stream, which must support marks, begins as an encrypted one does. */
    static boolean isEncrypted(InputStream in) throws IOException {
        return Compression.startsWith(in, MAGIC);
    }

    /** @throws Failure (2) if this is no public key of age */
    static RecipientStanzaWriter recipient(String key) {
        try {
            return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(key);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Failure.usage(
                    "'" + key + "' is no age recipient", "name a public key as 'age-keygen' prints it (age1...).");
        }
    }

    /** A channel that encrypts into {@code target} and gives the file its end when it is closed. */
    static WritableByteChannel encrypting(WritableByteChannel target, List<String> recipients) throws IOException {
        List<RecipientStanzaWriter> writers = new ArrayList<>();
        for (String recipient : recipients) writers.add(recipient(recipient));
        try {
            return new StandardEncryptingChannelFactory().newEncryptingChannel(target, writers);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] encrypted(byte[] plain, List<String> recipients) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (OutputStream out = Channels.newOutputStream(encrypting(Channels.newChannel(target), recipients))) {
            out.write(plain);
        }
        return target.toByteArray();
    }

    /** The same as {@link #decrypting} of a text that fits into memory. */
    static byte[] decrypted(byte[] secret, Path identity) throws GeneralSecurityException, IOException {
        try (InputStream in = decrypting(new ByteArrayInputStream(secret), identity)) {
            return in.readAllBytes();
        }
    }

    /**
     * The content of an encrypted stream.
     *
     * @param identity a file with age's secret keys, as {@code age-keygen} writes it
     * @throws Failure (2) if there is no key in that file
     * @throws GeneralSecurityException if none of the keys opens it
     */
    static InputStream decrypting(InputStream in, Path identity) throws GeneralSecurityException, IOException {
        return Channels.newInputStream(
                new StandardDecryptingChannelFactory().newDecryptingChannel(Channels.newChannel(in), keys(identity)));
    }

    private static List<RecipientStanzaReader> keys(Path identity) {
        try {
            List<RecipientStanzaReader> keys = new ArrayList<>();
            for (String line : Files.readAllLines(identity)) {
                if (line.isBlank() || line.startsWith("#")) continue;
                keys.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line.strip()));
            }
            if (keys.isEmpty())
                throw Failure.usage("there is no secret key in " + identity, "name a file that 'age-keygen' made.");
            return keys;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw Failure.usage(
                    "the secret keys in " + identity + " cannot be read: "
                            + (e instanceof IOException ? Reason.of(e) : "not an age key"),
                    "name a file that 'age-keygen' made (AGE-SECRET-KEY-1...).");
        }
    }

    private Age() {}
}
