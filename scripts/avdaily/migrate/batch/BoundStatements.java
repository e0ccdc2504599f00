package avdaily.migrate.batch;

import avdaily.sql.ScriptStatement;
import avdaily.sql.Sql;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements of a batch with values in the place of their variables. Their lines stay what they are. */
final class BoundStatements {
    /** Both in one go: a key that has the word of the other in it is a value, and no place for it. */
    private static final Pattern ENDS = Pattern.compile(BatchFile.FROM.pattern() + "|\\$\\{to}");

    /** For the rows of a range. */
    static List<ScriptStatement> of(BatchFile file, KeyRange range, List<String> types) {
        String from = literals(range.from(), types);
        String to = literals(range.to(), types);
        String operator = range.includesFrom() ? ">=" : ">";
        return file.statements().stream()
                .map(statement -> with(
                        statement,
                        ENDS.matcher(statement.text())
                                .replaceAll(found -> Matcher.quoteReplacement(
                                        found.group(1) == null ? to : operator + found.group(1) + from))))
                .toList();
    }

    /** For at most so many rows. */
    static List<ScriptStatement> of(BatchFile file, long size) {
        return file.statements().stream()
                .map(statement -> with(statement, statement.text().replace("${size}", String.valueOf(size))))
                .toList();
    }

    /** The key's values as SQL; none are values that no row has. */
    static String literals(List<String> values, List<String> types) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < types.size(); i++)
            text.append(i == 0 ? "" : ", ")
                    .append(values == null ? "NULL" : Sql.literal(values.get(i)).strip())
                    .append("::")
                    .append(types.get(i));
        return text.toString();
    }

    private static ScriptStatement with(ScriptStatement statement, String text) {
        return new ScriptStatement(statement.kind(), statement.line(), text, null);
    }

    private BoundStatements() {}
}
