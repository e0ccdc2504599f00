import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a server is, and what works there: found out by trying, without a trace. */
@Execution(ExecutionMode.CONCURRENT)
class DoctorTest extends ScriptTest {
    private static final List<String> WRITING =
            List.of("transactions", "create database", "roles", "event triggers", "extensions", "large objects");

    private static final String TRACES =
            """
            SELECT rolname FROM pg_roles WHERE rolname ~ '^avdaily_doctor'
            UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
            UNION ALL SELECT evtname FROM pg_event_trigger
            UNION ALL SELECT extname FROM pg_extension
            UNION ALL SELECT relname FROM pg_class WHERE relname ~ '^avdaily_doctor'
            UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^avdaily_doctor'
            UNION ALL SELECT oid::text FROM pg_largeobject_metadata
            ORDER BY 1""";

    private final DatabaseUrl db = TestServer.newDatabase();
    private final DatabaseUrl superuser = TestServer.admin().withDatabase(db.database());

    private static Run doctor(DatabaseUrl db, String... words) {
        return command(db, "db", "doctor").and(words).run();
    }

    private static Map<String, JsonNode> abilities(Run run) {
        Map<String, JsonNode> abilities = new TreeMap<>();
        run.json().get("abilities").forEach(one -> abilities.put(one.get("name").asText(), one));
        return abilities;
    }

    private static String answer(Map<String, JsonNode> abilities, String name) {
        return abilities.get(name).get("answer").asText() + ", "
                + abilities.get(name).get("basis").asText();
    }

    @Test
    void whatCanBeTriedIsTriedAndNothingIsLeftOfIt() {
        List<String> before = values(superuser, TRACES);
        Map<String, JsonNode> abilities = abilities(doctor(superuser, "--json").expect(0));
        WRITING.forEach(name -> assertEquals("yes, tried", answer(abilities, name), name));
        List.of("sessions", "advisory locks", "snapshots", "row addresses", "copy", "replication role")
                .forEach(name -> assertEquals("yes, tried", answer(abilities, name), name));
        assertEquals(before, values(superuser, TRACES));
    }

    @Test
    void aRoleWithoutRightsIsToldWhatGivesThem() {
        String role = "patient_" + db.database();
        DatabaseUrl patient = new DatabaseUrl(db.hosts(), db.database(), role, TestServer.PASSWORD, db.parameters());
        execute(db, "CREATE TABLE secret (id int)");
        execute(superuser, "CREATE ROLE " + role + " LOGIN PASSWORD '" + TestServer.PASSWORD + "'");
        execute(superuser, "REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC");
        Map<String, JsonNode> poor = abilities(doctor(patient, "--json").expect(22));
        assertEquals("no, tried", answer(poor, "snapshots"));
        execute(superuser, "GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO PUBLIC");
        List.of("create database", "roles", "event triggers", "extensions", "replication role", "session statistics")
                .forEach(name -> assertEquals("no, tried", answer(poor, name), name));
        List.of("creating", "reading", "owning").forEach(name -> assertEquals("no, read", answer(poor, name), name));
        poor.values().stream()
                .filter(one -> !one.get("answer").asText().equals("yes"))
                .forEach(one -> assertTrue(one.get("next").asText().matches(".+[.;]"), one.toString()));
        List.of("create database", "roles", "extensions", "session statistics", "creating", "reading", "owning")
                .forEach(name -> {
                    String next = poor.get(name).get("next").asText();
                    execute(superuser, next.replaceFirst(".*: ?((ALTER ROLE|GRANT) [^;]+);.*", "$1"));
                });
        Map<String, JsonNode> rich = abilities(doctor(patient, "--json").expect(0));
        List.of("create database", "roles", "extensions", "session statistics", "creating", "reading", "owning")
                .forEach(name -> assertTrue(answer(rich, name).startsWith("yes"), name + rich.get(name)));
        execute(superuser, "DROP OWNED BY " + role, "DROP ROLE " + role);
    }

    @Test
    void inProductionItOnlyReadsUnlessItIsTold() {
        Run page = doctor(superuser, "--env", "production")
                .expect(0)
                .says(
                        "PostgreSQL " + value(db, "SHOW server_version"),
                        "between   nothing: ",
                        "Nothing was tried that");
        page.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
        Run run = doctor(superuser, "--env", "production", "--json").expect(0);
        assertFalse(run.json().get("tried").asBoolean());
        WRITING.forEach(name -> assertTrue(answer(abilities(run), name).endsWith("read"), name));
        Run tried = doctor(superuser, "--env", "production", "--json", "--try").expect(0);
        WRITING.forEach(name -> assertEquals("yes, tried", answer(abilities(tried), name), name));
    }

    /** A server that only looks like PostgreSQL knows the function, and what makes itself known is named. */
    @Test
    void aLockThatTwoSessionsGetIsFound() {
        execute(
                superuser,
                "CREATE TABLE pg_dist_partition (logicalrelid regclass)",
                "ALTER FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RENAME TO pg_honest_advisory_lock",
                "CREATE FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RETURNS boolean "
                        + "LANGUAGE sql AS 'SELECT true'");
        Run run = doctor(db, "--json").expect(22);
        assertFalse(run.json().get("usable").asBoolean());
        JsonNode lock = abilities(run).get("advisory locks");
        assertEquals("no", lock.get("answer").asText());
        assertTrue(lock.get("text").asText().contains("two sessions got one and the same lock"), lock.toString());
        assertTrue(lock.get("next").asText().contains("use a PostgreSQL server"), lock.toString());
        JsonNode known = run.json().get("server").get("known").get(0);
        assertEquals("Citus", known.get("name").asText());
    }
}
