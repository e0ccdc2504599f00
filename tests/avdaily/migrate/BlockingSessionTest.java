package avdaily.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What others are told of a statement. */
public class BlockingSessionTest {
    @Test
    void noValueIsTold() {
        told("UPDATE a SET b = ?, c = ? WHERE d = ?", "UPDATE a SET b = 'x -- y',\n c = 'secret' WHERE d = 1;");
        told("SELECT ?, ?, ?", "SELECT '/*', 'secret', '*/' -- secret");
        told("SELECT ??", "SELECT 'C:\\', 'secret'");
        told("SELECT ?, ?, $1", "SELECT E'\\'secret', $a$'secret$a$, $1 /* secret");
        told("SELECT \"it's -- so\", date?, ?", "SELECT \"it's -- so\", date'2026-01-01', 'sec");
        assertEquals("", BlockingSession.lastStatement("<insufficient privilege>"));
    }

    private static void told(String wanted, String query) {
        assertEquals(", last statement: " + wanted, BlockingSession.lastStatement(query));
    }
}
