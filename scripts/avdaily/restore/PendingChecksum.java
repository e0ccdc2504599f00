package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.base.Out;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import me.tongfei.progressbar.ProgressBar;

/** Reads a file for its checksum while other work goes on. */
final class PendingChecksum {
    private static final int PROGRESS_MILLIS = 100;

    private final BackupFile file;
    private final Out out;
    private final LongAdder read = new LongAdder();
    private final FutureTask<?> task;

    private PendingChecksum(BackupFile file, Out out) {
        this.file = file;
        this.out = out;
        this.task = new FutureTask<>(() -> file.verifyChecksum(read::add), null);
    }

    static PendingChecksum begin(BackupFile file, Out out) {
        PendingChecksum checksum = new PendingChecksum(file, out);
        Thread thread = new Thread(checksum.task, "checksum");
        thread.setDaemon(true); // a command that failed does not wait for it
        thread.start();
        return checksum;
    }

    /** @throws avdaily.base.Failure (24) if the file is not what was written */
    void await() throws Exception {
        if (!task.isDone())
            try (ProgressBar bar = out.progress("Checking", file.size(), " MB", 1 << 20)) {
                while (!isDone()) bar.stepTo(read.sum());
            }
        try {
            task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private boolean isDone() throws InterruptedException {
        try {
            task.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // the caller looks at it
        }
        return true;
    }
}
