package avdaily.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

public class HistoryTableTest {
    @Test
    void aTimeThatTheHistoryCannotHoldIsTheLongestThatItCan() {
        assertEquals(2_147_472_000, HistoryTable.millis(Duration.ofMinutes(35_791).plusSeconds(12)));
        assertEquals(Integer.MAX_VALUE, HistoryTable.millis(Duration.ofDays(25)));
        assertEquals(Integer.MAX_VALUE, HistoryTable.millis(Duration.ofDays(25 * 365)));
    }
}
