package avdaily.copy;

import java.io.IOException;
import java.time.LocalDate;
import java.util.Arrays;

/** Writes days and times of the binary form of {@code COPY} as the server does, in the ISO style and at UTC. */
final class TextTimes {
    private static final LocalDate EPOCH = LocalDate.of(2000, 1, 1);
    private static final long MICROS = 1_000_000;
    private static final long MICROS_OF_DAY = 86_400 * MICROS;
    private static final int LONGEST = "294276-12-31 23:59:59.999999+00 BC".length();

    private final Line line;
    /** The day that was written last: most often it comes again. */
    private int day = Integer.MIN_VALUE;

    private byte[] text;
    private boolean isBeforeChrist;

    TextTimes(Line line) {
        this.line = line;
    }

    /** @param days since the year 2000 */
    void writeDate(int days) throws IOException {
        line.makeRoom(LONGEST);
        if (days == Integer.MIN_VALUE || days == Integer.MAX_VALUE) {
            infinity(days);
        } else {
            day(days);
            era();
        }
    }

    /** @param micros microseconds since the year 2000 */
    void writeTimestamp(long micros, boolean hasZone) throws IOException {
        line.makeRoom(LONGEST);
        if (micros == Long.MIN_VALUE || micros == Long.MAX_VALUE) {
            infinity(micros);
            return;
        }
        long days = Math.floorDiv(micros, MICROS_OF_DAY);
        day((int) days);
        time(micros - days * MICROS_OF_DAY);
        if (hasZone) line.ascii("+00");
        era();
    }

    private void infinity(long sign) {
        line.ascii(sign < 0 ? "-infinity" : "infinity");
    }

    private void day(int days) {
        if (days == day) {
            line.put(text);
            return;
        }
        LocalDate date = EPOCH.plusDays(days);
        isBeforeChrist = date.getYear() <= 0; // Java counts a year 0, which is the first one before Christ
        int year = isBeforeChrist ? 1 - date.getYear() : date.getYear();
        int start = line.size();
        if (year < 1000) line.put('0');
        line.number(year / 100);
        line.pair(year % 100);
        line.put('-');
        line.pair(date.getMonthValue());
        line.put('-');
        line.pair(date.getDayOfMonth());
        text = Arrays.copyOfRange(line.bytes(), start, line.size());
        day = days;
    }

    private void era() {
        if (isBeforeChrist) line.ascii(" BC");
    }

    private void time(long micros) {
        int seconds = (int) (micros / MICROS);
        line.put(' ');
        line.pair(seconds / 3600);
        line.put(':');
        line.pair(seconds / 60 % 60);
        line.put(':');
        line.pair(seconds % 60);
        int fraction = (int) (micros % MICROS);
        if (fraction == 0) return;
        line.put('.');
        for (int unit = 100_000; fraction > 0; fraction %= unit, unit /= 10) line.put('0' + fraction / unit);
    }
}
