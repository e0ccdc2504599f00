package avdaily.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

public class TextTableTest {
    private static final List<List<String>> ROWS = List.of(
            List.of("Version", "What", "By"),
            List.of("1", "a table for the accounts of every bank that there is", "somebody@example.test"),
            List.of("2", "short", "-"));

    private static String lines(TextTable table) {
        return String.join("\n", table.lines().stream().flatMap(List::stream).toList());
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        assertEquals(
                """
                Version  What                                                  By
                1        a table for the accounts of every bank that there is  somebody@example.test
                2        short                                                 -""",
                lines(new TextTable(ROWS)));
    }

    @Test
    void whatHasNoRoomAtAllIsARecordARow() {
        TextTable table = new TextTable(ROWS).within(30);
        assertFalse(table.fits(30));
        assertEquals(
                """
                Version  1
                What     a table for the
                         accounts of every
                         bank that there is
                By       somebody@example.test

                Version  2
                What     short""",
                String.join(
                        "\n\n",
                        table.records(30).stream()
                                .map(lines -> String.join("\n", lines))
                                .toList()));
    }

    @Test
    void aNarrowScreenFoldsColumnsAndNoWords() {
        assertEquals(
                """
                Version  What                By
                1        a table for the     somebody@example.test
                         accounts of every
                         bank that there is
                2        short               -""",
                lines(new TextTable(ROWS).within(50)));
    }
}
