package avdaily.copy;

import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;

/**
 * Days and times of the ISO style in the binary form of {@code COPY}: days and microseconds since the year 2000. The
 * year has four digits; what else the server writes, such as {@code infinity} and years before Christ, is left to it.
 */
final class BinaryTimes {
    private static final long EPOCH_DAY = LocalDate.of(2000, 1, 1).toEpochDay();
    private static final long SECONDS_OF_DAY = 86_400;
    private static final int MICROS = 1_000_000;
    private static final int DATE_LENGTH = "2000-01-01".length();
    private static final int SECONDS_LENGTH = "2000-01-01 00:00:00".length();
    private static final int MOST_HOURS_OF_ZONE = 15;
    private static final long NONE = Long.MIN_VALUE;

    private BinaryTimes() {}

    static boolean appendDate(byte[] text, int from, int to, ByteBuffer binary) {
        long days = to - from == DATE_LENGTH ? days(text, from) : NONE;
        binary.putInt(Integer.BYTES).putInt((int) days);
        return days != NONE;
    }

    static boolean appendTimestamp(byte[] text, int from, int to, ByteBuffer binary) {
        long micros = micros(text, from, to);
        binary.putInt(Long.BYTES).putLong(micros);
        return micros != NONE;
    }

    /** The offset from UTC stands in the text: +01, +05:30 or -00:19:32. */
    static boolean appendTimestampWithZone(byte[] text, int from, int to, ByteBuffer binary) {
        int zone = Math.min(from + SECONDS_LENGTH, to);
        while (zone < to && text[zone] != '+' && text[zone] != '-') zone++;
        long micros = micros(text, from, zone);
        int length = to - zone;
        if (micros == NONE || length != 3 && length != 6 && length != 9) return false;
        int hours = pair(text, zone + 1);
        int minutes = length > 3 ? pairAfter(':', text, zone + 3) : 0;
        int seconds = length > 6 ? pairAfter(':', text, zone + 6) : 0;
        if ((hours | minutes | seconds) < 0 || hours > MOST_HOURS_OF_ZONE || minutes > 59 || seconds > 59) return false;
        long offset = (hours * 3600L + minutes * 60 + seconds) * MICROS;
        binary.putInt(Long.BYTES).putLong(text[zone] == '-' ? micros + offset : micros - offset);
        return true;
    }

    private static long micros(byte[] text, int from, int to) {
        if (to - from < SECONDS_LENGTH) return NONE;
        long days = days(text, from);
        int hours = pairAfter(' ', text, from + 10);
        int minutes = pairAfter(':', text, from + 13);
        int seconds = pairAfter(':', text, from + 16);
        int fraction = fraction(text, from + SECONDS_LENGTH, to);
        if (days == NONE || (hours | minutes | seconds | fraction) < 0) return NONE;
        if (hours > 23 || minutes > 59 || seconds > 59) return NONE;
        return (days * SECONDS_OF_DAY + hours * 3600L + minutes * 60L + seconds) * MICROS + fraction;
    }

    /** Microseconds behind a point, from none to six digits of them; -1 for anything else. */
    private static int fraction(byte[] text, int from, int to) {
        if (from == to) return 0;
        if (text[from] != '.' || to - from < 2 || to - from > 7) return -1;
        int micros = 0;
        for (int at = from + 1; at < from + 7; at++) {
            int digit = at < to ? text[at] - '0' : 0;
            if (digit < 0 || digit > 9) return -1;
            micros = micros * 10 + digit;
        }
        return micros;
    }

    private static long days(byte[] text, int from) {
        int century = pair(text, from);
        int year = pair(text, from + 2);
        int month = pairAfter('-', text, from + 4);
        int day = pairAfter('-', text, from + 7);
        if ((century | year | month | day) < 0 || century + year == 0) return NONE;
        try {
            return LocalDate.of(century * 100 + year, month, day).toEpochDay() - EPOCH_DAY;
        } catch (DateTimeException e) {
            return NONE;
        }
    }

    private static int pairAfter(char sign, byte[] text, int at) {
        return text[at] == sign ? pair(text, at + 1) : -1;
    }

    /** The number of two digits, or less than zero. */
    private static int pair(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }
}
