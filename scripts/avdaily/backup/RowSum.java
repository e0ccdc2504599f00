package avdaily.backup;

import org.apache.commons.codec.digest.MurmurHash3;

/**
 * A checksum of rows, whatever their order: the sum of the hashes of all rows. It tells rows apart that differ by
 * accident; it is no signature.
 */
public final class RowSum {
    private long rows;
    private long first;
    private long second;

    /** Takes a row as COPY writes it, with its line feed. */
    public void add(byte[] row, int length) {
        long[] hash = MurmurHash3.hash128x64(row, 0, length, 0);
        rows++;
        first += hash[0];
        second += hash[1];
    }

    void add(byte[] row) {
        add(row, row.length);
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
