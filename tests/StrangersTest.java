import static org.junit.jupiter.api.Assertions.assertEquals;

import avdaily.db.DatabaseUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an ordinary role of a database can put in the way of a superuser's migrations, without owning a table. */
class StrangersTest extends ScriptTest {
    private final DatabaseUrl db = TestServer.newDatabase();
    private final DatabaseUrl superuser = TestServer.admin().withDatabase(db.database());
    private final String stranger = "stranger_" + db.database();

    StrangersTest() {
        execute(
                superuser,
                "CREATE ROLE " + stranger,
                "CREATE SCHEMA theirs AUTHORIZATION " + stranger,
                "CREATE SCHEMA app",
                "CREATE TABLE app.item (id int, name varchar)",
                "CREATE TABLE app.fired (who text)",
                "GRANT USAGE ON SCHEMA app, theirs TO PUBLIC",
                "GRANT INSERT, SELECT ON app.fired TO PUBLIC",
                "ALTER DATABASE " + db.database() + " SET search_path = app");
    }

    @AfterEach
    void dropRole() {
        execute(superuser, "DROP OWNED BY " + stranger, "DROP ROLE " + stranger);
    }

    /** A migration's session has public before the path that the database says. */
    @Test
    void publicIsLookedAtAlsoIfThePathLeavesItOut() {
        up("INSERT INTO item VALUES (1, 'A');").expect(0);
        trap("GRANT CREATE ON SCHEMA public TO " + stranger, "public.lower(varchar)");
        up("UPDATE item SET name = lower(name);")
                .expect(21, "lower(character varying)", stranger);
        assertEquals("0", value(superuser, "SELECT count(*) FROM app.fired"));
    }

    /** A condition calls the server's function, and that one runs a text in which the stranger's is called. */
    @Test
    void aTriggersConditionRunsNoText() {
        up("INSERT INTO item VALUES (1, 'A');").expect(0);
        trap("GRANT TRIGGER ON app.item TO " + stranger, "theirs.trap(text)");
        condition("app.item");
        up("INSERT INTO item VALUES (2, 'B');").expect(21, "item has the trigger early");
        execute(superuser, "REVOKE TRIGGER ON app.item FROM " + stranger);
        up("INSERT INTO item VALUES (2, 'B');").expect(21, "item has the trigger early", "query_to_xml");
        execute(
                superuser,
                "DROP TRIGGER early ON app.item",
                "GRANT USAGE ON SCHEMA avdaily_ops TO " + stranger,
                "GRANT TRIGGER ON avdaily_ops.operation TO " + stranger);
        condition("avdaily_ops.operation");
        up("INSERT INTO item VALUES (2, 'B');").expect(21, "operation has the trigger early");
        assertEquals("0", value(superuser, "SELECT count(*) FROM app.fired"));
    }

    private void trap(String grant, String function) {
        execute(
                superuser,
                grant,
                "SET ROLE " + stranger,
                "CREATE FUNCTION " + function + " RETURNS text LANGUAGE plpgsql AS "
                        + "'BEGIN INSERT INTO app.fired VALUES (current_user); RETURN $1; END'");
    }

    private void condition(String table) {
        execute(
                superuser,
                "SET ROLE " + stranger,
                "CREATE TRIGGER early BEFORE INSERT ON " + table + " FOR EACH ROW WHEN "
                        + "(query_to_xml('SELECT theirs.trap('''')', false, false, '') IS NULL) "
                        + "EXECUTE FUNCTION suppress_redundant_updates_trigger()");
    }

    private Run up(String text) {
        MigrationFolder folder = MigrationFolder.of("V1__one.sql", "SELECT 1;");
        if (value(superuser, "SELECT to_regclass('public.flyway_schema_history')") == null)
            folder.run(superuser, "baseline", "--yes", "--version", "0").expect(0);
        return folder.write("R__again.sql", text).run(superuser, "up", "--yes", "--no-backup");
    }
}
