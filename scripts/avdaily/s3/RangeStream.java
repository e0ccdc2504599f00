package avdaily.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** The bytes of an object between two places. An answer that breaks off is asked for again from where it ended. */
final class RangeStream extends InputStream {
    private static final int TRIES = 6;
    private static final long PAUSE_MILLIS = 50;

    /** Asks for the bytes from one place up to another. */
    interface Source {
        InputStream open(long from, long to) throws IOException;
    }

    private final Source source;
    private final long end;
    private long at;
    private InputStream answer;

    RangeStream(Source source, long start, long end) {
        this.source = source;
        this.at = start;
        this.end = end;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int start, int length) throws IOException {
        if (length == 0) return 0;
        if (at >= end) return -1;
        for (int tries = 1; ; tries++) {
            try {
                if (answer == null) answer = source.open(at, end);
                int n = answer.read(buffer, start, (int) Math.min(length, end - at));
                if (n < 0) throw new EOFException("the answer ends after " + at + " bytes");
                at += n;
                return n;
            } catch (IOException e) {
                abandon();
                if (tries == TRIES) throw S3Failure.unanswered("the object storage", e);
                pause(tries);
            }
        }
    }

    private static void pause(int tries) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS << tries);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Lets the connection go without reading what is left of the answer. */
    private void abandon() {
        if (answer != null) AwsSdk.call(answer, answer.getClass(), "abort");
        answer = null;
    }

    @Override
    public void close() throws IOException {
        if (at < end) abandon();
        else if (answer != null) answer.close();
        answer = null;
    }
}
