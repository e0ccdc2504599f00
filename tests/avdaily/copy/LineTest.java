package avdaily.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The text of one row, without a server. */
public class LineTest {
    private static final String SIGNS =
            "\\\t\n\r\b\f\u000b\u0001\u000e\u001f\u007f\u0080\u008d\u00dc\u00ff";

    private static final TextRows.Sink NONE = new TextRows.Sink() {
        @Override
        public void begin(byte[] bytes, int length) {}

        @Override
        public void add(byte[] bytes, int length) {}
    };

    /** Each sign at each place of values of each length, with others before and behind it in what was sent. */
    @Test
    void signsAreEscapedWhereverTheyStand() throws Exception {
        Line line = new Line();
        for (char sign : SIGNS.toCharArray())
            for (int length = 1; length <= 40; length++)
                for (int place = 0; place < length; place++)
                    for (int before : new int[] {0, 1, 7})
                        for (int behind : new int[] {0, 1, 7, 8, 9}) {
                            byte[] sent = new byte[before + length + behind];
                            Arrays.fill(sent, (byte) '\\');
                            Arrays.fill(sent, before, before + length, (byte) 'x');
                            sent[before + place] = (byte) sign;
                            line.begin(NONE);
                            line.text(sent, before, before + length);
                            String text = "x".repeat(place) + escaped(sign) + "x".repeat(length - place - 1);
                            assertEquals(text, written(line));
                        }
    }

    private static String escaped(char sign) {
        int which = "\\\t\n\r\b\f\u000b".indexOf(sign);
        return which < 0 ? String.valueOf(sign) : "\\" + "\\tnrbfv".charAt(which);
    }

    private static String written(Line line) {
        return new String(line.bytes(), 0, line.size(), StandardCharsets.ISO_8859_1);
    }

    /** The server writes none of a gigabyte, and reads none. */
    @Test
    void aLineThatIsTooLongIsRefused() throws Exception {
        byte[] text = new byte[1 << 20];
        Arrays.fill(text, (byte) 'x');
        Line line = new Line();
        line.begin(NONE);
        for (int i = 1; i < 1024; i++) line.text(text, 0, text.length);
        line.text(text, 0, text.length - 2);
        line.end();
        line.begin(NONE);
        for (int i = 1; i < 1024; i++) line.text(text, 0, text.length);
        line.text(text, 0, text.length - 1);
        assertThrows(LineTooLong.class, line::end);
        assertThrows(LineTooLong.class, () -> {
            for (int i = 0; i < 9; i++) line.text(text, 0, text.length);
        });
    }
}
