import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Kills a run again and again, at moments that go through all of the time that it takes. */
final class Kills {
    private static final int KILLS = 30;
    /** Until then the Java machine starts, and nothing was done. */
    private static final double STARTED = 0.25;

    /** What must hold after each of them. */
    @FunctionalInterface
    interface Check {
        void holds(int run) throws Exception;
    }

    /** @param command by the number of the run; that of number 0 goes to its end */
    static void of(IntFunction<ScriptTest.Command> command, Check check) throws Exception {
        Path out = Files.createTempFile("out", "");
        Path err = Files.createTempFile("err", "");
        long start = System.nanoTime();
        command.apply(0).start(out, err).waitFor();
        long whole = System.nanoTime() - start;
        check.holds(0);
        for (int run = 1; run <= KILLS; run++) {
            Process process = command.apply(run).start(out, err);
            long moment = (long) (whole * (STARTED + (1 - STARTED) * run / KILLS));
            if (!process.waitFor(moment, TimeUnit.NANOSECONDS)) process.destroyForcibly().waitFor();
            check.holds(run);
        }
        Files.delete(out);
        Files.delete(err);
    }

    private Kills() {}
}
