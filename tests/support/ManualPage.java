import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A page of the manual: its text, and its fenced blocks with what the comments before them say. */
record ManualPage(Path file, List<String> lines) {
    static final Pattern MARK = Pattern.compile("<!-- (not run|run|file|database|writer)(?:: (.*))? -->");
    private static final Pattern HEADING = Pattern.compile("#+ (.*)");

    /** A fenced block; the mark is the comment before it, or null. */
    record Block(String language, String mark, String argument, int line, String text) {
        boolean runs() {
            return "run".equals(mark);
        }

        boolean isAccountedFor() {
            return runs() || "file".equals(mark) || "not run".equals(mark) && argument != null;
        }
    }

    String text() {
        return String.join("\n", lines);
    }

    static ManualPage read(Path file) {
        try {
            return new ManualPage(file, Files.readAllLines(file));
        } catch (IOException e) {
            return fail(e);
        }
    }

    /** The command that the page is about, or nothing. */
    String alias() {
        Matcher title = Pattern.compile("# (avdaily-[a-z]+).*").matcher(lines.get(0));
        return title.matches() ? title.group(1) : "";
    }

    String at(int line) {
        return ScriptTest.PROJECT.relativize(file) + " line " + line;
    }

    /** The page without its fenced blocks, line for line. */
    List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean fenced = false;
        for (String line : lines) {
            boolean fence = line.startsWith("```");
            prose.add(fenced || fence ? "" : line);
            fenced ^= fence;
        }
        return prose;
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("```")) continue;
            int end = i + 1;
            while (!lines.get(end).startsWith("```")) end++;
            Matcher mark = MARK.matcher(i == 0 ? "" : lines.get(i - 1));
            boolean marked = mark.matches();
            String text = String.join("\n", lines.subList(i + 1, end)) + "\n";
            blocks.add(new Block(
                    lines.get(i).substring(3),
                    marked ? mark.group(1) : null,
                    marked ? mark.group(2) : null,
                    i + 1,
                    text));
            i = end;
        }
        return blocks;
    }

    /** The lines below a heading, up to the next one. */
    List<String> below(String heading) {
        List<String> all = prose();
        int from = all.indexOf(heading) + 1;
        assertTrue(from > 0, file + " has no heading '" + heading + "'");
        int to = from;
        while (to < all.size() && !HEADING.matcher(all.get(to)).matches()) to++;
        return all.subList(from, to);
    }

    /** The anchors of the headings, as GitHub makes them. */
    Set<String> anchors() {
        return prose().stream()
                .map(HEADING::matcher)
                .filter(Matcher::matches)
                .map(heading -> heading.group(1))
                .map(title -> title.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
