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
                            line.clear();
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

    @Test
    void longValuesHaveRoom() throws Exception {
        Line line = new Line();
        for (int length : new int[] {(1 << 16) - 1, 1 << 16, (1 << 16) + 1, 3 << 20}) {
            byte[] sent = new byte[length];
            for (byte sign : new byte[] {'\\', 'x'}) {
                Arrays.fill(sent, sign);
                line.clear();
                line.text(sent, 0, length);
                assertEquals((sign == 'x' ? "x" : "\\\\").repeat(length), written(line));
            }
        }
    }

    /** The server writes none of a gigabyte, and reads none. */
    @Test
    void aLineThatIsTooLongIsRefused() throws Exception {
        Line line = new Line();
        line.text(new byte[] {'x'}, 0, 1);
        assertThrows(LineTooLong.class, () -> line.makeRoom((1 << 30) - 1));
        assertThrows(LineTooLong.class, () -> line.makeRoom(2L << 30));
    }
}
