import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How sessions begin: with the password that libpq would take, or not at all. */
class SessionTest extends ScriptTest {
    private final DatabaseUrl db = TestServer.newDatabase();

    @Test
    void oneWhoseFirstStatementFailsIsClosed() throws SQLException {
        try (Database database = Database.at(db, Environment.DEVELOPMENT, TestServer.INVOCATION)) {
            database.beginSessionsWith("SELECT 1/0");
            assertThrows(Failure.class, database::connect);
        }
        Await.noSession(db, "true");
    }

    @Test
    void eachAddressHasItsOwnPasswordFile() throws IOException, SQLException {
        String host = db.hosts().get(0).name();
        String start = host + ":" + db.hosts().get(0).port() + ":*:";
        String secret = db.password().replace("\\", "\\\\").replace(":", "\\:");
        String of = start + db.user() + ":" + secret;
        DatabaseUrl several = new DatabaseUrl(
                List.of(new DatabaseUrl.Host("127.0.0.9", 1), db.hosts().get(0)),
                db.database(),
                db.user(),
                null,
                Map.of("passfile", file("# " + start + "x:y", "", "too:short", start + "\\*:no", of + ":more", of)));
        try (Database one = at(several)) {
            assertEquals(db.database(), value(one));
        }
        DatabaseUrl odd = new DatabaseUrl(
                db.hosts(), db.database(), "a:b", null, Map.of("passfile", file(start + "a:b:wrong")));
        try (Database one = at(odd)) {
            Failure failure = assertThrows(Failure.class, one::connection);
            assertTrue(failure.getMessage().contains("does not let a:b in"), failure.getMessage());
        }
        DatabaseUrl wrong = new DatabaseUrl(
                db.hosts(), db.database(), db.user(), null, Map.of("passfile", file("*:*:*:*:wrong", of)));
        try (Database one = at(several);
                Database other = at(wrong)) {
            assertEquals(Failure.Kind.UNREACHABLE, assertThrows(Failure.class, other::connection).kind);
            assertEquals(db.database(), value(one), "the other's file is no concern of this one's");
        }
        DatabaseUrl torn = new DatabaseUrl(
                several.hosts(),
                db.database(),
                db.user(),
                null,
                Map.of("passfile", file("127.0.0.9:*:*:*:wrong", of)));
        try (Database one = at(torn)) {
            Failure failure = assertThrows(Failure.class, one::connection);
            assertEquals(Failure.Kind.USAGE, failure.kind, failure.getMessage());
        }
    }

    @Test
    void itHasTheTimeZoneThatTheAddressSays() throws SQLException {
        execute(db, "ALTER DATABASE " + db.database() + " SET timezone = 'Africa/Lagos'");
        String options = "-c TimeZone=Asia/Tokyo --DateStyle=SQL,\\ DMY -cwork_mem=3MB";
        DatabaseUrl said = new DatabaseUrl(
                db.hosts(), db.database(), db.user(), db.password(), Map.of("options", options));
        String shown = "SELECT concat_ws(' ', current_setting('TimeZone'), current_setting('DateStyle'), "
                + "current_setting('work_mem'))";
        try (Database database = at(said)) {
            assertEquals(
                    "Asia/Tokyo ISO, DMY 3MB", Database.one(database.projectConnection(), shown, String.class));
            database.renewForProject(database.projectConnection());
            assertEquals(
                    "Asia/Tokyo ISO, DMY 3MB", Database.one(database.projectConnection(), shown, String.class));
        }
        try (Database database = at(db)) {
            assertEquals(
                    "Africa/Lagos ISO, MDY 4MB", Database.one(database.projectConnection(), shown, String.class));
        }
    }

    private static String file(String... lines) throws IOException {
        Path file = TestServer.temporary("passwords").resolve("pgpass");
        write(file, String.join("\n", lines) + "\n");
        AtomicFile.restrict(file, "rw-------");
        return file.toString();
    }

    private static Database at(DatabaseUrl url) {
        return Database.at(url, Environment.DEVELOPMENT, TestServer.INVOCATION);
    }

    private static String value(Database database) throws SQLException {
        return Database.one(database.connection(), "SELECT current_database()::text", String.class);
    }
}
