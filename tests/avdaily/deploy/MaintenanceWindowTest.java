package avdaily.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** When a deployment may run. */
public class MaintenanceWindowTest {
    @Test
    void itMayPassMidnight() {
        MaintenanceWindow window = new MaintenanceWindow(
                EnumSet.of(DayOfWeek.MONDAY), LocalTime.of(22, 0), LocalTime.of(2, 0), ZoneId.of("Africa/Lagos"));
        assertTrue(window.isOpen(Instant.parse("2026-11-23T21:30:00Z")), "Monday 22:30 in Lagos");
        assertTrue(window.isOpen(Instant.parse("2026-11-24T00:30:00Z")), "Tuesday 01:30 belongs to Monday");
        assertFalse(window.isOpen(Instant.parse("2026-11-24T01:30:00Z")));
        assertFalse(window.isOpen(Instant.parse("2026-11-22T23:30:00Z")), "Monday 00:30 belongs to Sunday");
        assertEquals(Instant.parse("2026-11-30T21:00:00Z"), window.next(Instant.parse("2026-11-24T01:30:00Z")));
    }
}
