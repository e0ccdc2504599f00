package avdaily.sql;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One of PostgreSQL's encodings.
 *
 * @param name as PostgreSQL writes it, as in UTF8 or LATIN1
 * @see <a href="https://www.postgresql.org/docs/current/multibyte.html">PostgreSQL, character set support</a>
 */
record TextEncoding(String name, Charset charset) {
    static final TextEncoding UTF8 = new TextEncoding("UTF8", Charset.forName("UTF-8"));

    /** Encodings in which a byte below 128 can be the second half of a character. */
    private static final Set<String> UNSAFE =
            Set.of("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "MULE_INTERNAL");
    /** The Latin alphabets whose number is not that of their ISO standard. */
    private static final Map<String, String> ISO_NUMBERS = Map.of(
            "LATIN5", "ISO-8859-9",
            "LATIN6", "ISO-8859-10",
            "LATIN7", "ISO-8859-13",
            "LATIN8", "ISO-8859-14",
            "LATIN9", "ISO-8859-15",
            "LATIN10", "ISO-8859-16");

    /** The encoding's usual name. */
    static String named(String name) {
        return name.toUpperCase(Locale.ROOT).replaceFirst("^(UTF-8|UNICODE)$", "UTF8");
    }

    /** Whether the bytes of such a text can be scanned without being decoded. */
    static boolean isScannable(String name) {
        return !UNSAFE.contains(named(name));
    }

    /** The encoding, or nothing if Java does not know it. */
    static Optional<TextEncoding> of(String name) {
        String known = named(name);
        try {
            return Optional.of(new TextEncoding(known, Charset.forName(javaName(known))));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Optional.empty();
        }
    }

    private static String javaName(String name) {
        if (name.equals("SQL_ASCII") || name.equals("UTF8")) return "UTF-8";
        if (ISO_NUMBERS.containsKey(name)) return ISO_NUMBERS.get(name);
        return name.replaceFirst("^WIN", "windows-")
                .replaceFirst("^LATIN", "ISO-8859-")
                .replaceFirst("^ISO_8859_", "ISO-8859-")
                .replaceFirst("^KOI8([RU])$", "KOI8-$1")
                .replace('_', '-');
    }

    /** The text of the first {@code length} bytes. */
    String decode(byte[] bytes, int length) throws CharacterCodingException {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes, 0, length))
                .toString();
    }
}
