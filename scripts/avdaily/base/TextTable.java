package avdaily.base;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of texts. Columns are as wide as their widest cell. If the lines are wider than the screen, the widest
 * columns get narrower, and their cells several lines: between words, so that a word stays whole and can be copied.
 */
final class TextTable {
    private static final String GAP = "  ";
    private static final int NARROWEST = 12;

    private final List<List<String>> rows;
    private final int[] widths;

    /** @param rows with as many cells each as the first, the header */
    TextTable(List<List<String>> rows) {
        this.rows = rows;
        this.widths = new int[rows.get(0).size()];
        for (List<String> row : rows)
            for (int i = 0; i < widths.length; i++)
                widths[i] = Math.max(widths[i], row.get(i).length());
    }

    /** Makes it fit, as far as it goes. */
    TextTable within(int columns) {
        while (width() > columns) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) if (widths[i] > widths[widest]) widest = i;
            if (widths[widest] <= NARROWEST) break;
            widths[widest] = Math.max(NARROWEST, widths[widest] - Math.max(1, width() - columns));
        }
        return this;
    }

    /** Whether {@link #within} could make it so narrow. */
    boolean fits(int columns) {
        return width() <= columns;
    }

    /** Each row but the header as lines of a name and a value each, for a screen that has no room for a table. */
    List<List<String>> records(int columns) {
        List<String> names = rows.get(0);
        int widest = names.stream().mapToInt(String::length).max().orElse(0);
        return rows.stream()
                .skip(1)
                .map(row -> IntStream.range(0, names.size())
                        .filter(i -> !row.get(i).equals("-"))
                        .boxed()
                        .flatMap(i -> record(names.get(i), row.get(i), widest, columns).stream())
                        .toList())
                .toList();
    }

    private static List<String> record(String name, String value, int widest, int columns) {
        List<String> lines = new ArrayList<>();
        for (String line : folded(value, Math.max(NARROWEST, columns - widest - GAP.length()))) {
            String start = lines.isEmpty() ? name : "";
            lines.add(start + " ".repeat(widest - start.length()) + GAP + line);
        }
        return lines;
    }

    private int width() {
        return Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    }

    /** The lines of each row. */
    List<List<String>> lines() {
        return rows.stream().map(this::lines).toList();
    }

    private List<String> lines(List<String> row) {
        List<List<String>> cells = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) cells.add(folded(row.get(i), widths[i]));
        int most = cells.stream().mapToInt(List::size).max().orElse(1);
        List<String> lines = new ArrayList<>();
        for (int line = 0; line < most; line++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = line < cells.get(i).size() ? cells.get(i).get(line) : "";
                text.append(cell)
                        .append(" ".repeat(Math.max(0, widths[i] - cell.length())))
                        .append(GAP);
            }
            lines.add(text.toString().stripTrailing());
        }
        return lines;
    }

    private static List<String> folded(String cell, int width) {
        if (cell.length() <= width) return List.of(cell);
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : cell.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() > 0 ? " " : "").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
