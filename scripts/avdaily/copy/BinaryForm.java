package avdaily.copy;

/**
 * What stands around the values in the binary form of {@code COPY}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4">Binary format</a>
 */
final class BinaryForm {
    /** Flags and the length of an extension come behind it, an int each. */
    static final byte[] HEADER = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    /** In place of a value's length. */
    static final int NULL = -1;
    /** In place of the number of a row's values. */
    static final short END = -1;

    private BinaryForm() {}
}
