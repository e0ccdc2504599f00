package avdaily.seed;

import avdaily.backup.Masking;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** The rows of one table as COPY writes them, with masks in the place of values. */
final class MaskedCopyRows implements Masking.OfTable {
    private static final String NULL = "\\N";
    /** What COPY escapes by letters, and the letters. */
    private static final String ESCAPED = "\b\f\n\r\t\u000b\\";

    private static final String LETTERS = "bfnrtv\\";

    private final List<UnaryOperator<String>> masks;
    private final boolean mayMove;
    private final boolean isNone;

    /** @param masks of each column in their order; null if its values stay */
    MaskedCopyRows(List<UnaryOperator<String>> masks, boolean mayMove) {
        this.masks = masks;
        this.mayMove = mayMove;
        this.isNone = masks.stream().allMatch(mask -> mask == null);
    }

    @Override
    public boolean isNone() {
        return isNone;
    }

    @Override
    public boolean mayMove() {
        return mayMove;
    }

    @Override
    public byte[] masked(byte[] row) {
        ByteArrayOutputStream masked = new ByteArrayOutputStream(row.length + 64);
        int start = 0;
        for (int column = 0; column < masks.size(); column++) {
            int end = start;
            while (row[end] != '\t' && row[end] != '\n') end++; // in a value they are escaped
            write(row, start, end, masks.get(column), masked);
            masked.write(row[end]);
            start = end + 1;
        }
        return masked.toByteArray();
    }

    private static void write(
            byte[] row, int start, int end, UnaryOperator<String> mask, ByteArrayOutputStream masked) {
        boolean isNull = end - start == 2 && row[start] == '\\' && row[start + 1] == 'N';
        if (mask == null || isNull) {
            masked.write(row, start, end - start);
            return;
        }
        Charset charset = isUtf8(row, start, end) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String value = mask.apply(unescaped(new String(row, start, end - start, charset)));
        masked.writeBytes((value == null ? NULL : escaped(value)).getBytes(charset));
    }

    /** A database without an encoding may hold other bytes. */
    private static boolean isUtf8(byte[] row, int start, int end) {
        int at = start;
        while (at < end && row[at] >= 0) at++;
        if (at == end) return true;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(row, start, end - start));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static String unescaped(String text) {
        if (text.indexOf('\\') < 0) return text;
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            if (at == '\\') {
                char letter = text.charAt(++i);
                int which = LETTERS.indexOf(letter);
                at = which < 0 ? letter : ESCAPED.charAt(which);
            }
            plain.append(at);
        }
        return plain.toString();
    }

    private static String escaped(String plain) {
        StringBuilder text = new StringBuilder(plain.length() + 8);
        for (char at : plain.toCharArray()) {
            int which = ESCAPED.indexOf(at);
            if (which < 0) text.append(at);
            else text.append('\\').append(LETTERS.charAt(which));
        }
        return text.toString();
    }
}
