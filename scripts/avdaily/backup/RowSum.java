package avdaily.backup;

import avdaily.copy.TextRows;
import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/**
 * A checksum of rows, whatever their order: the sum of the hashes of all rows. It tells rows apart that differ by
 * accident; it is no signature. The hash is XXH3, 64 bits, seed 0.
 */
public final class RowSum implements TextRows.Sink {
    private static final Hasher64 XXH3 = Hashing.xxh3_64();

    private long rows;
    private long sum;
    private HashStream64 begun; // null unless a row comes in pieces

    /** Takes a row as COPY writes it, with its line feed, or a piece of one. */
    @Override
    public void line(byte[] bytes, int start, int length, boolean isEnded) {
        if (isEnded && begun == null) {
            add(XXH3.hashBytesToLong(bytes, start, length));
            return;
        }
        if (begun == null) begun = XXH3.hashStream();
        begun.putBytes(bytes, start, length);
        if (!isEnded) return;
        add(begun.getAsLong());
        begun = null;
    }

    private void add(long hash) {
        sum += hash;
        rows++;
    }

    @Override
    public void text(byte[] bytes, int length) {}

    synchronized void add(RowSum other) {
        rows += other.rows;
        sum += other.sum;
    }

    public long rows() {
        return rows;
    }

    /** 16 hexadecimal digits. */
    public String text() {
        return "%016x".formatted(sum);
    }
}
