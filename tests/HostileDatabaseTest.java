import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A database cannot run its code as us: traps everywhere, each command as a superuser, and no trap fires. */
class HostileDatabaseTest extends ScriptTest {
    private static final String BELIEVED = "avdaily_ops is not to be believed";
    private static final String STRANGER = "could run a stranger's code as ";

    private static final String OWN_RULE =
            """
            rules:
              - {id: OWN-1, category: business, severity: warning, means: A, tables: [a], key: [n],
                 query: SELECT n FROM a WHERE n IS NULL}
            """;

    private static final String CLASS =
            "OPERATOR CLASS o FOR TYPE text USING btree AS FUNCTION 1 trap.cmp(text, text); ";

    /** Operators and casts are beyond the schema reader: a pg_dump of the server's version helps, if there is one. */
    private static final Set<Integer> DEFINED = Set.of(0, 24);

    /** The traps work: whoever is careless steps on them. */
    @Test
    void theTrapsFire() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner().withForgedOps();
        for (String careless : List.of(
                "SELECT to_regclass('m.big')",
                "SELECT count(*) FROM pg_class",
                "SELECT format('%I', 'a'::text)",
                "SELECT 'a'::text = 'b'::text",
                "SELECT pg_catalog.count(*) FROM m.big",
                "SELECT id::text FROM m.child",
                "SELECT m.owned.id FROM m.owned WHERE d OPERATOR(pg_catalog.<>) ''",
                "SELECT pg_catalog.count(*) FROM m.v",
                "SELECT pg_catalog.max(name) FROM avdaily_ops.environment",
                "INSERT INTO m.owned (id) VALUES (9)",
                "UPDATE avdaily_ops.operation SET host = ''",
                "TRUNCATE m.big",
                "SET search_path = public; SELECT 'a'::name = 'b'::varchar",
                "SET search_path = public; SELECT format('%I.%I'::text, 'a'::name, 'b'::name)")) {
            Set<String> before = hostile.fired();
            try {
                execute(hostile.asSuperuser(), careless);
            } catch (AssertionError e) {
                // a trap may break what it sits in
            }
            Set<String> now = new TreeSet<>(hostile.fired());
            assertTrue(
                    now.removeAll(before) | !now.isEmpty() || careless.startsWith("UPDATE"),
                    () -> "nothing fired at " + careless);
        }
        Set<String> fired = hostile.fired();
        for (String kind : List.of(
                "evil_to_regclass",
                "evil_view_pg_class",
                "evil_operator",
                "public_format",
                "public_operator",
                "cast",
                "index_expression",
                "index_predicate",
                "view",
                "environment",
                "trigger_on_owned",
                "domain",
                "default",
                "generated_column"))
            assertTrue(fired.stream().anyMatch(name -> name.startsWith(kind)), () -> kind + " is not in " + fired);
    }

    @Test
    void noCommandStepsOnTheTrapsOfAnOwner() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner();
        Path folder = TestServer.temporary("hostile");
        Run url = hostile.tread(folder, Set.of(0), "db", "url");
        assertTrue(url.err().contains("tenant owns"), url.err());
        assertEquals(1, url.err().split("GRANT pg_read_all_data TO reader", -1).length - 1, url.err());
        hostile.tread(folder, DEFINED, "backup", "create");
        hostile.tread(folder, Set.of(0), "migrate", "lint");
        hostile.tread(folder, Set.of(0), "migrate", "history");
        hostile.tread(folder, Set.of(0), "deploy", "history");
        hostile.tread(folder, Set.of(0, 21), "migrate", "status");
        hostile.tread(folder, Set.of(0, 21, 22), "migrate", "validate");
        Run quick = hostile.tread(folder, Set.of(0, 22), "integrity", "quick");
        assertTrue((quick.out() + quick.err()).contains("PRF-03"), quick.out());
        hostile.tread(folder, Set.of(0, 22), "integrity", "check");
        hostile.tread(
                folder,
                Set.of(0, 22),
                "integrity",
                "report",
                "--out",
                folder.resolve("r.html").toString());
        hostile.tread(folder, Set.of(0, 22), "monitor");
        for (List<String> words : List.of(
                List.of("migrate", "up", "--yes"),
                List.of("migrate", "up", "--dry-run"),
                List.of("migrate", "lint", "--on-target"),
                List.of("integrity", "fix", "--yes"),
                List.of("integrity", "fix", "--dry-run"),
                List.of("seed", "development", "--yes"),
                List.of("seed", "development", "--dry-run"),
                List.of("seed", "generate", "--users", "10", "--yes"),
                List.of("seed", "export", "--out", folder.resolve("export").toString()),
                List.of(
                        "seed",
                        "recipe",
                        "--from-database",
                        "--out",
                        folder.resolve("r.yaml").toString()),
                List.of(
                        "backup",
                        "compare",
                        hostile.asSuperuser().withPassword(),
                        hostile.asSuperuser().withPassword()),
                List.of("deploy", "development", "--seed", "--yes"),
                List.of("deploy", "development", "--dry-run"),
                List.of("db", "doctor"),
                List.of("db", "doctor", "--try"),
                List.of("migrate", "up", "--schema", "tenants", "--yes"),
                List.of("migrate", "status", "--schema", "tenants"),
                List.of("migrate", "status", "--schema", "m"),
                List.of("migrate", "baseline", "--schema", "tenants", "--yes"),
                List.of("migrate", "repair", "--schema", "m", "--yes"),
                List.of("migrate", "validate", "--schema", "m"),
                List.of("migrate", "history", "--schema", "m"),
                List.of("deploy", "rollback", "development", "--yes")))
            hostile.tread(
                    folder,
                    Set.of(0, 1, 2, 21, 22),
                    words.get(0),
                    words.subList(1, words.size()).toArray(String[]::new));
        hostile.dropWhatNoBackupHolds();
        backupsStepOnNoTrap(hostile, folder);
    }

    private static void backupsStepOnNoTrap(HostileDatabase hostile, Path folder) {
        Set<String> before = hostile.fired();
        hostile.command(folder, "backup", "create").run().expect(0);
        hostile.command(folder, "backup", "verify").run().expect(0);
        for (List<String> part : List.of(
                List.of("--latest", "--table", "m.child", "--dry-run"),
                List.of("--latest", "--table", "m.owned", "--data-only", "--where", "d = 'one'", "--yes")))
            hostile.command(folder, "restore", part.toArray(String[]::new))
                    .with("DB_RESTORE_CONFIRM", "1")
                    .run()
                    .expect(21);
        for (String subset : List.of("m.child", "m.owned where d = 'one'"))
            hostile.command(folder, "backup", "create", "--subset", subset)
                    .run()
                    .expect(21, STRANGER);
        hostile.command(
                        folder,
                        "backup",
                        "create",
                        "--masked",
                        "--exclude-table-data=m.child",
                        "--exclude-table-data=m.parent")
                .run()
                .expect(0);
        hostile.command(folder, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(0);
        assertEquals(before, hostile.fired());
    }

    /** Where the database is ours, and a guest may create in the schema public. */
    @Test
    void noCommandStepsOnTheTrapsOfAGuest() {
        HostileDatabase hostile = HostileDatabase.ofItsGuest();
        Path folder = TestServer.temporary("hostile");
        hostile.tread(folder, Set.of(0), "db", "url");
        hostile.tread(folder, DEFINED, "backup", "create");
        hostile.tread(folder, Set.of(0), "migrate", "status");
        hostile.tread(folder, Set.of(0, 22), "migrate", "validate");
        hostile.tread(folder, Set.of(0), "migrate", "lint");
        hostile.tread(folder, Set.of(0), "deploy", "history");
        Run check = hostile.tread(folder, Set.of(0, 22), "integrity", "check", "--json");
        assertTrue(check.out().contains(STRANGER), check.out());
        hostile.tread(folder, Set.of(0, 22), "monitor");
        for (List<String> words : List.of(
                List.of("migrate", "up", "--dry-run"),
                List.of("migrate", "rollback", "--yes"),
                List.of("integrity", "fix", "--dry-run"),
                List.of("seed", "development", "--yes"),
                List.of("seed", "development", "--dry-run"),
                List.of("seed", "export", "--out", folder.resolve("export").toString()),
                List.of("deploy", "development", "--seed", "--yes")))
            hostile.tread(
                    folder,
                    Set.of(0, 21, 22),
                    words.get(0),
                    words.subList(1, words.size()).toArray(String[]::new));
        hostile.tread(folder, Set.of(21), "seed", "development", "--yes")
                .expect(21, STRANGER, "guest", "REVOKE CREATE");
    }

    /** The owner lets every session act as him: his code then goes back to the role that logged in. */
    @Test
    void aSettingOfTheDatabaseMakesNobodyLess() {
        HostileDatabase hostile = HostileDatabase.quiet();
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "SELECT 1;");
        migrations.run(hostile.asSuperuser(), "up", "--yes").expect(0);
        execute(
                hostile.asSuperuser(),
                "GRANT USAGE ON SCHEMA avdaily_ops TO tenant",
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO tenant",
                "GRANT SELECT ON ALL TABLES IN SCHEMA avdaily_ops TO tenant",
                "GRANT INSERT, UPDATE ON avdaily_ops.operation TO tenant");
        execute(
                hostile.asOwner(),
                "ALTER DATABASE " + hostile.name() + " SET role = tenant",
                "CREATE TABLE a (n text)",
                "INSERT INTO a VALUES ('x')",
                "CREATE INDEX ON a ((trap.seven('index of a'))); "
                        + "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION trap.sprung()");
        Path folder = TestServer.temporary("hostile");
        write(folder.resolve("own.yaml"), OWN_RULE);
        String rules = folder.resolve("own.yaml").toString();
        hostile.tread(folder, Set.of(0), "integrity", "check", "--rules", rules, "--only", "OWN-1")
                .says(STRANGER, "public.a belongs to tenant");
        hostile.tread(folder, DEFINED, "backup", "create");
        migrations.write("V2__b.sql", "INSERT INTO a VALUES ('y');");
        migrations
                .run(hostile.asSuperuser(), "up", "--yes", "--no-backup")
                .expect(21, STRANGER, "public.a belongs to tenant");
        assertEquals(Set.of(), hostile.fired());
    }

    /** Queries of the project's files read what a stranger owns only where nothing of his runs. */
    @Test
    void noQueryOfTheProjectReadsAStrangersView() {
        HostileDatabase hostile = HostileDatabase.quiet();
        execute(
                hostile.asOwner(),
                "CREATE SCHEMA tenants",
                "CREATE VIEW tenants.tenant AS SELECT 'tenants'::text AS schema WHERE trap.yes('view')");
        Path folder = TestServer.temporary("hostile");
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;");
        write(folder.resolve("smoke.yaml"), "- {name: s, query: SELECT count(*) = 1 FROM tenants.tenant}\n");
        write(
                folder.resolve("avdaily.yaml"),
                """
                targets: {all-of-them: {schemas: {query: SELECT schema FROM tenants.tenant}}}
                defaults: {smoke: smoke.yaml}
                """);
        write(
                folder.resolve("own.yaml"),
                OWN_RULE.replace("FROM a", "FROM (SELECT schema AS n FROM tenants.tenant) a"));
        String why = "tenants.tenant belongs to tenant";
        hostile.command(folder, "migrate", "status", "--targets", "all-of-them")
                .in(folder)
                .run()
                .expect(21, STRANGER, why);
        hostile.command(folder, "deploy", "development", "--yes")
                .in(folder)
                .run()
                .expect(22, "could run a stranger's code, and was not run", why);
        execute(hostile.asSuperuser(), "CREATE TABLE a (n text)");
        hostile.command(folder, "integrity", "check", "--rules", "own.yaml", "--only", "OWN-1")
                .in(folder)
                .run()
                .expect(0)
                .says(STRANGER, why);
        assertEquals(Set.of(), hostile.fired());
    }

    /** What another tool keeps beside its history is looked at too before it is read. */
    @Test
    void aToolsSecondTableMayBeAStrangers() {
        HostileDatabase hostile = HostileDatabase.quiet();
        execute(
                hostile.asSuperuser(),
                "CREATE TABLE databasechangelog (id text, author text, filename text, orderexecuted int)",
                "INSERT INTO databasechangelog VALUES ('1', 'a', 'a.xml', 1)");
        execute(
                hostile.asOwner(),
                "CREATE TABLE databasechangeloglock (locked boolean, lockedby text)",
                "CREATE INDEX ON databasechangeloglock ((trap.seven('index of the lock')))");
        hostile.tread(TestServer.temporary("hostile"), Set.of(21), "migrate", "baseline", "--yes")
                .expect(21, "public.databasechangeloglock is not to be believed", "belongs to tenant");
    }

    /** A role that rules over roles is mightier than the owner, as the administrators of hosted servers are. */
    @Test
    void whoRulesOverRolesTrustsNoOwner() {
        HostileDatabase hostile = HostileDatabase.quiet();
        execute(
                hostile.asOwner(),
                "CREATE TABLE a (n text)",
                "CREATE INDEX ON a ((trap.seven('index of a')))",
                "GRANT ALL ON a TO PUBLIC");
        Path folder = TestServer.temporary("hostile");
        write(folder.resolve("own.yaml"), OWN_RULE);
        DatabaseUrl db = hostile.asSuperuser();
        String role = "cloud_" + hostile.name();
        execute(db, "CREATE ROLE " + role + " LOGIN CREATEROLE PASSWORD 'c'", "GRANT pg_read_all_data TO " + role);
        DatabaseUrl cloud = new DatabaseUrl(db.hosts(), db.database(), role, "c", db.parameters());
        run(cloud, "integrity", "check", "--rules", folder.resolve("own.yaml").toString(), "--only", "OWN-1")
                .expect(0)
                .says(STRANGER + role, "public.a belongs to tenant");
        execute(db, "DROP ROLE " + role);
    }

    /** Our own tables and their neighbours on the path run a stranger's code in many ways. */
    @Test
    void whatOurOwnTablesRunIsLookedAt() {
        HostileDatabase hostile = HostileDatabase.quiet();
        DatabaseUrl superuser = hostile.asSuperuser();
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (n text);")
                .write("V2__b.sql", "CREATE TABLE b (n mail); INSERT INTO b VALUES ('x'); INSERT INTO a VALUES ('x');");
        migrations.run(superuser, "up", "--yes", "--to", "1").expect(0);
        execute(superuser, "GRANT TRIGGER ON a, flyway_schema_history TO tenant");
        for (List<String> trap : List.of(
                List.of(
                        "CREATE DOMAIN mail AS text CHECK (trap.yes('domain'))",
                        "DROP DOMAIN mail",
                        "the type public.mail"),
                List.of(
                        "GRANT CREATE ON SCHEMA public TO pg_database_owner; CREATE DOMAIN mail AS text; "
                                + "ALTER DOMAIN mail OWNER TO pg_database_owner",
                        "DROP DOMAIN mail",
                        "the type public.mail belongs to pg_database_owner"),
                List.of(
                        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION trap.sprung()",
                        "DROP FUNCTION trap.sprung() CASCADE",
                        "public.a runs the function trap.sprung() of tenant"))) {
            execute(hostile.asOwner(), trap.get(0));
            migrations.run(superuser, "up", "--yes", "--no-backup").expect(21, STRANGER, trap.get(2));
            execute(superuser, trap.get(1));
        }
        usersOfAStrangersCodeAreLookedAt(hostile, migrations);
        assertEquals(Set.of(), hostile.fired());
    }

    /** Others may have made something of what is a stranger's: it runs his code all the same. */
    private static void usersOfAStrangersCodeAreLookedAt(HostileDatabase hostile, MigrationFolder migrations) {
        execute(
                hostile.asOwner(),
                "CREATE VIEW trap.v AS SELECT 1 AS id WHERE trap.yes('view')",
                "CREATE FUNCTION trap.sum(int, int) RETURNS int LANGUAGE sql AS 'SELECT trap.seven(''sum'')'",
                "CREATE DOMAIN trap.mail AS text CHECK (trap.yes('domain'))",
                "CREATE FUNCTION trap.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.yes(''same'')'",
                "CREATE FUNCTION trap.cmp(text, text) RETURNS int IMMUTABLE LANGUAGE sql AS "
                        + "'SELECT trap.seven(''cmp'')'",
                "CREATE FUNCTION trap.inet(jsonb) RETURNS inet LANGUAGE sql AS "
                        + "'SELECT ''::1''::inet WHERE trap.yes(''cast'')'");
        for (List<String> use : List.of(
                List.of("VIEW v AS SELECT * FROM trap.v", "public.v reads trap.v of tenant"),
                List.of("AGGREGATE s (int) (sfunc = trap.sum, stype = int)", "the function public.s(integer) runs"),
                List.of(
                        "FUNCTION s(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT trap.sum($1, $1); END",
                        "the function public.s(integer) runs the function trap.sum(integer,integer) of tenant"),
                List.of("OPERATOR == (function = trap.same, leftarg = text, rightarg = text)", "public.==(text,text)"),
                List.of(
                        "DOMAIN mail AS text CHECK (trap.yes('ours'))",
                        "the type public.mail runs the function trap.yes(text) of tenant"),
                List.of("CAST (jsonb AS inet) WITH FUNCTION trap.inet(jsonb)", "the cast from jsonb to inet runs"),
                List.of("STATISTICS st ON (trap.cmp(n, n)) FROM a", "public.a runs the function trap.cmp(text,text)"),
                List.of("POLICY p ON a USING (trap.yes('policy'))", "public.a runs the function trap.yes(text)"),
                List.of(
                        "TABLE d (n int DEFAULT trap.seven('default'))",
                        "public.d runs the function trap.seven(text) of tenant"),
                List.of(CLASS + "CREATE INDEX ON a (n o)", "public.a runs the function trap.cmp(text,text) of tenant"),
                List.of(
                        CLASS + "CREATE TYPE r AS RANGE (subtype = text, subtype_opclass = o)",
                        "the function public.r(text,text) runs the function trap.cmp(text,text) of tenant"),
                List.of("TYPE one AS (m trap.mail); CREATE TYPE two AS (o one); CREATE TABLE p (t two)", "public.p"))) {
            execute(hostile.asSuperuser(), "CREATE " + use.get(0));
            migrations
                    .run(hostile.asSuperuser(), "up", "--yes", "--no-backup")
                    .expect(21, STRANGER, use.get(1));
            execute(
                    hostile.asSuperuser(),
                    "DROP VIEW IF EXISTS v; DROP ROUTINE IF EXISTS s; DROP OPERATOR IF EXISTS == (text, text)",
                    "DROP DOMAIN IF EXISTS mail; DROP CAST IF EXISTS (jsonb AS inet); DROP STATISTICS IF EXISTS st",
                    "DROP TABLE IF EXISTS d; DROP POLICY IF EXISTS p ON a",
                    "DROP OPERATOR FAMILY IF EXISTS o USING btree CASCADE");
        }
    }

    /** A superuser's event trigger may call a function that is another's. */
    @Test
    void whatIsDefinedRunsNoEventTriggerOfAStranger() {
        HostileDatabase hostile = HostileDatabase.quiet();
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (n text);");
        execute(
                hostile.asOwner(),
                "CREATE FUNCTION trap.defined() RETURNS event_trigger LANGUAGE plpgsql AS "
                        + "$$ BEGIN PERFORM trap.fire('event trigger'); END $$");
        execute(
                hostile.asSuperuser(), "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION trap.defined()");
        String why = "the event trigger e runs the function trap.defined() of tenant";
        migrations.run(hostile.asSuperuser(), "up", "--yes").expect(21, BELIEVED, why);
        Path folder = TestServer.temporary("hostile");
        hostile.tread(folder, Set.of(0, 22), "monitor").notes(why);
        hostile.tread(folder, Set.of(0), "db", "doctor").says("Nothing was tried");
        hostile.tread(folder, Set.of(21), "db", "doctor", "--try");
        hostile.tread(folder, DEFINED, "backup", "create");
        migrations.run(hostile.asOwner(), "up", "--yes").expect(0);
    }

    /** To a role without powers, a guest's code is what stands in for the project's own, or in a table that is read. */
    @Test
    void anOwnerRunsNoGuestsCode() {
        HostileDatabase hostile = HostileDatabase.quiet();
        DatabaseUrl owner = hostile.asOwner();
        MigrationFolder migrations =
                MigrationFolder.of("V1__a.sql", "CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql AS 'SELECT $1';");
        migrations.run(owner, "up", "--yes").expect(0);
        execute(
                hostile.asGuest(),
                "CREATE TABLE a (n text)",
                "CREATE FUNCTION guests(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'",
                "CREATE INDEX ON a ((guests('x')))",
                "GRANT ALL ON a TO PUBLIC");
        Path rules = TestServer.temporary("hostile").resolve("own.yaml");
        write(rules, OWN_RULE);
        run(owner, "integrity", "check", "--rules", rules.toString(), "--only", "OWN-1")
                .expect(0)
                .says("\"a\" runs the function guests(text) of guest");
        migrations.write("V2__b.sql", "SELECT slug('x'::varchar);");
        migrations.run(owner, "up", "--yes", "--dry-run").expect(0);
        execute(
                hostile.asGuest(),
                "CREATE FUNCTION slug(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1'",
                "CREATE DOMAIN text AS pg_catalog.text CHECK (guests(VALUE) <> '')");
        migrations.run(owner, "up", "--yes").expect(21, STRANGER, "slug(character varying)", "the type public.text");
    }

    /** Who only reads need not believe what the application's role keeps there. */
    @Test
    void aSuperuserReadsWhatTheApplicationOwns() {
        DatabaseUrl db = migrated();
        execute(
                db,
                "DELETE FROM avdaily_ops.environment",
                "INSERT INTO avdaily_ops.environment (name, recorded_by) VALUES ('staging', 'x')");
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        String before = value(db, "SELECT count(*) FROM avdaily_ops.operation");
        Path folder = TestServer.temporary("backups");
        String passedOver = "avdaily_ops is passed over: environment belongs to " + TestServer.ROLE;
        command(admin, "backup", "create")
                .with("BACKUP_DIR", folder.toString())
                .run()
                .expect(0)
                .says("(staging)")
                .notes(passedOver);
        run(admin, "integrity", "check").expect(0).notes(passedOver);
        Run report = command(admin, "monitor", "--env", "development")
                .with("BACKUP_DIR", folder.toString())
                .run()
                .says("(development)")
                .notes(passedOver);
        assertTrue(report.out().contains("skipped   drift         what the database keeps"), report.out());
        assertEquals(before, value(db, "SELECT count(*) FROM avdaily_ops.operation"), "nothing is logged");
        run(admin, "migrate", "up", "--yes").expect(21, BELIEVED);
    }

    /** What is trusted by name is trusted. */
    @Test
    void whoIsTrustedIsNoStranger() {
        DatabaseUrl db = migrated();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        run(admin, "seed", "development", "--yes").expect(21, BELIEVED, TestServer.ROLE);
        command(admin, "seed", "development", "--yes")
                .with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE)
                .run()
                .expect(0);
    }

    /** The role pg_database_owner is whoever owns the database. */
    @Test
    void whatBelongsToTheRoleOfOwnersIsTheOwners() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        execute(db, "CREATE TABLE a (id int PRIMARY KEY)", "ALTER TABLE a OWNER TO pg_database_owner");
        String[] export = {
            "export",
            "--tables",
            "a",
            "--out",
            TestServer.temporary("export").resolve("seeds").toString()
        };
        run(admin, "seed", export).expect(21, STRANGER, "public.a belongs to pg_database_owner");
        command(admin, "seed", export)
                .with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE)
                .run()
                .expect(0);
        execute(admin, "ALTER DATABASE " + db.database() + " OWNER TO " + admin.user());
        run(admin, "seed", "export", "--tables", "a", "--out", TestServer.temporary("export") + "/seeds")
                .expect(0);
    }

    /** While a backup waits for locks, sequences and tables become views. */
    @Test
    void aBackupRunsNoViewThatTookAnothersPlace() {
        HostileDatabase hostile = HostileDatabase.ofItsGuest();
        hostile.dropWhatNoBackupHolds();
        DatabaseUrl guest = hostile.asGuest();
        execute(hostile.asSuperuser(), "CREATE SCHEMA g AUTHORIZATION guest");
        Set<String> before = hostile.fired();
        for (List<String> swap : List.of(
                List.of(
                        "CREATE SEQUENCE g.s",
                        "DROP SEQUENCE g.s; CREATE VIEW g.s AS "
                                + "SELECT 1::bigint AS last_value, trap.yes('sequence') AS is_called",
                        "DROP VIEW g.s"),
                List.of(
                        "CREATE TABLE g.t (a int)",
                        "DROP TABLE g.t; CREATE VIEW g.t AS SELECT 1 AS a WHERE trap.yes('table')",
                        "DROP VIEW g.t"))) {
            execute(guest, swap.get(0));
            Run run = backupDuring(hostile, swap.get(1));
            assertEquals(before, hostile.fired(), run.out() + run.err());
            if (run.code() != 0) run.expect(23, "run it again");
            execute(guest, swap.get(2));
        }
    }

    /** A backup that begins while the guest's transaction holds its locks, and goes on when it has committed. */
    private static Run backupDuring(HostileDatabase hostile, String transaction) {
        Path folder = TestServer.temporary("hostile");
        try (Connection c = TestServer.connect(hostile.asGuest())) {
            c.setAutoCommit(false);
            Database.run(c, transaction);
            CompletableFuture<Run> backup = CompletableFuture.supplyAsync(
                    () -> hostile.command(folder, "backup", "create").run());
            Await.session(hostile.asSuperuser(), "wait_event_type = 'Lock'");
            c.commit();
            return backup.join();
        } catch (SQLException e) {
            return fail(e);
        }
    }
}
