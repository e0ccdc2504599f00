package avdaily.seed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Dates in seed files that count from a day. */
public class RelativeDatesTest {
    @Test
    void relativeDatesCountFromTheGivenDay() {
        RelativeDates dates = new RelativeDates(LocalDate.of(2026, 3, 31), ZoneId.of("Africa/Lagos"));
        assertEquals(Optional.of("2026-03-31"), dates.resolve("today", "date"));
        assertEquals(Optional.of("2026-03-01"), dates.resolve("today-30d", "date"));
        assertEquals(Optional.of("2026-02-28"), dates.resolve("today-1mo", "date"));
        assertEquals(Optional.of("2026-04-14T09:15"), dates.resolve("today+2w@09:15", "timestamp without time zone"));
        assertEquals(
                Optional.of("2026-03-30T09:15+01:00"), dates.resolve("today-1d@09:15", "timestamp with time zone"));
        assertEquals(Optional.of("2026-01-01"), dates.resolve("2026-01-01", "date"));
        for (String bad : List.of("today-", "today-3", "todayish", "today-3d@9", "today-1d@09:15"))
            assertTrue(dates.resolve(bad, "date").isEmpty(), bad);
    }
}
