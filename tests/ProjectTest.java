import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Project;
import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Somebody else's project: nothing of AV-Daily's holds for it, and a database remembers whose it is. */
class ProjectTest extends ScriptTest {
    /** Names that AV-Daily's rules know too. */
    private static final String EVERYBODYS_NAMES =
            """
            CREATE TABLE "user" (id serial PRIMARY KEY, email text UNIQUE NOT NULL);
            CREATE TABLE transactions (id serial PRIMARY KEY, amount numeric NOT NULL);
            CREATE TABLE roles (id serial PRIMARY KEY, org int NOT NULL, name text NOT NULL, UNIQUE (org, name));
            CREATE TABLE wallets (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES "user", currency text,
                balance numeric NOT NULL DEFAULT 0);
            CREATE INDEX wallets_user_idx ON wallets (user_id);
            CREATE TABLE notifications (id serial PRIMARY KEY, code text UNIQUE NOT NULL);
            """;

    private static Path shop(String file) {
        Path folder = TestServer.temporary("shop");
        write(folder.resolve("avdaily.yaml"), file);
        write(folder.resolve("migrations/V1__shop.sql"), EVERYBODYS_NAMES);
        return folder;
    }

    @Test
    void noRuleOfAvDailysCondemnsOrChangesAnotherDatabase() {
        Path folder = shop("name: shop\n");
        write(folder.resolve("seeds/development/user.yaml"), "- {email: ada@x.test}\n");
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "deploy", "development", "--seed", "--yes").in(folder).run().expect(0);
        assertEquals("shop", value(db, "SELECT name FROM avdaily_ops.project"));
        execute(db, "INSERT INTO roles (org, name) VALUES (1, 'owner'); INSERT INTO transactions (amount) VALUES (-5)");
        Run quick = command(db, "integrity", "quick", "--json").in(folder).run().expect(0);
        assertFalse(quick.out().contains("\"CON-22\"") || quick.out().contains("\"BIZ-04\""), quick.out());
        command(db, "integrity", "fix", "--yes").in(folder).run().expect(0);
        execute(db, "INSERT INTO roles (org, name) VALUES (2, 'owner')");
        assertEquals("0", value(db, "SELECT count(*) FROM wallets"));
        command(db, "seed", "development", "--validate").in(folder).run().expect(0);
        Run nowhere = run(db, "integrity", "quick").expect(21);
        assertTrue(nowhere.err().contains("a database of the project shop"), nowhere.err());
    }

    @Test
    void whereNobodyNamesAProjectAvDailysRulesAreAboutAvDailysDatabasesAlone() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, EVERYBODYS_NAMES + "INSERT INTO transactions (amount) VALUES (-5)");
        Run run = run(db, "integrity", "quick").expect(0);
        assertTrue(run.err().contains("none of the project's rules was checked"), run.err());
        assertTrue(run.out().lines().filter(line -> line.startsWith("Skipped")).count() <= 2, run.out());
        run(db, "integrity", "quick", "--strict").expect(22, "none of the project's rules was checked");
        run(db, "integrity", "fix", "--yes").expect(0);
        assertEquals("0", value(db, "SELECT count(*) FROM pg_class WHERE relname = 'roles_name_unique'"));
        Path out = TestServer.temporary("reports");
        for (String file : List.of("r.xml", "r.html")) {
            run(db, "integrity", "report", "--quick", "--out", out.resolve(file).toString())
                    .expect(0);
            String text = read(out.resolve(file));
            assertFalse(text.contains("BIZ-04") || text.contains("ajo"), file);
            assertTrue(text.contains("PRF-01"), file);
        }
    }

    @Test
    void anyFolderOfOnesOwnIsAProjectOfOnesOwn() {
        Path folder = TestServer.temporary("own");
        write(folder.resolve("mm/V1__t.sql"), "CREATE TABLE transactions (id serial PRIMARY KEY, amount numeric);");
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "deploy", "development", "--yes", "--migrations", "mm")
                .in(folder)
                .run()
                .expect(0);
        command(db, "deploy", "development", "--yes", "--seed", "--migrations", "mm")
                .in(folder)
                .run()
                .expect(2, "nobody says where the seeds of the project", "--seeds or AVDAILY_SEEDS");
        Path export = folder.resolve("out");
        execute(db, "CREATE TABLE notifications (code text PRIMARY KEY, at timestamptz)");
        command(db, "seed", "export", "--out", export.toString())
                .with("AVDAILY_MIGRATIONS", folder.resolve("mm").toString())
                .run()
                .expect(0);
        assertFalse(read(export.resolve("seeds.yaml")).contains("Lagos"));
        Path nobodys = TestServer.temporary("nobodys");
        command(db, "seed", "export", "--out", "out").in(nobodys).run().expect(0);
        assertFalse(read(nobodys.resolve("out/seeds.yaml")).contains("Lagos"), "the tables are not AV-Daily's");
    }

    @Test
    void foldersThatLieThereAreAProjectWhereNoFileNamesOne() {
        Path folder = TestServer.temporary("bare");
        write(folder.resolve("migrations/V1__shop.sql"), EVERYBODYS_NAMES);
        write(folder.resolve("seeds/development/user.yaml"), "- {email: ada@x.test}\n");
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: info, means: No debt., table: wallets, where: balance < 0}
                """);
        write(folder.resolve(".git/HEAD"), "ref: refs/heads/main\n");
        write(folder.resolve("app/src/x.txt"), "");
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "migrate", "up", "--yes").in(folder.resolve("app/src")).run().expect(0);
        assertEquals("1", value(db, "SELECT count(*) FROM flyway_schema_history"));
        command(db, "migrate", "new", "loans").in(folder.resolve("app")).run().expect(0);
        assertTrue(Files.exists(folder.resolve("migrations/V2__loans.sql")));
        command(db, "deploy", "development", "--seed", "--yes").in(folder).run().expect(0);
        assertEquals("ada@x.test", value(db, "SELECT string_agg(email, '') FROM \"user\""));
        Run rules = command(db, "integrity", "rules", "--json").in(folder).run().expect(0);
        assertTrue(rules.out().contains("OWN-1") && !rules.out().contains("BIZ-04"), rules.out());
        Path others = TestServer.temporary("others");
        write(others.resolve("migrations/000001_users.up.sql"), EVERYBODYS_NAMES);
        command(TestServer.newDatabase(), "migrate", "up", "--yes").in(others).run().expect(2, "000001_users.up.sql");
        Path linked = TestServer.temporary("linked");
        link(linked.resolve("migrations"), folder.resolve("migrations"));
        command(TestServer.newDatabase(), "migrate", "status").in(linked).run().expect(0).says("shop");
        Path flyways = TestServer.temporary("flyways");
        write(flyways.resolve("src/main/resources/db/migration/V1__shop.sql"), EVERYBODYS_NAMES);
        command(TestServer.newDatabase(), "migrate", "up", "--yes")
                .in(flyways)
                .run()
                .expect(2, "nobody says which project this is", "src/main/resources/db/migration");
        Path seeds = TestServer.temporary("seeds-alone");
        write(seeds.resolve("seeds/roles.csv"), "org,name\n1,x\n");
        command(TestServer.newDatabase(), "migrate", "up", "--yes")
                .in(seeds)
                .run()
                .expect(2, "there is no folder " + seeds.resolve("migrations"), "the project in " + seeds);
    }

    @Test
    void whatLiesBesideTheScriptsIsAvDailys() {
        Path clone = TestServer.temporary("clone");
        for (String file : List.of("jbang-catalog.json", "scripts/common.java"))
            write(clone.resolve(file), read(PROJECT.resolve(file)));
        copy(PROJECT.resolve("migrations"), clone.resolve("migrations"));
        write(clone.resolve("migrations/V10__thing.sql"), "CREATE TABLE thing (id int PRIMARY KEY);\n");
        write(clone.resolve("migrations/U10__thing.sql"), "DROP TABLE thing;\n");
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "migrate", "up", "--yes").in(clone).run().expect(0);
        assertEquals("avdaily thing", value(db, "SELECT concat_ws(' ', name, to_regclass('thing')) "
                + "FROM avdaily_ops.project"));
        command(db, "seed", "development", "--minimal").in(clone).run().expect(0);
        command(db, "migrate", "status").in(TestServer.temporary("elsewhere")).run().expect(0);
    }

    @Test
    void aChoiceOfRulesIsTheProjects() {
        Path folder = shop("name: shop\nrules: [avdaily, own.yaml]\n");
        write(
                folder.resolve("own.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: info, means: No debt., table: wallets, where: balance < 0}
                """);
        Run all = command("integrity", "rules", "--json").in(folder).run().expect(0);
        assertTrue(all.out().contains("BIZ-04") && all.out().contains("OWN-1"));
        write(folder.resolve("avdaily.yaml"), "name: shop\nrules: own.yaml\n");
        Run own = command("integrity", "rules", "--json").in(folder).run().expect(0);
        assertTrue(!own.out().contains("BIZ-04") && own.out().contains("OWN-1"));
        for (String name : List.of("group_invitations", "kyc_verification"))
            assertFalse(own.out().contains(name), name);
        write(folder.resolve("avdaily.yaml"), "name: shop\nrules: [gone.yaml]\n");
        command("integrity", "rules").in(folder).run().expect(2, "there is no rule file", "gone.yaml");
        write(folder.resolve("avdaily.yaml"), "name: 'no name'\n");
        command("integrity", "rules").in(folder).run().expect(2, "'no name' is no name of a project");
    }

    @Test
    void theFileIsFoundFromBelowAndByItsName() {
        Path folder = shop("name: shop\n");
        Path below = folder.resolve("app/src");
        write(below.resolve("x.txt"), "");
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "migrate", "up", "--yes").in(below).run().expect(0).says("V1");
        command(
                        db,
                        "migrate",
                        "status",
                        "--config",
                        folder.resolve("avdaily.yaml").toString())
                .run()
                .expect(0);
        command(db, "migrate", "status")
                .in(TestServer.temporary("elsewhere"))
                .run()
                .expect(21, "project shop");
        command(db, "migrate", "status", "--config", "none.yaml")
                .in(folder)
                .run()
                .expect(2, "none.yaml");
        write(folder.resolve("app/avdaily.yaml"), "name: app\n");
        command(db, "migrate", "status")
                .in(below)
                .run()
                .expect(21, "a database of the project shop, and this run is for the project app", "--config");
        command(TestServer.newDatabase(), "migrate", "status")
                .in(below)
                .run()
                .expect(2, "there is no folder " + folder.resolve("app/migrations"), "name: avdaily");
    }

    @Test
    void aDatabaseRefusesAnotherProjectUntilItIsEmptied() {
        DatabaseUrl db = migrated();
        Path folder = shop("name: shop\n");
        write(folder.resolve("seeds/development/roles.yaml"), "- {org: 1, name: x}\n");
        for (String command : List.of(
                "migrate up", "migrate status", "seed development", "deploy development", "integrity check", "monitor"))
            command(db, command.split(" ")[0])
                    .and(command.contains(" ") ? new String[] {command.split(" ")[1], "--yes"} : new String[0])
                    .in(folder)
                    .run()
                    .expect(21, "a database of the project avdaily", "avdaily-db reset");
        command(db, "db", "reset", "--yes").with("DB_RESET_CONFIRM", "1").run().expect(0);
        command(db, "migrate", "up", "--yes").in(folder).run().expect(0);
        assertEquals("shop", value(db, "SELECT name FROM avdaily_ops.project"));
        run(db, "migrate", "up", "--yes").expect(21, "this run is for AV-Daily's own", "project shop");
    }

    @Test
    void projectsDoNotShareADatabaseOfTheLocalServer() {
        assertEquals("avdaily", TestServer.SETTINGS.project().databasePrefix());
        assertEquals("shop", prefix(shop("name: shop\n")));
        String one = prefix(shop(""));
        assertNotEquals(one, prefix(shop("")));
        assertTrue(one.matches("[a-z0-9_]+_[0-9a-f]{6}"), one);
        assertNotEquals(prefix(shop("name: My.Shop\n")), prefix(shop("name: my-shop\n")));
    }

    private static String prefix(Path folder) {
        return TestServer.SETTINGS
                .working(new Project.Named(folder.resolve("avdaily.yaml"), null, null))
                .project()
                .databasePrefix();
    }

    @Test
    void initMakesAProjectThatRuns() throws IOException {
        Path folder = TestServer.temporary("begin").resolve("corner-shop");
        Path elsewhere = TestServer.temporary("elsewhere").resolve("notes");
        write(elsewhere, "mine");
        Files.createDirectories(folder);
        Files.createSymbolicLink(folder.resolve(".gitignore"), elsewhere);
        command("db", "init").in(folder).run().expect(2, ".gitignore is a link");
        assertEquals("mine", read(elsewhere));
        assertEquals(List.of(".gitignore"), List.of(folder.toFile().list()), "nothing was written");
        Files.delete(folder.resolve(".gitignore"));
        write(folder.resolve(".gitignore"), "node_modules");
        command("db", "init").in(folder).run().expect(0).says("The project corner-shop", "V1__first.sql", ".gitignore");
        assertEquals("node_modules\n.env\n.env.*\nbackups/\n", read(folder.resolve(".gitignore")));
        assertTrue(read(folder.resolve(".github/workflows/database.yml")).contains(" -- 'migrations/[VR]*.sql'\n"));
        DatabaseUrl db = TestServer.newDatabase();
        for (String command : List.of("deploy development --yes", "migrate validate", "integrity check"))
            command(db, command.split(" ")[0])
                    .and(command.substring(command.indexOf(' ') + 1).split(" "))
                    .in(folder)
                    .run()
                    .expect(0);
        assertEquals("corner-shop", value(db, "SELECT name FROM avdaily_ops.project"));
        command("db", "init").in(folder).run().expect(2, "is there already");
        command("db", "init", "new", "--name", "avdaily").in(folder).run().expect(2, "AV-Daily's own", "--name");
        assertFalse(Files.exists(folder.resolve("new")));
    }

    @Test
    void initWritesTheSchemaThatIsThere() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                EVERYBODYS_NAMES
                        + """
                CREATE SCHEMA sales;
                CREATE TYPE sales.state AS ENUM ('new', 'old');
                CREATE TABLE sales.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state sales.state);
                CREATE FUNCTION sales.f() RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM sales.orders';
                SELECT lo_from_bytea(0, 'a large object is data');
                """);
        Path folder = TestServer.temporary("adopted");
        command(db, "db", "init", "--name", "adopted", "--from-database")
                .in(folder)
                .run()
                .expect(0)
                .says("Proven");
        command(db, "migrate", "baseline", "--version", "1", "--yes")
                .in(folder)
                .run()
                .expect(0)
                .says("exactly the schema of version 1");
        command(db, "migrate", "validate", "--rebuild").in(folder).run().expect(0);
        DatabaseUrl other = TestServer.newDatabase();
        command(other, "migrate", "up", "--yes").in(folder).run().expect(0);
        assertEquals("1", value(other, "SELECT count(*) FROM pg_class WHERE relname = 'orders'"));
    }

    @Test
    void projectsWithoutANameAreToldByTheirMigrations() {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = shop("# no name\n");
        command(db, "migrate", "up", "--yes").in(folder).run().expect(0);
        Path other = TestServer.temporary("other");
        write(other.resolve("avdaily.yaml"), "# no name\n");
        write(other.resolve("migrations/V1__other.sql"), "CREATE TABLE other (id int PRIMARY KEY, name text UNIQUE);");
        write(other.resolve("seeds/development/roles.yaml"), "- {org: 1, name: owner}\n");
        for (String command : List.of("migrate status", "seed development", "deploy development --yes"))
            command(db, command.split(" ")[0])
                    .and(command.substring(command.indexOf(' ') + 1).split(" "))
                    .in(other)
                    .run()
                    .expect(21, "other migrations than those in", "V1__shop.sql", "a name in avdaily.yaml");
        assertEquals("0", value(db, "SELECT count(*) FROM roles"));
        command(db, "migrate", "status").in(folder).run().expect(0);
        write(other.resolve("migrations/V1__shop.sql"), EVERYBODYS_NAMES);
        command(db, "seed", "development").in(other).run().expect(0);
    }

    private static void link(Path link, Path target) {
        try {
            Files.createSymbolicLink(link, target);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
