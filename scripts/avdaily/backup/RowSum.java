package avdaily.backup;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A checksum of rows, whatever their order: the sum of the hashes of all rows. It tells rows apart that differ by
 * accident; it is no signature. The hash is MurmurHash3, x64, 128 bits, seed 0.
 */
public final class RowSum {
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;

    private long rows;
    private long first;
    private long second;

    /** Takes a row as COPY writes it, with its line feed. */
    public void add(byte[] row, int length) {
        long h1 = 0;
        long h2 = 0;
        int i = 0;
        for (; i + 16 <= length; i += 16) {
            h1 = (Long.rotateLeft(h1 ^ mixedFirst((long) EIGHT_BYTES.get(row, i)), 27) + h2) * 5 + 0x52dce729;
            h2 = (Long.rotateLeft(h2 ^ mixedSecond((long) EIGHT_BYTES.get(row, i + 8)), 31) + h1) * 5 + 0x38495ab5;
        }
        int middle = Math.min(length, i + 8);
        h1 ^= mixedFirst(rest(row, i, middle)) ^ length;
        h2 ^= mixedSecond(rest(row, middle, length)) ^ length;
        h1 += h2;
        h2 += h1;
        h1 = finished(h1);
        h2 = finished(h2);
        h1 += h2;
        h2 += h1;
        rows++;
        first += h1;
        second += h2;
    }

    private static long mixedFirst(long word) {
        return Long.rotateLeft(word * C1, 31) * C2;
    }

    private static long mixedSecond(long word) {
        return Long.rotateLeft(word * C2, 33) * C1;
    }

    private static long rest(byte[] row, int from, int to) {
        long word = 0;
        for (int i = to - 1; i >= from; i--) word = word << 8 | row[i] & 0xff;
        return word;
    }

    private static long finished(long hash) {
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    synchronized void add(RowSum other) {
        rows += other.rows;
        first += other.first;
        second += other.second;
    }

    public long rows() {
        return rows;
    }

    /** 32 hexadecimal digits. */
    public String text() {
        return "%016x%016x".formatted(first, second);
    }
}
