package avdaily.deploy;

import avdaily.base.ChildProcess;
import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signatures of OpenSSH, made and verified by {@code ssh-keygen}: it knows agents, hardware keys and certificates, and
 * every option of a file of allowed signers.
 */
final class SshSignature {
    /** What a signature is for, so that one made for another purpose counts nowhere. */
    private static final String NAMESPACE = "plan@avdaily";

    private static final Pattern GOOD = Pattern.compile("Good \"[^\"]*\" signature for (\\S+) with (\\S+) key (\\S+)");
    private static final int MINUTES = 5; // a person may have to type a passphrase, or to touch a key

    /**
     * Who signed.
     *
     * @param name as the file of allowed signers, or a certificate, has it
     * @param names all of this person's
     * @param keys the fingerprints of all of this person's
     */
    record Signer(String name, Set<String> names, Set<String> keys) {
        boolean isSame(Signer other) {
            return keys.stream().anyMatch(other.keys::contains)
                    || names.stream().anyMatch(one -> other.names.stream()
                            .anyMatch(another -> AllowedSigners.isSame(one, another)));
        }
    }

    /** @throws Failure (2) if the key cannot sign */
    static String sign(Settings settings, Path key, String message) {
        Answer answer = run(
                settings, message, List.of("-Y", "sign", "-q", "-n", NAMESPACE, "-f", absolute(key)), "SSH_AUTH_SOCK");
        if (answer.code != 0 || !answer.out.contains("BEGIN SSH SIGNATURE"))
            throw Failure.usage(
                    key + " cannot sign: " + answer.lastLine(),
                    "name your private key, or the public one if its private one is in your agent.");
        return answer.out;
    }

    /** Who signed this message; nothing if nobody did whom the file allows. */
    static Optional<Signer> verify(Settings settings, BoundText signers, String signature, String message) {
        if (signature == null) return Optional.empty();
        if (signers.text() == null)
            throw Failure.usage(
                    "the allowed signers in " + signers.file() + " cannot be read",
                    "write the file as ssh-keygen(1) describes it: a name and a public key a line.");
        Path folder = null;
        try {
            folder = Files.createTempDirectory("avdaily-signature");
            Path file = Files.writeString(folder.resolve("signature"), signature);
            Path allowed = Files.writeString(folder.resolve("signers"), signers.text());
            Answer names = run(
                    settings,
                    message,
                    List.of("-Y", "find-principals", "-s", file.toString(), "-f", absolute(allowed)));
            List<String> found = names.code == 0 ? List.of(names.out.strip().split("[,\\r\\n]+")) : List.of();
            for (String name : found) {
                Optional<Matcher> good = good(settings, allowed, file, message, name);
                if (good.isPresent()) {
                    AllowedSigners known = AllowedSigners.read(signers.text());
                    return Optional.of(signer(settings, known, allowed, file, message, found, good.get()));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw Failure.usage("a signature cannot be looked at: " + Reason.of(e), "make room for temporary files.");
        } finally {
            delete(folder);
        }
    }

    /** What ssh-keygen says of a signature if it is this name's. */
    private static Optional<Matcher> good(Settings settings, Path allowed, Path file, String message, String name) {
        Answer answer = run(
                settings,
                message,
                List.of("-Y", "verify", "-f", absolute(allowed), "-I", name, "-n", NAMESPACE, "-s", file.toString()));
        Matcher good = GOOD.matcher(answer.out);
        return answer.code == 0 && good.find() ? Optional.of(good) : Optional.empty();
    }

    /** A certificate may have more names than the first line that fits it tells. */
    private static Signer signer(
            Settings settings,
            AllowedSigners signers,
            Path allowed,
            Path file,
            String message,
            List<String> found,
            Matcher good) {
        Set<String> names = new HashSet<>(found);
        if (good.group(2).endsWith("-CERT"))
            for (String other : signers.names())
                if (!names.contains(other)
                        && good(settings, allowed, file, message, other).isPresent()) names.add(other);
        return signers.person(good.group(1), names, good.group(3));
    }

    private static void delete(Path folder) {
        if (folder == null) return;
        folder.resolve("signature").toFile().delete();
        folder.resolve("signers").toFile().delete();
        folder.toFile().delete();
    }

    private static String absolute(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    private record Answer(int code, String out) {
        String lastLine() {
            return out.strip().lines().reduce((a, b) -> b).orElse("ssh-keygen says nothing");
        }
    }

    private static Answer run(Settings settings, String message, List<String> arguments, String... variables) {
        List<String> words = new ArrayList<>(List.of("ssh-keygen"));
        words.addAll(arguments);
        try {
            File in = File.createTempFile("avdaily-ssh", ".in"); // not a pipe: not every run reads it to its end
            File out = File.createTempFile("avdaily-ssh", ".out");
            for (File file : List.of(in, out)) file.deleteOnExit(); // if it comes while ssh-keygen is at work
            try {
                Files.writeString(in.toPath(), message);
                ProcessBuilder builder = settings.applyTo(new ProcessBuilder(words), variables)
                        .redirectErrorStream(true)
                        .redirectInput(in)
                        .redirectOutput(out);
                ChildProcess program = new ChildProcess(builder);
                try (program) {
                    program.waitFor(MINUTES, TimeUnit.MINUTES);
                }
                return new Answer(program.code(), Files.readString(out.toPath()));
            } finally {
                in.delete();
                out.delete();
            }
        } catch (IOException e) {
            throw Failure.usage(
                    "ssh-keygen cannot be run: " + Reason.of(e), "install OpenSSH 8.1 or newer, and put it on PATH.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.INTERRUPTED, "interrupted while ssh-keygen was at work", "run it again.", e);
        }
    }

    private SshSignature() {}
}
