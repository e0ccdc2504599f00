package avdaily.db;

import avdaily.db.Environment.Signal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a host's or a database's name gives away about the environment. */
final class NameRules {
    /**
     * Whatever begins with prod counts, but for words of products and producing. In "reproduction" it is no sign, in
     * "storeproduction" it is.
     */
    private static final String PROD = "(?!(?<=(?<![a-z])re)produc)prod(?!ig|uit|uto|u[ck]e|u[ck]ing|u[ck]t(?!ion))";
    /** As a word, at the end of one that is no English word, or before what a database is called. */
    private static final String LIVE = "(?<![a-z])live(?![a-z])"
            + "|(?<=[a-z])(?<!(?<![a-z])(?:o|a|re|un|out|over))live(?![a-z])"
            + "|(?<![a-z])live(?=(?:db|data|database|sql|pg|postgres|app|api|web|site|shop|store|srv|server|host|env"
            + "|sys|system|main|master|primary|cluster)(?![a-z]))";

    private static final Pattern LETTERS = Pattern.compile("[a-z0-9_-]+");

    /** The most dangerous first; localhost says nothing. */
    private static final List<Rule> ALL = List.of(
            new Rule(Environment.PRODUCTION, "(?<!pre)(?<!pre[_-])" + PROD),
            new Rule(Environment.PRODUCTION, LIVE),
            new Rule(Environment.PRODUCTION, "(?<![a-z])prd|prd(?![a-z])"),
            new Rule(Environment.STAGING, "pre[_-]?" + PROD),
            new Rule(Environment.STAGING, "(?<![a-z])(staging|stage|stg)|staging"),
            new Rule(Environment.DEMO, "(?<![a-z])demo(?!cra|gra)"),
            new Rule(Environment.TESTING, "(?<![a-z])test(?!imon)"));

    private record Rule(Environment environment, Pattern pattern) {
        Rule(Environment environment, String regex) {
            this(environment, Pattern.compile(regex));
        }
    }

    /** What the first rule that fits says of the address, and what fitted. */
    static Optional<Signal> inUrl(DatabaseUrl url) {
        String names = (String.join(" ", url.hostNames()) + " " + url.database()).toLowerCase(Locale.ROOT);
        for (Rule rule : ALL) {
            Matcher found = rule.pattern.matcher(names);
            if (found.find())
                return Optional.of(new Signal(
                        rule.environment,
                        "the URL (" + url + ", for '" + found.group() + "' in '" + word(names, found.start()) + "')"));
        }
        return Optional.empty();
    }

    private static String word(String names, int at) {
        return LETTERS.matcher(names)
                .results()
                .filter(word -> word.start() <= at && at < word.end())
                .findFirst()
                .map(word -> word.group())
                .orElse(names);
    }

    private NameRules() {}
}
