import static org.junit.jupiter.api.Assertions.assertEquals;

import avdaily.db.DatabaseUrl;
import org.junit.jupiter.api.Test;

/** A migration does what psql would do with its files, whoever runs it and wherever. */
class AsPsqlTest extends ScriptTest {
    /** The database's zone and order of dates count, and not those of the machine. */
    @Test
    void timesAndDatesAreThoseOfTheDatabase() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "ALTER DATABASE " + db.database() + " SET timezone = 'Africa/Lagos'",
                "ALTER DATABASE " + db.database() + " SET datestyle = 'SQL, DMY'");
        MigrationFolder folder = MigrationFolder.of(
                "V1__launch.sql",
                """
                CREATE TABLE launch (id int, at timestamp, seen timestamptz DEFAULT '2026-01-01 00:00');
                INSERT INTO launch VALUES (1, '02/01/2026 00:00');
                ALTER TABLE launch ALTER at TYPE timestamptz;
                """);
        folder.command(db, "up", "--yes").with("TZ", "Asia/Tokyo").run().expect(0);
        assertEquals(
                "2026-01-01 23:00:00 2025-12-31 23:00:00",
                value(db, "SELECT concat_ws(' ', at AT TIME ZONE 'UTC', seen AT TIME ZONE 'UTC') FROM launch"));
        folder.run(db, "validate", "--rebuild").expect(0).says("is what its migrations say");
        folder.run(db, "lint", "--from", "1").expect(0);
    }
}
