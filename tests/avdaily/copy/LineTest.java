package avdaily.copy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The text of one row, without a server. */
public class LineTest {
    private static final String SIGNS =
            "\\\t\n\r\b\f\u000b\u0001\u000e\u001f\u007f\u0080\u008d\u00dc\u00ff";

    private static final TextRows.Sink NONE = new TextRows.Sink() {
        @Override
        public void line(byte[] bytes, int start, int length, boolean isEnded) {}

        @Override
        public void text(byte[] bytes, int length) {}
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
                            line.flush(NONE);
                        }
    }

    private static String escaped(char sign) {
        int which = "\\\t\n\r\b\f\u000b".indexOf(sign);
        return which < 0 ? String.valueOf(sign) : "\\" + "\\tnrbfv".charAt(which);
    }

    private static String written(Line line) {
        return new String(line.bytes(), 0, line.size(), StandardCharsets.ISO_8859_1);
    }

    /** A sink is given each byte twice, whatever waits and whoever comes for it. */
    @Test
    void linesAndTextAreTheSame() throws Exception {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<Integer> ends = new ArrayList<>();
        TextRows.Sink sink = new TextRows.Sink() {
            @Override
            public void line(byte[] bytes, int start, int length, boolean isEnded) {
                lines.write(bytes, start, length);
                if (isEnded) ends.add(lines.size());
            }

            @Override
            public void text(byte[] bytes, int length) {
                texts.write(bytes, 0, length);
            }
        };
        Random random = new Random(1);
        Line line = new Line();
        List<Integer> expectedEnds = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            byte[] value = new byte[i % 500 == 7 ? 3 << 20 : random.nextInt(i % 100 == 0 ? 200_000 : 400)];
            Arrays.fill(value, (byte) ('a' + i % 26));
            line.begin(sink);
            line.text(value, 0, value.length);
            line.end();
            expected.writeBytes(value);
            expected.write('\n');
            expectedEnds.add(expected.size());
            if (random.nextInt(50) > 0) continue;
            line.flush(sink);
            assertEquals(expected.size(), texts.size());
        }
        line.flush(sink);
        assertArrayEquals(expected.toByteArray(), lines.toByteArray());
        assertArrayEquals(expected.toByteArray(), texts.toByteArray());
        assertEquals(expectedEnds, ends);
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
