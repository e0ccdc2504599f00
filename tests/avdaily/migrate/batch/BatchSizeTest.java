package avdaily.migrate.batch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many rows a batch has, in a table of which a hundred rows change in a millisecond. */
public class BatchSizeTest {
    private static final int ROWS_IN_A_MILLISECOND = 100;

    @Test
    void aBatchTakesASecondAndLessWhereOthersWait() {
        BatchSize size = new BatchSize(5000);
        for (int batch = 0; batch < 20; batch++) size.learn(took(size), Duration.ZERO);
        assertTrue(Math.abs(took(size).toMillis() - 1000) < 10, took(size).toString());
        int tooLong = 0;
        for (int batch = 0; batch < 100; batch++) {
            Duration others = took(size).minusMillis(20);
            if (BatchSize.isLong(others)) tooLong++;
            size.learn(took(size), others);
        }
        assertTrue(tooLong <= 10, tooLong + " of 100");
    }

    private static Duration took(BatchSize size) {
        return Duration.ofMillis(size.rows() / ROWS_IN_A_MILLISECOND);
    }
}
