package avdaily.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

public class SortMemoryTest {
    private static final int MB = 1 << 10;

    @Test
    void aFewRowsTakeLittleAndHelpersWhatTheServerWants() {
        assertEquals(16 * MB, SortMemory.kilobytes(0, 1));
        assertEquals(16 * MB, SortMemory.kilobytes(2_000_000, 1));
        assertEquals(3 * 32 * MB, SortMemory.kilobytes(2_000_000, 3));
    }

    /** The server takes 264 kB for each run that it merges, and a run is what fits into memory. */
    @Test
    void allRunsAreMergedAtOnce() {
        for (int processes = 1; processes <= 8; processes *= 2)
            for (long rows = 1000; rows <= 10_000_000_000L; rows *= 10) {
                double memory = 1024.0 * SortMemory.kilobytes(rows, processes) / processes;
                double runs = rows * 64.0 / processes / memory;
                assertTrue(runs * (264 << 10) <= memory, rows + " rows, " + processes + " processes: " + runs);
            }
        assertTrue(SortMemory.kilobytes(1_000_000_000, 1) < 256 * MB, "no more than sorts use");
    }

    /** Else the server refuses the setting. */
    @Test
    void noNumberOfRowsIsTooLarge() {
        assertEquals(2048 * MB - 1, SortMemory.kilobytes(Long.MAX_VALUE, 1));
        assertEquals(2048 * MB - 1, SortMemory.kilobytes(0, 1025));
        assertEquals(16 * MB, SortMemory.kilobytes(-1, 1));
    }
}
