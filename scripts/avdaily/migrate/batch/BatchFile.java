package avdaily.migrate.batch;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.sql.ScriptReader;
import avdaily.sql.ScriptStatement;
import avdaily.sql.Word;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A migration of rows: statements that run again and again, each time on few rows, until a query says that all is done.
 * Its variables ({@code ${from}}, {@code ${to}}, {@code ${size}}) have Flyway refuse the file.
 *
 * @param statements one batch, in one transaction
 * @param doneWhen the query that says whether all is done
 */
public record BatchFile(Path file, BatchOptions options, List<ScriptStatement> statements, ScriptStatement doneWhen) {
    private static final Pattern MARK =
            Pattern.compile("(?im)^\uFEFF?[ \\t]*--[ \\t]*batch:[ \\t]*"
                    + "((?:table=|key=|repeat\\b|done[ \\t]+when\\b).*)$");
    private static final Pattern DONE_WHEN = Pattern.compile("(?i)done[ \\t]+when[ \\t]*");
    static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}\\s]*)}");
    /** The first key of a range is that of the batch before, which is done. */
    static final Pattern FROM = Pattern.compile("(?<![<>=!~@#%^&|`?*/+-])>(\\s*\\(?\\s*)\\$\\{from}");

    private static final Pattern TO = Pattern.compile("(?<![<>=!~@#%^&|`?*/+-])<=(\\s*\\(?\\s*)\\$\\{to}");
    private static final Set<String> CHANGES = Set.of("update", "insert", "delete", "merge");
    private static final String SHAPE = "write a line '-- batch: ...', the statements of a batch, a line "
            + "'-- batch: done when', and one query that says true or false.";

    /** A line that says what the statements below it are. */
    private record Mark(int line, String text) {
        boolean isDoneWhen() {
            return DONE_WHEN.matcher(text).matches();
        }
    }

    /** Whether the text has a line of a data migration's, be it whole or not. */
    public static boolean is(String text) {
        return text.contains("batch:")
                && MARK.matcher(text).find()
                && !marks(text, ScriptReader.read(text)).isEmpty();
    }

    /**
     * The data migration that a file is; nothing if it is an ordinary one.
     *
     * @throws Failure (2) naming the line, if it is none that could run
     */
    public static Optional<BatchFile> of(Path file, String text) {
        if (!text.contains("batch:") || !MARK.matcher(text).find()) return Optional.empty();
        List<ScriptStatement> all = ScriptReader.read(text);
        List<Mark> marks = marks(text, all);
        return marks.isEmpty() ? Optional.empty() : Optional.of(new Reader(file, all, marks).file());
    }

    /** Rows of COPY may look like anything. */
    private static List<Mark> marks(String text, List<ScriptStatement> all) {
        List<Mark> marks = new ArrayList<>();
        Matcher found = MARK.matcher(text);
        while (found.find()) {
            int line = 1
                    + (int) text.substring(0, found.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            boolean isRow = all.stream()
                    .anyMatch(s -> s.rows() != null
                            && line > s.lastLine()
                            && line <= s.lastLine() + s.rows().text().lines().count());
            if (!isRow) marks.add(new Mark(line, found.group(1).strip()));
        }
        return marks;
    }

    /** How many rows a batch has at first. */
    public long firstSize() {
        return options.size();
    }

    /** The table that is walked through, as SQL names it; null if the statements limit themselves. */
    public String table() {
        return options.table();
    }

    private record Reader(Path path, List<ScriptStatement> all, List<Mark> marks) {
        BatchFile file() {
            Mark first = marks.get(0);
            boolean isWhole = marks.size() == 2 && marks.get(1).isDoneWhen();
            BatchOptions options = first.isDoneWhen() ? null : BatchOptions.read(first.text, place(first.line));
            if (options == null || !isWhole)
                throw failure(first.line, "a data migration has one line that says how, and one '-- batch: done when'");
            List<ScriptStatement> statements = between(first.line, marks.get(1).line);
            List<ScriptStatement> last = between(marks.get(1).line, Integer.MAX_VALUE);
            int astray = all.stream()
                    .filter(s -> !statements.contains(s) && (last.isEmpty() || s != last.get(0)))
                    .mapToInt(ScriptStatement::line)
                    .findFirst()
                    .orElse(statements.isEmpty() || last.isEmpty() ? first.line : 0);
            if (astray > 0)
                throw failure(astray, "a data migration has nothing before its first line, and one query at its end");
            statements.forEach(this::mustChangeRows);
            mustBeQuery(last.get(0));
            statements.forEach(statement -> mustHaveVariables(statement, options));
            if (options.repeats() && statements.stream().noneMatch(s -> s.text().contains("${size}")))
                throw failure(
                        statements.get(0).line(),
                        "no statement takes its number of rows from ${size}, as in LIMIT ${size}");
            return new BatchFile(path, options, statements, last.get(0));
        }

        private List<ScriptStatement> between(int from, int to) {
            return all.stream()
                    .filter(s -> s.line() > from && s.lastLine() < to)
                    .toList();
        }

        private void mustChangeRows(ScriptStatement statement) {
            if (statement.kind() != ScriptStatement.Kind.SQL || !CHANGES.contains(verb(statement)))
                throw failure(statement.line(), "a batch consists of UPDATE, INSERT, DELETE and MERGE");
        }

        /** What it does, also behind WITH. */
        private static String verb(ScriptStatement statement) {
            List<Word> words = statement.words(Integer.MAX_VALUE);
            if (words.isEmpty() || !words.get(0).is("with"))
                return words.isEmpty() ? "" : words.get(0).text();
            int depth = 0;
            for (Word word : words) {
                if (word.is("(")) depth++;
                if (word.is(")")) depth--;
                boolean isVerb = word.is("select") || word.is("values") || CHANGES.contains(word.text());
                if (depth == 0 && word.kind() == Word.NAME && isVerb) return word.text();
            }
            return "";
        }

        private void mustBeQuery(ScriptStatement statement) {
            List<Word> words = statement.words(1);
            if (statement.kind() != ScriptStatement.Kind.SQL
                    || words.isEmpty()
                    || !words.get(0).is("select") && !words.get(0).is("with"))
                throw failure(statement.line(), "what says that all is done is no SELECT");
            if (VARIABLE.matcher(statement.text()).find())
                throw failure(
                        statement.line(), "what says that all is done is about the whole table, and has no range");
        }

        private void mustHaveVariables(ScriptStatement statement, BatchOptions options) {
            Set<String> known = options.repeats() ? Set.of("size") : Set.of("from", "to");
            Matcher variable = VARIABLE.matcher(statement.text());
            while (variable.find())
                if (!known.contains(variable.group(1)))
                    throw failure(
                            lineOf(statement, variable.start()),
                            variable.group() + " is unknown in this form, which knows "
                                    + (options.repeats() ? "${size}" : "${from} and ${to}"));
            if (options.repeats()) return;
            int from = placed(statement, "${from}", FROM, "behind '>', as in id > ${from}: that row is done already");
            int to =
                    placed(statement, "${to}", TO, "behind '<=', as in id <= ${to}: that row is the last of the batch");
            if (from == 0 || to == 0)
                throw failure(statement.line(), "a batch needs both of its ends: id > ${from} AND id <= ${to}");
        }

        private int placed(ScriptStatement statement, String variable, Pattern rightly, String where) {
            int there = count(statement.text(), Pattern.compile(Pattern.quote(variable)));
            if (count(statement.text(), rightly) != there)
                throw failure(
                        lineOf(statement, statement.text().indexOf(variable)), variable + " has to stand " + where);
            return there;
        }

        private static int count(String text, Pattern what) {
            return (int) what.matcher(text).results().count();
        }

        private static int lineOf(ScriptStatement statement, int at) {
            return statement.line()
                    + (int) statement
                            .text()
                            .substring(0, at)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
        }

        private Place place(int line) {
            return Place.of(path, line);
        }

        private Failure failure(int line, String what) {
            return Failure.usage(place(line) + ": " + what, SHAPE).at(place(line));
        }
    }
}
