package avdaily.backup;

import avdaily.copy.TextRows;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A checksum of rows, whatever their order: the sum of the hashes of all rows. It tells rows apart that differ by
 * accident; it is no signature. The hash is MurmurHash3, x64, 128 bits, seed 0.
 */
public final class RowSum implements TextRows.Sink {
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;

    private long rows;
    private long first;
    private long second;
    /** Of a row that is under way. */
    private long begunFirst;

    private long begunSecond;
    private long begunLength;

    @Override
    public void begin(byte[] row, int length) {
        long h1 = begunFirst;
        long h2 = begunSecond;
        for (int i = 0; i < length; i += 16) {
            h1 = (Long.rotateLeft(h1 ^ mixedFirst((long) EIGHT_BYTES.get(row, i)), 27) + h2) * 5 + 0x52dce729;
            h2 = (Long.rotateLeft(h2 ^ mixedSecond((long) EIGHT_BYTES.get(row, i + 8)), 31) + h1) * 5 + 0x38495ab5;
        }
        begunFirst = h1;
        begunSecond = h2;
        begunLength += length;
    }

    /** Takes a row as COPY writes it, with its line feed, or the rest of one. */
    @Override
    public void add(byte[] row, int length) {
        int blocks = length & -16;
        begin(row, blocks);
        int middle = Math.min(length, blocks + 8);
        long whole = begunLength + length - blocks;
        long h1 = begunFirst ^ mixedFirst(rest(row, blocks, middle)) ^ whole;
        long h2 = begunSecond ^ mixedSecond(rest(row, middle, length)) ^ whole;
        begunFirst = 0;
        begunSecond = 0;
        begunLength = 0;
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
