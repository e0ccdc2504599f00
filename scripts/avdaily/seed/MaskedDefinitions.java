package avdaily.seed;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The definitions of a copy for developers: what has the form of something personal in their texts has the mask that it
 * has in the rows, so that defaults, checks and the bounds of partitions still fit them. Secrets of options and the
 * addresses of subscriptions are not there.
 */
final class MaskedDefinitions {
    /** Also a part of a text that has a quote in it. */
    private static final String TEXT = "'[^']*+'";

    /** Names and words are passed over, so that no quote in them begins a text. */
    private static final Pattern QUOTED = Pattern.compile(TEXT + "|(?<name>\"[^\"]*+\")|--[^\n]*+"
            + "|(?s:/\\*.*?\\*/)|(?s:(?<tag>\\$(?:[\\p{L}_][\\p{L}\\p{N}_]*+)?\\$).*?\\k<tag>)");

    private static final Pattern OPTION =
            Pattern.compile("(?m)^([ \\t]*\"?([\\w.-]++)\"?[ \\t]+E?)(?:" + TEXT + ")++(?=,?$)");
    private static final Pattern SUBSCRIPTION =
            Pattern.compile("(?m)^(CREATE SUBSCRIPTION .*? CONNECTION )E?(?:" + TEXT + ")++");

    /** @param ddl as pg_dump writes it, or we do */
    static String of(String ddl, Masks masks) {
        String clean = OPTION.matcher(ddl)
                .replaceAll(option -> Matcher.quoteReplacement(
                        SeedChange.secret(option.group(2)) ? option.group(1) + "'masked'" : option.group()));
        clean = SUBSCRIPTION.matcher(clean).replaceAll("$1'dbname=masked'");
        StringBuilder masked = new StringBuilder(clean.length());
        Matcher quoted = QUOTED.matcher(clean);
        while (quoted.find()) {
            String text = quoted.group("name") == null ? masks.scrubbed(quoted.group()) : quoted.group();
            quoted.appendReplacement(masked, Matcher.quoteReplacement(text));
        }
        return quoted.appendTail(masked).toString();
    }

    private MaskedDefinitions() {}
}
