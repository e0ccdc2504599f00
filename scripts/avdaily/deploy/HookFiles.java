package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The programs of the project's folder that its hooks name, and their hashes: a plan is bound to them too. A program is
 * a file that can be run, a script by its name or first letters, what an interpreter is given, or the file that a build
 * tool reads. What those read in their turn is not known.
 */
record HookFiles(Path folder, Map<String, String> hashes) {
    private static final Pattern SCRIPT =
            Pattern.compile(".*\\.(sh|bash|py|rb|pl|php|js|cjs|mjs|ts|java|kts|sql|awk|ps1|cmd|bat)");

    private static final Pattern INTERPRETER = Pattern.compile(
            "(.*/)?(\\.|source|(ba|da|z|k)?sh|python[\\d.]*|ruby|perl|php|node|deno|bun|java|jbang|psql)");

    private static final String WRITTEN = ">+\\s*[^\\s;&|]+";
    private static final Set<String> FILE_OPTIONS = Set.of("-f", "--file", "-jar");

    private static final Map<String, List<String>> BUILDS = Map.of(
            "make", List.of("GNUmakefile", "makefile", "Makefile"),
            "just", List.of("justfile", "Justfile"),
            "rake", List.of("Rakefile"),
            "npm", List.of("package.json"),
            "yarn", List.of("package.json"),
            "pnpm", List.of("package.json"));

    static HookFiles of(EnvironmentPolicy policy) {
        HookFiles files = new HookFiles(policy.folder(), new TreeMap<>());
        policy.hooks().values().forEach(commands -> commands.forEach(files::addAll));
        return files;
    }

    private void addAll(String command) {
        boolean isRunner = false;
        boolean isGiven = false; // to a runner, which runs it
        for (String word : command.replaceAll(WRITTEN, " ").split("[\\s;&|<>()\"'`=]+")) {
            if (isFile(word)) {
                if (isProgram(word) || isGiven && !Path.of(word).isAbsolute()) add(word);
                isGiven = false;
            }
            isGiven |= INTERPRETER.matcher(word).matches() || isRunner && FILE_OPTIONS.contains(word);
            isRunner |= isGiven || BUILDS.containsKey(word);
            BUILDS.getOrDefault(word, List.of()).stream().filter(this::isFile).forEach(this::add);
        }
    }

    private void add(String word) {
        hashes.put(word, Sha256.of(folder.resolve(word)));
    }

    private boolean isFile(String word) {
        try {
            return !word.isEmpty() && Files.isRegularFile(folder.resolve(word));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private boolean isProgram(String word) {
        Path file = folder.resolve(word);
        return SCRIPT.matcher(word).matches()
                || !Path.of(word).isAbsolute() && (Files.isExecutable(file) || beginsAsScript(file));
    }

    private static boolean beginsAsScript(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(2), new byte[] {'#', '!'});
        } catch (IOException e) {
            return false; // what cannot be read does not run
        }
    }

    List<String> lines() {
        return hashes.entrySet().stream()
                .map(file -> "hook file " + file.getKey() + " " + file.getValue())
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
