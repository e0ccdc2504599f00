package avdaily.migrate;

import avdaily.base.Visible;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Generated statements as texts: patterns that recognise them, and the file that they become. */
final class StatementText {
    /** A name as SQL has it, perhaps with its schema. */
    static final String NAME = "(?:\"(?:[^\"]|\"\")++\"|[^\\s\".;(]+)(?:\\.(?:\"(?:[^\"]|\"\")++\"|[^\\s\".;(]+))?";

    /** Comments that may stand before a statement. */
    private static final String HEAD = "(?s)(?:\\s*--[^\r\n]*[\r\n])*+\\s*";

    private static final Pattern CREATE_TABLE =
            pattern("CREATE (?:UNLOGGED TABLE|TABLE|MATERIALIZED VIEW) (" + NAME + ")\\s.*");
    private static final Pattern ON_TABLE =
            pattern("(?:ALTER TABLE(?: ONLY)?|CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?" + "(?:IF NOT EXISTS )?"
                    + NAME + " ON(?: ONLY)?) (" + NAME + ")\\s.*");

    private static final Pattern INDENT = Pattern.compile("(?:" + SchemaDiff.OPAQUE + ")|(?m:^)\t");

    /** A pattern for a whole statement, whatever comments stand before it; '.' is any character. */
    static Pattern pattern(String statement) {
        return Pattern.compile(HEAD + statement);
    }

    static Optional<Matcher> match(Pattern pattern, String text) {
        return Optional.of(pattern.matcher(text)).filter(Matcher::matches);
    }

    /** The table that the statement alters or gives an index. */
    static Optional<String> table(String text) {
        return match(ON_TABLE, text).map(m -> m.group(1));
    }

    /** The tables that the statements make. */
    static List<String> made(List<String> statements) {
        return statements.stream()
                .map(text -> match(CREATE_TABLE, text))
                .flatMap(Optional::stream)
                .map(m -> m.group(1))
                .toList();
    }

    /** The statement that adds a constraint, without NOT VALID. */
    static String valid(String text) {
        return text.replaceFirst(" NOT VALID;$", ";");
    }

    /** A file: title and remarks as comments, then the statements, indented by spaces. */
    static String file(String title, List<String> remarks, List<String> statements) {
        String head = Stream.concat(Stream.of(title), remarks.stream())
                .map(StatementText::comment)
                .collect(Collectors.joining());
        return statements.stream().map(StatementText::indented).collect(Collectors.joining("\n\n", head + "\n", "\n"));
    }

    /** A comment on one line, whatever the names in it hold. */
    static String comment(String text) {
        return "-- " + Visible.line(text) + "\n";
    }

    /** Tabs in literals, names and function bodies stay. */
    private static String indented(String text) {
        return INDENT.matcher(text).replaceAll(found -> {
            String part = found.group();
            return Matcher.quoteReplacement(part.equals("\t") ? "    " : part);
        });
    }

    private StatementText() {}
}
