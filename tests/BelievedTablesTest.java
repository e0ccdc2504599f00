import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What others wrote into avdaily_ops, or made of it, is not believed. */
class BelievedTablesTest extends ScriptTest {
    private static final String BELIEVED = "avdaily_ops is not to be believed";

    @Test
    void aForgedLogIsRefusedByName() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner().withForgedOps();
        Path folder = TestServer.temporary("hostile");
        for (List<String> words :
                List.of(List.of("backup", "create"), List.of("monitor"), List.of("integrity", "quick")))
            hostile.tread(
                            folder,
                            Set.of(0, 22, 24),
                            words.get(0),
                            words.subList(1, words.size()).toArray(String[]::new))
                    .notes("avdaily_ops is passed over", "environment is a view");
        for (List<String> words : List.of(
                List.of("db", "url"),
                List.of("migrate", "status"),
                List.of("migrate", "up", "--yes"),
                List.of("deploy", "history"),
                List.of("deploy", "development", "--yes"),
                List.of("seed", "development", "--yes")))
            hostile.tread(
                            folder,
                            Set.of(21),
                            words.get(0),
                            words.subList(1, words.size()).toArray(String[]::new))
                    .expect(21, BELIEVED, "environment is a view", "AVDAILY_TRUSTED_ROLES");
    }

    /** As another build of this toolkit may have left it, or somebody's hand. */
    @Test
    void aTableOfAnotherFormIsRefusedByName() {
        DatabaseUrl db = migrated();
        String found = SqlResource.of(Database.class, "found.sql").replace("'\\n    '", "");
        for (String table : values(
                db,
                """
                SELECT format('''%s'', ''{%s}''', c.relname, string_agg(a.attname, ',' ORDER BY a.attnum))
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relnamespace = 'avdaily_ops'::regnamespace AND c.relkind = 'r' GROUP BY c.oid"""))
            assertTrue(found.contains(table), () -> table + " is not in found.sql");
        Path folder = TestServer.temporary("hostile");
        for (String column : List.of("migration_file sha256", "operation details", "environment recorded_at")) {
            String[] words = column.split(" ");
            execute(db, "ALTER TABLE avdaily_ops." + words[0] + " RENAME " + words[1] + " TO other");
            String what = words[0] + " has no column " + words[1];
            run(db, "migrate", "up", "--yes").expect(21, BELIEVED, what, "is made anew");
            run(db, "backup", "create", "--dir", folder.toString()).expect(0).notes(what);
            execute(db, "ALTER TABLE avdaily_ops." + words[0] + " RENAME other TO " + words[1]);
        }
        run(db, "migrate", "up", "--yes").expect(0);
        String entry = "INSERT INTO flyway_schema_history SELECT 99, '%s', 'x', '%s', 'x.sql', 1, 'x', now(), 1, true";
        execute(db, entry.formatted("99", "UNDO_SQL"));
        run(db, "migrate", "status").expect(21, "type UNDO_SQL", "edition of Flyway");
        execute(db, "DELETE FROM flyway_schema_history WHERE type = 'UNDO_SQL'", entry.formatted("1-2", "SQL"));
        run(db, "migrate", "status").expect(21, "version 1-2", "SELECT * FROM");
    }

    /** What is believed may have had another owner once, who left something behind. */
    @Test
    void aBelievedTableHasNoStrangersChildrenAndTriggers() {
        HostileDatabase hostile = HostileDatabase.quiet();
        DatabaseUrl superuser = hostile.asSuperuser();
        execute(
                hostile.asOwner(),
                "CREATE SCHEMA avdaily_ops",
                "CREATE TABLE avdaily_ops.environment (name text)",
                "CREATE TABLE trap.child () INHERITS (avdaily_ops.environment)",
                "CREATE TABLE trap.grandchild () INHERITS (trap.child)",
                "CREATE INDEX ON trap.grandchild ((trap.seven('index of a child')))");
        execute(
                superuser,
                "ALTER SCHEMA avdaily_ops OWNER TO CURRENT_USER",
                "ALTER TABLE avdaily_ops.environment OWNER TO CURRENT_USER",
                "ALTER TABLE trap.child OWNER TO CURRENT_USER");
        run(superuser, "migrate", "history")
                .expect(21, BELIEVED, "environment has the child trap.grandchild of tenant");
        execute(superuser, "DROP SCHEMA avdaily_ops CASCADE");
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (n text);");
        migrations.run(superuser, "up", "--yes").expect(0);
        execute(superuser, "GRANT TRIGGER ON flyway_schema_history TO tenant");
        execute(
                hostile.asOwner(),
                "CREATE TRIGGER t BEFORE INSERT ON flyway_schema_history "
                        + "FOR EACH ROW EXECUTE FUNCTION trap.sprung()");
        migrations
                .run(superuser, "status")
                .expect(21, "flyway_schema_history is not to be believed: it runs the function trap.sprung()");
        assertEquals(Set.of(), hostile.fired());
    }

    /** What undoes a fix is SQL that stands in a table, and which environment this is decides what is asked. */
    @Test
    void nothingThatOthersMayWriteDownIsBelieved() {
        HostileDatabase hostile = HostileDatabase.quiet();
        DatabaseUrl superuser = hostile.asSuperuser();
        Path folder = TestServer.temporary("hostile");
        write(
                folder.resolve("own.yaml"),
                "rules:\n- {id: BAD-1, category: business, severity: critical, means: All are good., table: a,"
                        + " where: id < 0, fix: {kind: quarantine}}\n");
        String rules = folder.resolve("own.yaml").toString();
        MigrationFolder migrations =
                MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (-1), (1);");
        migrations.run(superuser, "up", "--yes").expect(0);
        run(superuser, "integrity", "fix", "--rules", rules, "--yes", "--only", "BAD-1")
                .expect(0);
        String run = value(superuser, "SELECT max(run) FROM avdaily_ops.quarantine");
        String plant = "INSERT INTO avdaily_ops.quarantine (run, n, rule, action, old_row, new_row) VALUES (" + run
                + ", 99, 'BAD-1', 'ddl', jsonb_build_object('statement', 'SELECT trap.seven(''undo'')'), '{}')";
        execute(superuser, "GRANT USAGE ON SCHEMA avdaily_ops TO guest");
        for (List<String> power : List.of(
                List.of(
                        "GRANT INSERT ON avdaily_ops.quarantine TO guest",
                        "REVOKE INSERT ON avdaily_ops.quarantine FROM guest"),
                List.of("GRANT pg_write_all_data TO guest", "REVOKE pg_write_all_data FROM guest"))) {
            execute(superuser, power.get(0));
            execute(hostile.asGuest(), plant);
            run(superuser, "integrity", "fix", "--rules", rules, "--undo", run, "--yes")
                    .expect(21, "not to be believed", "guest may write to", "quarantine", "AVDAILY_TRUSTED_ROLES");
            execute(superuser, power.get(1), "DELETE FROM avdaily_ops.quarantine WHERE n = 99");
        }
        execute(superuser, "GRANT UPDATE (name) ON avdaily_ops.environment TO guest");
        migrations.run(superuser, "up", "--yes").expect(21, BELIEVED, "guest may write to environment");
        run(superuser, "backup", "create", "--dir", folder.toString())
                .expect(0)
                .notes("guest may write to environment");
        execute(superuser, "REVOKE UPDATE (name) ON avdaily_ops.environment FROM guest");
        run(superuser, "integrity", "fix", "--rules", rules, "--undo", run, "--yes")
                .expect(0);
        assertEquals("2", value(superuser, "SELECT count(*) FROM a"));
        assertEquals(Set.of(), hostile.fired());
    }
}
