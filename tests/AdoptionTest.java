import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A database that another migration tool made becomes a project's, with all that it has. */
class AdoptionTest extends ScriptTest {
    private static final String SHOP =
            """
            CREATE TABLE customer (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
            CREATE TABLE purchase (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric(10, 2),
              customer_id int NOT NULL REFERENCES customer);
            CREATE INDEX purchase_customer_idx ON purchase (customer_id);
            INSERT INTO customer (email) VALUES ('ada@x.test');
            INSERT INTO purchase (total, customer_id) VALUES (9.50, 1);
            """;
    /** As each tool makes it. */
    private static final String HISTORIES =
            """
            CREATE SCHEMA rails; CREATE SCHEMA golang; CREATE SCHEMA dbmate; CREATE SCHEMA ecto; CREATE SCHEMA drizzle;
            CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL,
              filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL,
              exectype varchar(10) NOT NULL, md5sum varchar(35));
            CREATE TABLE databasechangeloglock (id int PRIMARY KEY, locked boolean NOT NULL, lockgranted timestamp,
              lockedby varchar(255));
            INSERT INTO databasechangelog VALUES ('1', 'ada', 'a.xml', now(), 1, 'EXECUTED', NULL),
              ('2', 'grace', 'a.xml', now(), 2, 'EXECUTED', NULL);
            INSERT INTO databasechangeloglock VALUES (1, false, NULL, NULL);
            CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL,
              finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
              started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0);
            INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at)
              VALUES ('a', 'x', now(), '20240101_init', NULL), ('b', 'x', NULL, '20240102_more', now());
            CREATE TABLE rails.schema_migrations (version varchar NOT NULL PRIMARY KEY);
            CREATE TABLE rails.ar_internal_metadata (key varchar PRIMARY KEY, value varchar,
              created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
            INSERT INTO rails.schema_migrations VALUES ('20240105000000');
            CREATE TABLE golang.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
            INSERT INTO golang.schema_migrations VALUES (12, false);
            CREATE TABLE dbmate.schema_migrations (version varchar(128) PRIMARY KEY);
            INSERT INTO dbmate.schema_migrations VALUES ('20240106000000'), ('20240107000000');
            CREATE TABLE ecto.schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0));
            CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
            INSERT INTO alembic_version VALUES ('ae1027a6acf');
            CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
            INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('x', 1700000000000);
            """;

    @Test
    void everyToolsDatabaseIsFoundProvenAndAdopted() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, SHOP, HISTORIES, "ALTER DATABASE " + db.database() + " SET timezone = 'Asia/Tokyo'");
        Path folder = TestServer.temporary("adopted");
        command(db, "db", "init", "--name", "shop", "--from-database")
                .in(folder)
                .run()
                .expect(0)
                .says(
                        "Found Liquibase (public.databasechangelog): 2 migrations, the last one is 2 of grace",
                        "Found Prisma (public._prisma_migrations): 1 migration, the last one is 20240101_init",
                        "Found Rails (rails.schema_migrations): 1 migration, the last one is 20240105000000",
                        "Found golang-migrate (golang.schema_migrations): it is at 12",
                        "Found dbmate (dbmate.schema_migrations): 2 migrations, the last one is 20240107000000",
                        "Found Ecto (ecto.schema_migrations): nothing was applied",
                        "Found Alembic (public.alembic_version): it is at ae1027a6acf",
                        "Found drizzle (drizzle.__drizzle_migrations): 1 migration, the last one is 1700000000000",
                        "Proven on a scratch database");
        String baseline = read(folder.resolve("migrations/V1__baseline.sql"));
        assertTrue(baseline.contains("CREATE TABLE public.purchase"), baseline);
        assertFalse(
                baseline.matches("(?s).*(databasechange|_prisma|schema_migrations|ar_internal|alembic|drizzle).*"),
                baseline);
        command(db, "migrate", "up", "--yes").in(folder).run().expect(21, "'avdaily-migrate baseline'");
        command(db, "migrate", "baseline", "--yes").in(folder).run().expect(0).says("exactly the schema of version 1");
        assertEquals(
                "0",
                value(
                        db,
                        "SELECT round(extract(epoch FROM installed_on - timezone('Asia/Tokyo', now())) / 3600) "
                                + "FROM flyway_schema_history"),
                "by the database's clock, as 'up' notes it");
        command(db, "migrate", "baseline").in(folder).run().expect(0).says("nothing to do");
        Run check = command(db, "integrity", "quick").in(folder).run().expect(0);
        assertFalse(check.out().contains("PRF-08"), check.out());
        Run export = command(db, "seed", "export", "--out", "out", "--unmasked", "--yes")
                .in(folder)
                .run()
                .expect(0);
        assertFalse((export.out() + export.err()).contains("databasechangelog"), export.out() + export.err());
        execute(
                db,
                "DROP SCHEMA drizzle CASCADE; DROP TABLE databasechangelog, databasechangeloglock, _prisma_migrations, "
                        + "alembic_version, rails.schema_migrations, rails.ar_internal_metadata");
        command(db, "migrate", "validate").in(folder).run().expect(0);
        command(db, "migrate", "validate", "--rebuild").in(folder).run().expect(0);
        assertEquals("9.50", value(db, "SELECT total FROM purchase"));
    }

    @Test
    void whatAToolDidNotEndIsNotAdopted() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, SHOP, HISTORIES);
        Path folder = TestServer.temporary("unfinished");
        List<List<String>> cases = List.of(
                List.of(
                        "UPDATE databasechangeloglock SET locked = true, lockedby = 'ci'",
                        "UPDATE databasechangeloglock SET locked = false",
                        "Liquibase is not done"),
                List.of(
                        "UPDATE _prisma_migrations SET rolled_back_at = NULL",
                        "DELETE FROM _prisma_migrations WHERE finished_at IS NULL",
                        "20240102_more began and did not end"),
                List.of(
                        "UPDATE golang.schema_migrations SET dirty = true",
                        "UPDATE golang.schema_migrations SET dirty = false",
                        "version 12 is dirty"));
        for (List<String> each : cases) {
            execute(db, each.get(0));
            command(db, "db", "init", "--name", "shop", "--from-database")
                    .in(folder)
                    .run()
                    .expect(21, each.get(2));
            execute(db, each.get(1));
        }
        assertFalse(Files.exists(folder.resolve("avdaily.yaml")));
    }

    @Test
    void anotherToolsFilesStayWhereTheyAre() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, SHOP);
        Path folder = TestServer.temporary("golang");
        write(folder.resolve("migrations/000001_shop.up.sql"), SHOP);
        write(folder.resolve("db/migrations/20240101_a/migration.sql"), SHOP);
        command(db, "db", "init", "--name", "shop", "--from-database")
                .in(folder)
                .run()
                .expect(0);
        assertTrue(Files.exists(folder.resolve("database/migrations/V1__baseline.sql")));
        assertTrue(read(folder.resolve("avdaily.yaml")).contains("\nmigrations: database/migrations"));
        execute(db, "ALTER TABLE customer ADD COLUMN fax text");
        command(db, "migrate", "baseline", "--yes")
                .in(folder)
                .run()
                .expect(22, "is not equal to what the migrations up to 1")
                .says("+    fax text");
        assertEquals("", value(db, "SELECT coalesce(to_regclass('flyway_schema_history')::text, '')"));
    }

    @Test
    void flywaysFilesWorkOrAreRefusedByName() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("flyway");
        write(folder.resolve("avdaily.yaml"), "name: shop\n");
        Path migrations = folder.resolve("migrations");
        write(migrations.resolve("V1__shop.sql"), SHOP + "COMMENT ON TABLE customer IS '${owner}';\n");
        command(db, "migrate", "up", "--yes").in(folder).run().expect(0);
        assertEquals("${owner}", value(db, "SELECT obj_description('customer'::regclass)"));
        record Case(String file, String text, String message) {}
        for (Case each : List.of(
                new Case(
                        "flyway.conf",
                        "flyway.placeholders.owner=x\n",
                        "V1__shop.sql line 7 has the placeholder ${owner}"),
                new Case(
                        "flyway.toml", "[flyway]\ntable = \"history\"\n", "flyway.toml line 2: flyway.table = history"),
                new Case("conf/flyway.conf", "flyway.schemas = public, shop\n", "flyway.conf line 1: flyway.schemas"),
                new Case("flyway.conf", "flyway.initSql=SET ROLE x\n", "flyway.initSql is not obeyed"),
                new Case("flyway.conf", "flyway.vault.token=hush-hush\n", "flyway.vault.token is not obeyed"),
                new Case("flyway.conf", "flyway.url=x\\\n  hush-hush\n", "flyway.conf line 2 is no setting"),
                new Case("migrations/beforeValidate.sql", "SELECT 1;\n", "beforeValidate.sql would never run"),
                new Case("migrations/V2__Rows.java", "class V2__Rows {}\n", "only SQL is run"),
                new Case("migrations/B3__all.sql", "SELECT 1;\n", "would never run"),
                new Case("migrations/2024/V2__x.sql", "SELECT 1;\n", "would not be read"),
                new Case(
                        "migrations/V1__shop.sql.conf",
                        "shouldExecute=false\n",
                        "not obeyed here: shouldExecute=false"))) {
            write(folder.resolve(each.file), each.text);
            Run run = command(db, "migrate", "status").in(folder).run().expect(2, each.message);
            assertFalse(run.err().contains("hush"), run.err());
            Files.delete(folder.resolve(each.file));
            if (each.file.contains("/2024/")) Files.delete(migrations.resolve("2024"));
        }
        write(
                folder.resolve("flyway.toml"),
                "# ours\n[environments.dev]\nurl = \"jdbc:postgresql://x/y\"\n[flyway]\n"
                        + "locations = [\"filesystem:db\"]\n"
                        + "placeholderReplacement = false\nschemas = [\"public\"]\n");
        command(db, "migrate", "status").in(folder).run().expect(0);
        execute(db, "CREATE SCHEMA other", "ALTER TABLE flyway_schema_history SET SCHEMA other");
        command(db, "migrate", "baseline", "--yes")
                .in(folder)
                .run()
                .expect(21, "ALTER TABLE other.flyway_schema_history", "beside them: baseline --version V");
    }
}
