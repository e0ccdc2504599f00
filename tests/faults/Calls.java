import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lets calls of the operating system fail, by strace. */
final class Calls {
    private static final String INJECTED = "(INJECTED)";
    /** Only calls that are looked at cost time. */
    private static final String FILTER = "--seccomp-bpf";

    private static final int KILLED = 128 + 9;

    /** Whether it is installed, and may look at processes here. */
    static boolean canFail() {
        try {
            return new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The words before a command's, so that the fault happens at that call.
     *
     * @param project where the files are of which reads count
     */
    static List<String> injecting(Fault fault, int moment, Path log, Path project) throws IOException {
        List<String> words = new ArrayList<>(counting(fault, log, project));
        if (fault.silences()) words.remove(FILTER); // no signal comes through it
        words.addAll(List.of("-e", "inject=" + fault.calls + ":" + fault.injection + ":when=" + moment));
        return words;
    }

    /** The words before a command's, so that the calls are counted. */
    static List<String> counting(Fault fault, Path log, Path project) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("strace", "-f", FILTER, "-qq", "-o", log.toString(), "-e", "trace=" + fault.calls));
        if (fault != Fault.READ_FAILS) return words;
        try (Stream<Path> files = Files.walk(project)) {
            files.filter(Files::isRegularFile).forEach(file -> words.addAll(List.of("-P", file.toString())));
        }
        return words;
    }

    /** The most that one thread made of one of them: strace counts each on its own. */
    static int count(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("(") && !line.contains("resumed>") && !line.contains(" --- "))
                .collect(Collectors.groupingBy(line -> line.replaceFirst("\\(.*", ""), Collectors.counting()))
                .values()
                .stream()
                .mapToInt(Long::intValue)
                .max()
                .orElse(0);
    }

    /** @param code how strace ended: as the command did */
    static boolean haveStruck(Path log, int code) throws IOException {
        return code == KILLED || Files.readAllLines(log).stream().anyMatch(line -> line.contains(INJECTED));
    }

    private Calls() {}
}
