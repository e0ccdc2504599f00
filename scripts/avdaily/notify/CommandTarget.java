package avdaily.notify;

import avdaily.base.ChildProcess;
import avdaily.base.Json;
import avdaily.base.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A program of the project's, which reads the notice as JSON from its standard input. No shell takes part, so that no
 * word of a notice can become a command, and nothing of the notice stands in its arguments.
 */
final class CommandTarget extends Target {
    private static final int MOST_SECONDS = 10;

    private final List<String> words;
    private final List<String> variables;
    private final Path folder;
    private final Trust trust;

    CommandTarget(Set<Job> jobs, When when, List<String> words, List<String> variables, Path folder, Trust trust) {
        super(jobs, when);
        this.words = words;
        this.variables = variables;
        this.folder = folder;
        this.trust = trust;
    }

    @Override
    void tell(Notice notice) throws Trust.Undelivered {
        trust.mustBelieveTheFile("the command");
        List<String> command = new ArrayList<>(words);
        if (isPath(words.get(0))) command.set(0, folder.resolve(words.get(0)).toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        trust.settings().applyTo(builder, variables.toArray(String[]::new));
        builder.environment().put("AVDAILY_JOB", notice.job().toString());
        builder.environment().put("AVDAILY_OUTCOME", notice.outcome().toString());
        try (ChildProcess program = new ChildProcess(builder)) {
            give(program, Json.text(notice.json()) + "\n");
            if (!program.waitFor(MOST_SECONDS, TimeUnit.SECONDS))
                throw new Trust.Undelivered("it was ended after " + MOST_SECONDS + " seconds");
            if (program.code() != 0) throw new Trust.Undelivered("it ended with " + program.code());
        } catch (IOException e) {
            throw new Trust.Undelivered("it cannot be started (" + Reason.of(e) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trust.Undelivered("interrupted");
        }
    }

    private static boolean isPath(String word) {
        return word.contains("/") || word.contains("\\");
    }

    /** A notice is shorter than what a pipe holds; a program that does not read it is none the worse. */
    private static void give(ChildProcess program, String text) {
        try (OutputStream in = program.input()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return; // it did not want to read
        }
    }

    @Override
    public String toString() {
        return "command " + words.get(0);
    }
}
