package avdaily.generate;

import avdaily.base.Format;
import avdaily.base.Out;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/**
 * How far a long piece of work is, how fast it goes and how long it still takes: a bar on a terminal, elsewhere a line
 * every ten seconds.
 */
final class Progress implements AutoCloseable {
    private static final long EVERY = Duration.ofSeconds(10).toNanos();

    private final Out out;
    private final String task;
    private final long most;
    private final String unit;
    private final ProgressBar bar;
    private final long start = System.nanoTime();
    private long said = start;

    Progress(Out out, String task, long most, String unit) {
        this.out = out;
        this.task = task;
        this.most = most;
        this.unit = unit;
        this.bar = out.progress(task, most, "", 1);
    }

    /** So much of it is done, which is {@code amount} of the unit. */
    void to(long done, long amount) {
        long now = System.nanoTime();
        double seconds = Math.max(1e-3, (now - start) / 1e9);
        String rate = String.format(Locale.ROOT, "%,d %s, %,.0f a second", amount, unit, amount / seconds);
        bar.setExtraMessage(rate);
        bar.stepTo(done);
        if (out.isInteractive() || now - said < EVERY || done == 0) return;
        said = now;
        out.status(task + ": " + 100 * done / most + " %, " + rate + ", about "
                + Format.duration(Duration.ofSeconds(Math.round(seconds * (most - done) / done))) + " left");
    }

    @Override
    public void close() {
        bar.close();
    }
}
