package avdaily.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

public class FormatTest {
    /** Half a letter is no text: neither UTF-8 nor jsonb can hold it. */
    @Test
    void noLetterIsHalvedWhereATextIsCut() {
        String smile = "\uD83D\uDE00";
        assertEquals("ab" + smile, Format.within("ab" + smile, 4, "…"));
        assertEquals("ab…", Format.within("ab" + smile + "c", 4, "…"));
        assertEquals("ab" + smile + "…", Format.within("ab" + smile + "cd", 5, "…"));
        assertEquals("…", Format.within(smile + smile, 2, "…"));
        assertEquals("a...", Format.within("a" + smile + "bcd", 5, "..."));
    }
}
