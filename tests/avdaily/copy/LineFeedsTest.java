package avdaily.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class LineFeedsTest {
    /** Bytes that differ from a line feed by one bit or by one, and others. */
    private static final byte[] BYTES = {'\n', 0, 1, 9, 11, 8, 2, 14, 26, 42, 74, (byte) 0x8a, (byte) 0x80, -1};

    @Test
    void eachIsCountedAndNothingElse() {
        Random random = new Random(7);
        for (int length = 0; length < 300; length++) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) bytes[i] = BYTES[random.nextInt(BYTES.length)];
            int from = random.nextInt(length + 1);
            int to = from + random.nextInt(length - from + 1);
            long expected =
                    IntStream.range(from, to).filter(i -> bytes[i] == '\n').count();
            assertEquals(expected, LineFeeds.count(bytes, from, to));
        }
    }

    @Test
    void noByteIsTakenForOne() {
        for (int sign = -128; sign < 128; sign++) {
            byte[] bytes = new byte[17];
            Arrays.fill(bytes, (byte) sign);
            assertEquals(sign == '\n' ? 17 : 0, LineFeeds.count(bytes, 0, 17));
        }
    }
}
