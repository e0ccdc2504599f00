package avdaily.deploy;

import avdaily.base.ChildProcess;
import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.db.Database;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The commands that a project has run before and after its deployments. They get AVDAILY_ENV, AVDAILY_HOOK and
 * DATABASE_URL, and of the process's variables those that are harmless or named in the configuration.
 */
final class Hooks {
    private static final int MOST_MINUTES = 15;

    private final Database db;
    private final Out out;
    private final EnvironmentPolicy policy;
    private final HookFiles files;

    Hooks(Database db, Release release) {
        this.db = db;
        this.out = db.out();
        this.policy = release.policy();
        this.files = release.hookFiles();
    }

    /** @throws Failure (1) if one ends with another code than 0, or not within 15 minutes; those after it do not run */
    void run(EnvironmentPolicy.Hook when) {
        for (String command : policy.hooks().get(when)) {
            out.status("Hook " + when + ": " + command);
            int code = run(when, command);
            if (code != 0)
                throw new Failure(
                        Failure.Kind.ERROR,
                        "the hook '" + command + "' (" + when + ") ended with " + code,
                        "see what it printed, and correct it.",
                        null);
        }
    }

    /** Runs all of them after a failure: a hook that fails does not keep the others from running. */
    void runAll(EnvironmentPolicy.Hook when) {
        for (String command : policy.hooks().get(when)) {
            try {
                out.status("Hook " + when + ": " + command);
                int code = run(when, command);
                if (code != 0) out.note("The hook '" + command + "' ended with " + code + ".");
            } catch (Failure e) {
                out.note(e.getMessage());
            }
        }
    }

    private int run(EnvironmentPolicy.Hook when, String command) {
        files.mustBeSame();
        boolean windows = File.separatorChar == '\\';
        ProcessBuilder builder = new ProcessBuilder(
                        windows ? List.of("cmd", "/c", command) : List.of("sh", "-c", command))
                .directory(policy.folder().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File(windows ? "NUL" : "/dev/null")));
        db.settings().applyTo(builder, policy.hookVariables().toArray(String[]::new));
        builder.environment().put("AVDAILY_ENV", db.environment().toString());
        builder.environment().put("AVDAILY_HOOK", when.toString());
        builder.environment().put("DATABASE_URL", db.url().withPassword());
        db.settings() // has the password, if the address has none
                .path("PGPASSFILE")
                .ifPresent(file -> builder.environment()
                        .put("PGPASSFILE", file.toAbsolutePath().toString()));
        try {
            return run(builder, command);
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.ERROR,
                    "the hook '" + command + "' cannot be started: " + Reason.of(e),
                    "correct it in avdaily.yaml.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.INTERRUPTED, "interrupted while a hook was at work", "run it again.", e);
        }
    }

    private int run(ProcessBuilder builder, String command) throws IOException, InterruptedException {
        try (ChildProcess hook = new ChildProcess(builder)) {
            hook.eachLine(line -> out.note("  " + line));
            if (!hook.waitFor(MOST_MINUTES, TimeUnit.MINUTES))
                throw new Failure(
                        Failure.Kind.ERROR,
                        "the hook '" + command + "' was ended: it took more than " + MOST_MINUTES + " minutes",
                        "make it end by itself.",
                        null);
            return hook.code();
        }
    }
}
