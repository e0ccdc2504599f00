package avdaily.db;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;

/** The SQL that will run in a scratch database: what it makes itself need not be there before. */
public final class TrialScripts {
    private static final String NOT_IN_NAME = "[^\\p{L}\\p{N}_$]";

    /** In a text that a script puts together: CREATE SCHEMA ' || name, or CREATE SCHEMA %I. */
    private static final Pattern COMPUTED_SCHEMA =
            Pattern.compile("create\\s+schema\\s+(?:if\\s+not\\s+exists\\s+)?(?:authorization|['%|])");

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

    /** Whether one makes the schema, or makes schemas of which only the server will know the name. */
    boolean mayCreateSchema(String name) {
        return create("schema", name, "(?:if\\s+not\\s+exists\\s+)?")
                || says("rename\\s+to\\s+\"?", name)
                || COMPUTED_SCHEMA.matcher(text).find();
    }

    private boolean create(String kind, String name, String condition) {
        return text.contains(kind) && says("create\\s+" + kind + "\\s+" + condition + "\"?", name);
    }

    private boolean says(String before, String name) {
        return Pattern.compile(before + Pattern.quote(name.toLowerCase(Locale.ROOT)) + "(?![\\p{L}\\p{N}_$-])")
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
