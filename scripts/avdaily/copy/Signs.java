package avdaily.copy;

/** What stands with a backslash in the text of {@code COPY}, and what does not. */
final class Signs {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x80 * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    /** Tabs, line feeds and carriage returns are below it. */
    private static final long CONTROLS = 0x0e * ONES;

    private static final byte[] ESCAPED = new byte[256];
    private static final byte[] MEANT = new byte[256];

    static {
        String meant = "\b\f\n\r\t\013\\";
        String escaped = "bfnrtv\\";
        for (int i = 0; i < meant.length(); i++) {
            ESCAPED[meant.charAt(i)] = (byte) escaped.charAt(i);
            MEANT[escaped.charAt(i)] = (byte) meant.charAt(i);
        }
    }

    private Signs() {}

    /** Whether none of these sixteen bytes may stand with a backslash; false as well if one of them is above 0x7f. */
    static boolean arePlain(long eight, long others) {
        long above = (eight ^ BACKSLASHES) - ONES | (others ^ BACKSLASHES) - ONES;
        long below = eight - CONTROLS | others - CONTROLS;
        return ((above | below | eight | others) & HIGHS) == 0;
    }

    /**
     * Bytes that may stand with a backslash, among eight, the first in the lowest place: the highest bit of the first
     * of them, and maybe others above it. 0 if there is none.
     */
    static long found(long eight) {
        long backslashes = eight ^ BACKSLASHES;
        return (backslashes - ONES & ~backslashes | eight - CONTROLS & ~eight) & HIGHS;
    }

    /** How many bytes come before the first of those. */
    static int before(long found) {
        return Long.numberOfTrailingZeros(found) / Byte.SIZE;
    }

    /** What stands behind a backslash in place of this byte; 0 if the byte stands as it is. */
    static byte escaped(byte sign) {
        return ESCAPED[sign & 0xff];
    }

    /** What a byte behind a backslash stands for, as the server writes it; 0 if it writes none such. */
    static byte meant(byte sign) {
        return MEANT[sign & 0xff];
    }
}
