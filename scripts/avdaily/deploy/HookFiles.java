package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The programs of the project's folder that its hooks name, and their hashes: a plan is bound to them too. */
record HookFiles(Path folder, Map<String, String> hashes) {
    private static final String SCRIPT = ".*\\.(sh|bash|py|rb|pl|js|mjs|ts|java|kts|ps1|cmd|bat)";

    static HookFiles of(EnvironmentPolicy policy) {
        Map<String, String> hashes = new TreeMap<>();
        policy.hooks()
                .values()
                .forEach(commands -> commands.forEach(command -> {
                    for (String word : command.split("[\\s;&|<>()\"'`=]+"))
                        if (isProgram(policy.folder(), word))
                            hashes.put(word, Sha256.of(policy.folder().resolve(word)));
                }));
        return new HookFiles(policy.folder(), hashes);
    }

    private static boolean isProgram(Path folder, String word) {
        try {
            Path file = folder.resolve(word);
            return !word.isEmpty()
                    && Files.isRegularFile(file)
                    && (word.matches(SCRIPT) || !Path.of(word).isAbsolute() && Files.isExecutable(file));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    List<String> lines() {
        return hashes.entrySet().stream()
                .map(file ->
                        "hook file " + file.getKey() + " " + file.getValue().substring(0, 12))
                .toList();
    }

    /** @throws Failure (21) if a file is no longer what it was when the deployment was prepared */
    void mustBeSame() {
        hashes.forEach((word, hash) -> {
            if (!Files.isRegularFile(folder.resolve(word))
                    || !Sha256.of(folder.resolve(word)).equals(hash))
                throw Failure.refused(
                        "the hook's file " + word + " was changed while the deployment was at work",
                        "see who did that; then deploy again.");
        });
    }
}
