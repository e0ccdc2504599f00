package avdaily.deploy;

import avdaily.base.StrictYaml;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When a deployment may begin: from one time of day to another, on some days of the week. A window that passes midnight
 * belongs to the day on which it began.
 *
 * @param to midnight for the end of the day
 */
record MaintenanceWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm VV", Locale.ENGLISH);

    static MaintenanceWindow read(StrictYaml map) {
        MaintenanceWindow window = new MaintenanceWindow(
                days(map), time(map, "from", LocalTime.MIN), time(map, "to", LocalTime.MIN), zone(map));
        map.done();
        return window;
    }

    private static Set<DayOfWeek> days(StrictYaml map) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String text : map.texts("days").orElse(List.of("mon-sun"))) {
            String[] ends = text.strip().split(" ?- ?", 2);
            DayOfWeek last = day(map, ends[ends.length - 1]);
            for (DayOfWeek day = day(map, ends[0]); days.add(day) | day != last; day = day.plus(1))
                if (day == last) break;
        }
        return days;
    }

    private static DayOfWeek day(StrictYaml map, String word) {
        for (DayOfWeek day : DayOfWeek.values())
            if (word.toLowerCase(Locale.ROOT)
                    .matches(day.name().toLowerCase(Locale.ROOT).replaceFirst("^(...)(.*)$", "$1($2)?"))) return day;
        throw map.mistake("days", "'" + word + "' is no day", "write days as in mon-thu, or [mon, wed].");
    }

    private static LocalTime time(StrictYaml map, String key, LocalTime otherwise) {
        return map.text(key)
                .map(text -> {
                    try {
                        return text.equals("24:00") ? LocalTime.MIN : LocalTime.parse(text);
                    } catch (DateTimeException e) {
                        throw map.mistake(key, "'" + text + "' is no time of day", "write it as in 22:00.");
                    }
                })
                .orElse(otherwise);
    }

    private static ZoneId zone(StrictYaml map) {
        String name = map.text("timezone")
                .orElseThrow(() -> map.mistake(
                        "timezone", "a window needs a time zone", "add one, as in timezone: Europe/Lisbon."));
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw map.mistake("timezone", "'" + name + "' is no time zone", "name one as in Europe/Lisbon or UTC.");
        }
    }

    boolean isOpen(Instant now) {
        ZonedDateTime here = now.atZone(zone);
        LocalTime time = here.toLocalTime();
        boolean late = !time.isBefore(from);
        boolean early = to.equals(LocalTime.MIN) || time.isBefore(to);
        if (from.isBefore(to) || to.equals(LocalTime.MIN)) return days.contains(here.getDayOfWeek()) && late && early;
        return late && days.contains(here.getDayOfWeek())
                || early && days.contains(here.getDayOfWeek().minus(1));
    }

    /** The next minute at which it is open. */
    Instant next(Instant now) {
        ZonedDateTime day = now.atZone(zone);
        for (int i = 0; i <= 7; i++) {
            ZonedDateTime start = day.plusDays(i).with(from);
            if (start.toInstant().isAfter(now) && days.contains(start.getDayOfWeek())) return start.toInstant();
        }
        return now;
    }

    String at(Instant moment) {
        return MOMENT.format(moment.atZone(zone));
    }

    @Override
    public String toString() {
        String names = days.size() == 7
                ? "every day"
                : days.stream()
                        .map(day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH))
                        .collect(Collectors.joining(", "));
        return names + " " + from + " to " + (to.equals(LocalTime.MIN) ? "24:00" : to) + " " + zone;
    }
}
