package avdaily.seed;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Relative dates of seed files: today, today-30d, today+2w, today-3mo@09:15. */
final class RelativeDates {
    private static final Pattern RELATIVE =
            Pattern.compile("today(?:([+-][0-9]{1,5})(d|w|mo|y))?(?:@((?:[01][0-9]|2[0-3]):[0-5][0-9]))?");
    private static final Pattern CLOCK = Pattern.compile("(?i)\\b(now|today|tomorrow|yesterday)");

    private final LocalDate today;
    private final ZoneId zone;

    RelativeDates(LocalDate today, ZoneId zone) {
        this.today = today;
        this.zone = zone;
    }

    LocalDate today() {
        return today;
    }

    /**
     * What the column of {@code type} gets for {@code text}; an absolute value is left to the server.
     *
     * @return nothing where it is like a relative date but none, or a word by which the server means its own clock
     */
    Optional<String> resolve(String text, String type) {
        Matcher m = RELATIVE.matcher(text);
        if (!m.matches()) return CLOCK.matcher(text).find() ? Optional.empty() : Optional.of(text);
        long n = m.group(1) == null ? 0 : Long.parseLong(m.group(1));
        LocalDate day = m.group(2) == null
                ? today
                : switch (m.group(2)) {
                    case "d" -> today.plusDays(n);
                    case "w" -> today.plusWeeks(n);
                    case "mo" -> today.plusMonths(n);
                    default -> today.plusYears(n);
                };
        if (day.getYear() < 1 || day.getYear() > 9999) return Optional.empty();
        if (type.equals("date")) return m.group(3) == null ? Optional.of(day.toString()) : Optional.empty();
        LocalDateTime time = day.atTime(m.group(3) == null ? LocalTime.MIDNIGHT : LocalTime.parse(m.group(3)));
        return Optional.of(
                type.endsWith("with time zone")
                        ? time.atZone(zone).toOffsetDateTime().toString()
                        : time.toString());
    }

    /** Whether a column of this type may hold a relative date. */
    static boolean fit(String type) {
        return type.equals("date") || type.startsWith("timestamp");
    }
}
