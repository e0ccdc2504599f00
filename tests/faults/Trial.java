import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** One fault in one run of a command, and what was promised of it. */
final class Trial {
    private static final int DEADLINE_SECONDS = 300;
    private static final long MILLIS_UNTIL_SESSIONS_END = 15_000;

    private final Ground ground;
    private final Fault fault;
    private final int moment;
    private final List<String> broken = new ArrayList<>();
    private boolean hasStruck;

    /** @param moment the number of the message, or of the system's call, at which the fault happens */
    Trial(Ground ground, Fault fault, int moment) {
        this.ground = ground;
        this.fault = fault;
        this.moment = moment;
    }

    /** Whether the run came to the moment. */
    boolean hasStruck() {
        return hasStruck;
    }

    /** The promises that were not kept, in words; none if all were. */
    List<String> broken() {
        return broken;
    }

    Trial run() throws Exception {
        try (Ground.Copy copy = ground.copy()) {
            run(copy);
        }
        return this;
    }

    /** On a copy that the caller keeps. */
    void run(Ground.Copy copy) throws Exception {
        ScriptTest.Run run = fault.needsProcess() ? process(copy) : here(copy);
        afterwards(copy, run);
    }

    private ScriptTest.Run here(Ground.Copy copy) throws Exception {
        if (fault == Fault.SERVER_FULL) return onSmallDisk(copy);
        // a sequence that was copied with its database since the checkpoint repeats values after a crash
        if (fault == Fault.SERVER_CRASHED) admin("CHECKPOINT");
        return here(copy, this::strike);
    }

    private ScriptTest.Run onSmallDisk(Ground.Copy copy) throws Exception {
        try (SmallDisk disk = new SmallDisk(copy.db())) {
            ScriptTest.Run run = here(copy, session -> disk.fill());
            copy.awaitNoSession(MILLIS_UNTIL_SESSIONS_END);
            return run;
        }
    }

    private ScriptTest.Run here(Ground.Copy copy, IntConsumer strike) {
        copy.port().arm(moment, fault, strike);
        ScriptTest.Run run = copy.run();
        hasStruck = copy.port().hasStruck();
        copy.port().disarm();
        return run;
    }

    private void strike(int session) {
        switch (fault) {
            case SESSION_ENDED -> admin("SELECT pg_terminate_backend(" + session + ")");
            case STATEMENT_CANCELLED -> admin("SELECT pg_cancel_backend(" + session + ")");
            case SERVER_CRASHED -> crash(session);
            default -> throw new IllegalStateException(fault.name());
        }
    }

    /** Returns when the server has noticed, and ended all other sessions too. */
    private static void crash(int session) {
        if (session == 0) return; // it has not said its number yet
        try (Connection witness = TestServer.connect(TestServer.admin())) {
            Ground.kill("KILL", session);
            Await.until(() -> !witness.isValid(1), "the server's crash");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void admin(String sql) {
        DatabaseAccess.execute(TestServer.admin(), sql);
    }

    private ScriptTest.Run process(Ground.Copy copy) throws Exception {
        ScriptTest.Command command = copy.command().asProcess();
        if (fault.isOfFiles()) {
            Path log = copy.folder().resolveSibling("calls.txt");
            command.under(Calls.injecting(fault, moment, log, copy.folder()));
            ScriptTest.Run run = process(copy, command);
            hasStruck = Calls.haveStruck(log, run.code());
            return run;
        }
        if (fault == Fault.INPUT_CLOSED) {
            hasStruck = true;
            return process(copy, command.under(List.of("sh", "-c", "exec \"$@\" <&-", "sh")));
        }
        CompletableFuture<Long> started = new CompletableFuture<>();
        copy.port().arm(moment, fault, strike(copy, command, started));
        ScriptTest.Run run = process(copy, command, started);
        hasStruck = copy.port().hasStruck();
        copy.port().disarm();
        return run;
    }

    private IntConsumer strike(Ground.Copy copy, ScriptTest.Command command, CompletableFuture<Long> started) {
        if (fault.isSignal()) {
            String signal = fault == Fault.CLIENT_KILLED ? "KILL" : fault == Fault.CLIENT_INTERRUPTED ? "INT" : "TERM";
            return session -> Ground.kill(signal, started.join());
        }
        Clock clock = new Clock(copy.folder().resolveSibling("clock"));
        command.under(clock.words());
        return session -> clock.move(fault == Fault.CLOCK_BACK ? "-1d" : "+1d");
    }

    private ScriptTest.Run process(Ground.Copy copy, ScriptTest.Command command) throws Exception {
        return process(copy, command, new CompletableFuture<>());
    }

    private ScriptTest.Run process(Ground.Copy copy, ScriptTest.Command command, CompletableFuture<Long> started)
            throws Exception {
        Path out = copy.folder().resolveSibling("out.txt");
        Path err = copy.folder().resolveSibling("err.txt");
        Process process = command.start(out, err);
        started.complete(process.pid());
        end(process);
        return new ScriptTest.Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private void end(Process process) throws InterruptedException {
        if (process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) return;
        broken.add("it hangs");
        process.destroyForcibly().waitFor();
    }

    private void afterwards(Ground.Copy copy, ScriptTest.Run run) throws Exception {
        Ground.awaitServer();
        if (!copy.awaitNoSession(MILLIS_UNTIL_SESSIONS_END)) broken.add("a session stays");
        State state = State.of(copy.db(), copy.folder());
        State after = ground.after();
        boolean isDone = after.isSameDatabase(state) && state.backups() >= after.backups();
        if (!ground.isLegal(state)) broken.add("neither old nor new: " + ground.difference(state));
        if (run.code() == 0 && !isDone) broken.add("0, and not done: " + ground.difference(state));
        if (fault.isHarmless() && run.code() != 0) broken.add("a mere delay ended it: " + last(run.err()));
        if (run.code() != 0 && !fault.silences()) mustBeSaid(run);
        if (isDone && run.code() != 0) copy.look().forEach(broken::add);
        if (!isDone) {
            ScriptTest.Run again = copy.run();
            if (again.code() != 0) broken.add("the next run ends with " + again.code() + ": " + last(again.err()));
            State then = State.of(copy.db(), copy.folder());
            if (!after.isSameDatabase(then)) broken.add("the next run made something else: " + ground.difference(then));
        }
        if (run.code() != 0 && !copy.leftovers().isEmpty()) copy.runAnother();
        copy.leftovers().forEach(rest -> broken.add("there stays " + rest));
    }

    /** An error is said in words, with a way on, and is none of the program's own. */
    private void mustBeSaid(ScriptTest.Run run) {
        boolean isSignal = run.code() == 130 || run.code() == 143;
        boolean isOwn = run.err().contains("\tat ") || run.err().contains("to see where it happened");
        if (isOwn) broken.add("an error of the program's: " + last(run.err()));
        else if (!isSignal && !last(run.err()).contains("Go on: ")) broken.add("no way on: " + last(run.err()));
    }

    private static String last(String text) {
        List<String> lines = text.strip().lines().toList();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 2), lines.size()));
    }
}
