package avdaily.base;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and times as people write them, and words as shells do. */
public final class Format {
    /** "1 row", "2,000 rows", "3 boxes". */
    public static String count(long n, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", n, what, n == 1 ? "" : what.endsWith("x") ? "es" : "s");
    }

    /** "512 bytes", "3.4 kB", "12 MB": powers of 1000. */
    public static String bytes(long n) {
        if (n < 1000) return count(n, "byte");
        double value = n;
        int unit = -1;
        for (; value >= 999.5; value /= 1000) unit++;
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %sB" : "%.0f %sB", value, "kMGTPE".charAt(unit));
    }

    /** "12 ms", "3.4 s", "2 min 5 s". */
    public static String duration(Duration d) {
        if (d.toMillis() < 1000) return d.toMillis() + " ms";
        if (d.toSeconds() < 60) return String.format(Locale.ROOT, "%.1f s", d.toMillis() / 1000.0);
        return d.toMinutes() + " min " + d.toSecondsPart() + " s";
    }

    /** In the unit that leaves more than two: "45 s", "90 minutes", "30 hours", "8 days"; never below "0 s". */
    public static String age(Duration d) {
        if (d.toDays() > 2) return d.toDays() + " days";
        if (d.toHours() > 2) return d.toHours() + " hours";
        if (d.toMinutes() > 2) return d.toMinutes() + " minutes";
        return Math.max(0, d.toSeconds()) + " s";
    }

    /** The next moment at which clocks here say so. */
    public static Instant next(LocalTime time) {
        ZonedDateTime now = ZonedDateTime.now();
        ZonedDateTime today = now.with(time);
        return (today.isAfter(now) ? today : today.plusDays(1)).toInstant();
    }

    /** A text that is no longer than {@code most}: of a longer one its beginning, no letter halved, and the mark. */
    public static String within(String text, int most, String mark) {
        if (text.length() <= most) return text;
        int end = most - mark.length();
        return text.substring(0, isHalf(text, end) ? end - 1 : end) + mark;
    }

    /** Whether the place is within a letter: many signs and rare letters are of two halves. */
    public static boolean isHalf(String text, int at) {
        return Character.isLowSurrogate(text.charAt(at)) && at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }

    /** With a capital at its beginning, as a sentence has it. */
    public static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** Text that is nothing but text in Markdown: no markup, no cell and no line of its own. */
    public static String markdown(String text) {
        return Visible.line(text).replace("&", "&amp;").replace("<", "&lt;").replaceAll("[\\\\`*\\[\\]|]", "\\\\$0");
    }

    /** The words of a command as they can be pasted into a shell. */
    public static String words(List<String> words) {
        return words.stream()
                .map(Secrets::redact) // before a quote is doubled that is part of one
                .map(word -> word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    private Format() {}
}
