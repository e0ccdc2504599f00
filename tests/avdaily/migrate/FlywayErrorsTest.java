package avdaily.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.ErrorDetails;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.ValidateOutput;
import org.flywaydb.core.internal.exception.FlywaySqlException;
import org.junit.jupiter.api.Test;

/** What Flyway throws and reports, in our words; and that Flyway still says what is looked for. */
public class FlywayErrorsTest {
    private static void assertFailure(Failure.Kind kind, String what, String next, Failure failure) {
        assertEquals(kind, failure.kind);
        assertEquals(what, failure.getMessage());
        assertEquals(next, failure.next);
    }

    @Test
    void aFailureOfOursGoesThroughFlywayUnchanged() {
        Failure ours = Failure.usage("V1__a.sql is not UTF-8", "save it as UTF-8.");
        assertSame(ours, FlywayErrors.translate(new FlywayException("Unable to parse", ours), "app"));
    }

    @Test
    void tablesWithoutAHistoryAreRefused() {
        FlywayException e = new FlywayException(
                "Found non-empty schema(s)", CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE);
        Failure failure = FlywayErrors.translate(e, "app");
        assertEquals(Failure.Kind.REFUSED, failure.kind);
        assertEquals(
                "refused: app has tables or other objects in public, but no migration history", failure.getMessage());
    }

    @Test
    void flywaysOwnLockIsALock() {
        for (FlywayException e : List.of(
                new FlywaySqlException("Unable to acquire " + FlywayErrors.LOCK, new SQLException("no", "XX000")),
                new FlywayException("Number of retries exceeded while attempting to acquire " + FlywayErrors.LOCK))) {
            Failure failure = FlywayErrors.translate(e, "app");
            assertEquals(Failure.Kind.LOCKED, failure.kind);
            assertEquals("Flyway itself is at work on app", failure.getMessage());
        }
    }

    @Test
    void anythingElseIsSaidOnOneLine() {
        assertFailure(
                Failure.Kind.ERROR,
                "first second",
                "run it again with --verbose to see where it happened.",
                FlywayErrors.translate(new FlywayException("first\nsecond"), "app"));
    }

    @Test
    void everyFindingOfTheValidationHasItsWords() {
        Map<CoreErrorCode, String> words = Map.of(
                CoreErrorCode.CHECKSUM_MISMATCH, "its file was changed after it was applied",
                CoreErrorCode.APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED, "it is applied, but its file is gone",
                CoreErrorCode.APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED, "it is applied, but its file is gone",
                CoreErrorCode.DESCRIPTION_MISMATCH, "its file was renamed after it was applied",
                CoreErrorCode.FAILED_VERSIONED_MIGRATION, "it failed half-way",
                CoreErrorCode.FAILED_REPEATABLE_MIGRATION, "it failed half-way",
                CoreErrorCode.RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED, FlywayErrors.PASSED_OVER,
                CoreErrorCode.TYPE_MISMATCH, "what Flyway says");
        words.forEach((code, expected) -> assertEquals("V2 b: " + expected, FlywayErrors.finding(invalid("2", code))));
        assertEquals(
                "R b: its file was changed after it was applied",
                FlywayErrors.finding(invalid("", CoreErrorCode.CHECKSUM_MISMATCH)));
    }

    private static ValidateOutput invalid(String version, CoreErrorCode code) {
        return new ValidateOutput(version, "b", "V2__b.sql", new ErrorDetails(code, "what Flyway says\nat length"));
    }

    @Test
    void flywayStillSaysSo() throws ReflectiveOperationException, IOException {
        String lock = "org.flywaydb.database.postgresql.PostgreSQLAdvisoryLockTemplate";
        assertSays(lock, "Unable to acquire " + FlywayErrors.LOCK);
        assertSays(lock, "Number of retries exceeded while attempting to acquire " + FlywayErrors.LOCK);
        Field key = Class.forName(lock).getDeclaredField("LOCK_MAGIC_NUM");
        key.setAccessible(true);
        assertEquals(FlywayLock.BASE, key.get(null));
    }

    private static void assertSays(String type, String text) throws IOException {
        String file = "/" + type.replace('.', '/') + ".class";
        try (InputStream in = FlywayErrorsTest.class.getResourceAsStream(file)) {
            String constants = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(constants.contains(text), type + " does not say \"" + text + "\" any more");
        }
    }
}
