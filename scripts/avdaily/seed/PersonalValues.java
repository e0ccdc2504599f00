package avdaily.seed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What within a text tells who somebody is, or opens an account, by its form alone. */
final class PersonalValues {
    /** {@code signs}: the characters of which a text that holds one has at least one. */
    private record Form(PersonalNames.Kind kind, Pattern pattern, Predicate<String> isOne, long signs) {
        static Form of(PersonalNames.Kind kind, String signs, String pattern) {
            return of(kind, signs, pattern, found -> true);
        }

        static Form of(PersonalNames.Kind kind, String signs, String pattern, Predicate<String> isOne) {
            return new Form(kind, Pattern.compile(pattern), isOne, signsOf(signs));
        }
    }

    private static final String DIGITS = "0123456789";
    private static final String ALONE = "(?<![\\p{L}\\p{N}_-])";
    private static final String TO_ITS_END = "(?![\\p{L}\\p{N}_-])";

    /** The longer ones first: a card's number is no telephone number. */
    private static final List<Form> FORMS = forms();

    private static List<Form> forms() {
        List<Form> forms = new ArrayList<>();
        // begins where a run of such signs does, so that a long text without an address is read once
        String local = "[\\p{L}\\p{N}._%+-]";
        forms.add(Form.of(
                PersonalNames.Kind.EMAIL, "@", "(?<!" + local + ")" + local + "++@[\\p{L}\\p{N}.-]+\\.\\p{L}{2,}"));
        for (String secret : List.of(
                "eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*", // a JWT
                "\\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2[\\w-]*|[156])\\$[^\\s'\"]{20,}", // a password's hash
                "(?:sk|pk|rk)_(?:live|test)_\\w{10,}|AKIA[0-9A-Z]{16}|gh[pousr]_\\w{20,}|xox[abprs]-[\\w-]{10,}"))
            forms.add(Form.of(PersonalNames.Kind.OTHER, "J$_A-", ALONE + "(?:" + secret + ")"));
        for (String secret : List.of(
                "(?<=://)[^\\s/:@]{1,64}:[^\\s/@]{1,128}(?=@)", // a password in an address
                "(?i)(?<=bearer )[\\w.~+/-]{12,}+=*",
                "-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*-----END [A-Z ]{0,30}PRIVATE KEY-----"))
            forms.add(Form.of(PersonalNames.Kind.OTHER, "@ ", secret));
        String octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
        String group = "[0-9a-f]{1,4}";
        for (String device : List.of(
                "(?i:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})",
                "(?i:" + group + "(?::" + group + "){7}|(?=[0-9a-f:]*\\d)(?:"
                        + "(?:" + group + ":){1,6}(?::" + group + "){1,5}|(?:" + group + ":){2,7}:|::(?:" + group
                        + ":){1,6}" + group + "))",
                "(?<!\\d\\.)(?:" + octet + "\\.){3}" + octet + "(?!\\.\\d)",
                "\\d{3}-\\d{2}-\\d{4}", // a social security number
                "-?\\d{1,2}\\.\\d{4,15}, ?-?\\d{1,3}\\.\\d{4,15}"))
            forms.add(Form.of(PersonalNames.Kind.OTHER, ":-.", ALONE + "(?:" + device + ")" + TO_ITS_END));
        forms.add(Form.of(
                PersonalNames.Kind.OTHER,
                DIGITS,
                ALONE + "[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?" + TO_ITS_END,
                PersonalValues::isIban));
        forms.add(Form.of(
                PersonalNames.Kind.OTHER,
                DIGITS,
                ALONE + "\\d{4}(?:[ -]?\\d{4}){2}[ -]?\\d{1,7}" + TO_ITS_END,
                PersonalValues::isCard));
        forms.add(Form.of(
                PersonalNames.Kind.PHONE,
                DIGITS,
                ALONE + "(?:\\+\\d(?:[ ().-]{0,2}\\d){7,14}|\\(0?\\d{1,5}\\)(?:[ -]?\\d){5,10}"
                        + "|0\\d{1,4}[ -]\\d{3,5}[ -]?\\d{3,5}|0[789][01]\\d{8})" + TO_ITS_END));
        return List.copyOf(forms);
    }

    /** The text with a mask in the place of each. */
    static String replaced(String text, BiFunction<PersonalNames.Kind, String, String> mask) {
        String clean = text;
        long signs = signsOf(text);
        for (Form form : FORMS)
            if ((signs & form.signs) != 0)
                clean = form.pattern
                        .matcher(clean)
                        .replaceAll(found -> Matcher.quoteReplacement(
                                form.isOne.test(found.group()) ? mask.apply(form.kind, found.group()) : found.group()));
        return clean;
    }

    /** The characters from the blank to the underscore that a text holds, a bit each: one look, not one a form. */
    private static long signsOf(String text) {
        long signs = 0;
        for (int i = 0; i < text.length(); i++) {
            int sign = text.charAt(i) - ' ';
            if (sign >= 0 && sign < Long.SIZE) signs |= 1L << sign;
        }
        return signs;
    }

    /** By the rule of Luhn. */
    private static boolean isCard(String text) {
        String digits = text.replaceAll("\\D", "");
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 1 ? 2 * digit : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return digits.length() >= 13 && digits.length() <= 19 && sum % 10 == 0;
    }

    /** By its check digits. */
    private static boolean isIban(String text) {
        String bare = text.replace(" ", "");
        int rest = 0;
        for (char at : (bare.substring(4) + bare.substring(0, 4)).toCharArray()) {
            int value = Character.digit(at, 36);
            rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
        }
        return rest == 1;
    }

    private PersonalValues() {}
}
