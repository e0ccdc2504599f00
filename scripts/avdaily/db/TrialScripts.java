package avdaily.db;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;

/** The SQL that will run in a scratch database: what it makes itself need not be there before. */
public final class TrialScripts {
    private static final String NOT_IN_NAME = "[^\\p{L}\\p{N}_$]";

    private final String text;

    public TrialScripts(Collection<String> texts) {
        this.text = String.join("\n", texts).toLowerCase(Locale.ROOT);
    }

    boolean createExtension(String name) {
        return create("extension", name, "");
    }

    boolean createExtensionIfMissing(String name) {
        return create("extension", name, "if\\s+not\\s+exists\\s+");
    }

    /** Whether one would fail if the schema were there. */
    boolean createSchema(String name) {
        return create("schema", name, "");
    }

    private boolean create(String kind, String name, String condition) {
        return text.contains(kind)
                && Pattern.compile("create\\s+" + kind + "\\s+" + condition + "\"?"
                                + Pattern.quote(name.toLowerCase(Locale.ROOT)) + "(?![\\p{L}\\p{N}_$-])")
                        .matcher(text)
                        .find();
    }

    /** Whether the name stands there as a word, be it in a text. */
    boolean name(String name) {
        String word = name.toLowerCase(Locale.ROOT);
        return text.contains(word)
                && Pattern.compile("(?:^|" + NOT_IN_NAME + ")" + Pattern.quote(word) + "(?:$|" + NOT_IN_NAME + ")")
                        .matcher(text)
                        .find();
    }
}
