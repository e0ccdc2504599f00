package avdaily.migrate.lint;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.migrate.MigrationScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The findings that a file, and {@code lint.ignore} beside it, accept with a reason. */
final class IgnoredRules {
    /** Accepts what a rule says of the statement that the comment stands before or in. */
    private static final Pattern COMMENT = Pattern.compile("--\\s*lint:ignore\\s+(\\S+)[ \\t]*(.*)");
    /** A line of lint.ignore, for migrations that are applied and must not be edited: V8 rule reason. */
    private static final Pattern LINE = Pattern.compile("([VR]\\S*)\\s+(\\S+)\\s+(\\S.*)");

    private record Comment(int line, String rule, String reason) {}

    private final List<Comment> comments = new ArrayList<>();
    private final Map<String, String> ofFile = new HashMap<>();
    private final Map<Integer, String> withoutReason = new TreeMap<>();
    /** The last line of the statements before. */
    private int from;

    /** @throws Failure (2) if lint.ignore cannot be read, or one of the two names no rule */
    IgnoredRules(MigrationScript script) {
        readComments(script);
        Path beside = script.file().resolveSibling("lint.ignore");
        boolean isThere = Files.exists(beside);
        if (isThere) ResourceFolder.refuseLinkOut(beside, beside.resolveSibling("."));
        if (script.ignored() != null) readLines(beside, script.ignored().lines().toList(), script.name());
        else if (isThere) readLines(beside, lines(beside), script.name());
    }

    private void readComments(MigrationScript script) {
        int line = 0;
        for (String text : script.text().lines().toList()) {
            line++;
            Matcher m = COMMENT.matcher(text);
            if (!m.find()) continue;
            mustBeRule(m.group(1), ResourceFolder.show(script.file()) + " line " + line);
            if (m.group(2).isBlank()) withoutReason.put(line, m.group(1));
            else comments.add(new Comment(line, m.group(1), m.group(2).strip()));
        }
    }

    private void readLines(Path beside, List<String> lines, String script) {
        String shown = ResourceFolder.show(beside);
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) continue;
            Matcher m = LINE.matcher(line);
            if (!m.matches())
                throw Failure.usage(
                        shown + " cannot be read: '" + line + "'",
                        "write a line as in: V8 index-not-concurrent the reason why it is right.");
            mustBeRule(m.group(2), shown);
            if (script.startsWith(m.group(1) + "__"))
                ofFile.put(m.group(2), m.group(3).strip());
        }
    }

    private static void mustBeRule(String rule, String where) {
        if (LintRule.named(rule).isEmpty())
            throw Failure.usage(
                    where + " ignores a rule that there is not: " + rule, "'avdaily-migrate lint --rules' lists them.");
    }

    private static List<String> lines(Path file) {
        try {
            ResourceFolder.refuseTooLarge(file);
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw Failure.usage(
                    ResourceFolder.show(file) + " cannot be read: " + Reason.of(e), "make it readable for you.");
        }
    }

    /** Why the rule is accepted for the statement that ends on line {@code end}, or null. */
    String reason(LintRule rule, int end) {
        return comments.stream()
                .filter(comment -> comment.rule.equals(rule.id()) && comment.line > from && comment.line <= end)
                .map(Comment::reason)
                .findFirst()
                .orElse(ofFile.get(rule.id()));
    }

    /** From now on the comments after line {@code end} count. */
    void passed(int end) {
        from = Math.max(from, end);
    }

    /** The rules of the comments that give no reason and therefore accept nothing, by line. */
    Map<Integer, String> withoutReason() {
        return withoutReason;
    }
}
