package avdaily.seed;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a mask has to look like so that it fits where the value stood, and leads to nobody: a template in which '#'
 * stands for a digit and '@' for a letter.
 */
final class MaskForms {
    private static final Pattern NUMBERS = Pattern.compile("\\d[\\d ./()-]*");
    private static final Pattern IBAN = Pattern.compile("[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{1,4}){3,8}");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("(?i)[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,8}");
    private static final Pattern MAC = Pattern.compile("(?i)[0-9a-f]{2}([:-][0-9a-f]{2}){5}");
    private static final Pattern LONG_MAC = Pattern.compile("(?i)[0-9a-f]{2}([:-][0-9a-f]{2}){7}");
    private static final Pattern PLACE = Pattern.compile("-?\\d{1,2}\\.\\d+, ?-?\\d{1,3}\\.\\d+");
    /** The countries whose code has two digits; +1 and +7 have one, all others three. */
    private static final List<String> TWO_DIGITS = List.of(
            ("20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 "
                            + "84 86 90 91 92 93 94 95 98")
                    .split(" "));

    private static final int FEWEST_DIGITS = 5;
    private static final int LONGEST = 64;

    /**
     * Of a telephone number: its country and its form stay. No number begins with a zero behind the country's code, and
     * no country's code begins with one, so none can ring.
     */
    static Optional<String> unassigned(String value) {
        String digits = value.replaceAll("\\D", "");
        if (digits.length() < FEWEST_DIGITS) return Optional.empty();
        int kept = value.strip().startsWith("+") ? countryCode(digits) : 0;
        String begin = kept > 0 ? digits.substring(0, kept) + "0" : digits.length() < 9 ? "00" : "000";
        return Optional.of(template(value, begin));
    }

    private static int countryCode(String digits) {
        if (digits.startsWith("1") || digits.startsWith("7")) return 1;
        return TWO_DIGITS.contains(digits.substring(0, 2)) ? 2 : 3;
    }

    /** Of anything else that has a form; nothing if it has none that is known. */
    static Optional<String> of(String value) {
        if (value.length() > LONGEST) return Optional.empty();
        if (MAC.matcher(value).matches()) return Optional.of("02:00:##:##:##:##");
        if (LONG_MAC.matcher(value).matches()) return Optional.of("02:00:##:##:##:##:##:##");
        if (IPV4.matcher(value).matches()) return Optional.of("198.18.1##.1##");
        if (IPV6.matcher(value).matches()) return Optional.of("2001:db8::####:####");
        if (PLACE.matcher(value).matches()) return Optional.of("10.#####, 10.#####");
        if (IBAN.matcher(value).matches())
            return Optional.of(value.substring(0, 2) + "00"
                    + value.substring(4).replaceAll("[A-Z]", "@").replaceAll("\\d", "#"));
        boolean isNumber =
                NUMBERS.matcher(value).matches() && value.replaceAll("\\D", "").length() >= FEWEST_DIGITS;
        return isNumber ? Optional.of(template(value, "0")) : Optional.empty();
    }

    /** The value's form, with these digits in the place of its first ones. */
    private static String template(String value, String begin) {
        StringBuilder template = new StringBuilder();
        int digit = 0;
        for (char at : value.toCharArray())
            template.append(!Character.isDigit(at) ? at : digit < begin.length() ? begin.charAt(digit++) : '#');
        return template.toString();
    }

    private MaskForms() {}
}
