import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A dry run does everything and leaves nothing. */
class DryRunTest extends ScriptTest {
    /** All there is: definitions, rows with the transaction that wrote them, storage, history, operation log, files. */
    private static String everything(DatabaseUrl db, Path work) throws Exception {
        try (var files = Files.list(work)) {
            return schema(db)
                    + rows(db)
                    + values(
                            db,
                            """
                            SELECT relname || relfilenode FROM pg_class
                            WHERE relkind IN ('r', 'i') AND oid > 16383 AND relnamespace <> 'pg_toast'::regnamespace
                            ORDER BY 1""")
                    + values(db, "SELECT o::text FROM avdaily_ops.operation o")
                    + files.toList();
        }
    }

    @Test
    void nothingOfItStays() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path work = TestServer.temporary("work");
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        execute(
                db,
                "INSERT INTO \"user\" (name, email, email_verified) VALUES ('A', 'a@example.test', true)",
                """
                INSERT INTO transactions (user_id, amount, type, reference)
                SELECT id, 5, 'deposit', 'r' || n FROM "user", generate_series(1, 100) n""");
        String before = everything(db, work);
        command(db, "migrate", "up", "--dry-run")
                .in(work)
                .run()
                .expect(0)
                .says(
                        "V8 payment source: ",
                        "changed TABLE public.transactions: ",
                        "+ payment_source character varying(20) NOT NULL",
                        "added INDEX public.transactions_payment_source_idx",
                        "V9 bank accounts: ",
                        "added TABLE public.bank_accounts",
                        "Nothing stayed");
        JsonNode json = command(db, "migrate", "up", "--dry-run", "--to", "8", "--json")
                .in(work)
                .run()
                .expect(0)
                .json();
        assertEquals(1, json.get("migrations").size());
        assertTrue(json.get("dryRun").asBoolean()
                && json.get("fingerprint").asText().length() == 64);
        assertEquals(before, everything(db, work));
        run(db, "migrate", "up", "--yes", "--no-backup").expect(0);
        run(db, "migrate", "up", "--dry-run").expect(0).says("Nothing to do");
    }

    @Test
    void anEmptyDatabaseStaysEmptyAndDataAreReallyMoved() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int PRIMARY KEY);
                COPY a FROM STDIN;
                1
                2
                \\.
                """,
                "V2__b.sql",
                "INSERT INTO a SELECT id + 2 FROM a; DO 'BEGIN ASSERT (SELECT count(*) = 4 FROM a); END';",
                "R__v.sql",
                "CREATE VIEW v AS SELECT * FROM a;",
                "beforeMigrate.sql",
                "SELECT 1;");
        folder.run(db, "up", "--dry-run")
                .expect(0)
                .says(
                        "added TABLE public.a",
                        "V2 b: ",
                        "nothing in the schema changes",
                        "added VIEW public.v",
                        "beforeMigrate.sql: not tried",
                        "Nothing stayed");
        assertEquals(
                "0",
                value(
                        db,
                        """
                        SELECT count(*) FROM pg_class
                        WHERE oid > 16383 AND relnamespace <> 'pg_toast'::regnamespace"""));
        assertEquals("null", value(db, "SELECT to_regnamespace('avdaily_ops')"));
    }

    @Test
    void aMigrationThatFailsDoesSoHereToo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);",
                "V2__b.sql",
                "SELECT 1;\n\nALTER TABLE a\n  ADD PRIMARY KEY (id);");
        folder.run(db, "up", "--dry-run")
                .expect(25, "V2__b.sql line 3", "could not create unique index", "nothing was changed");
        Run up = folder.run(db, "up", "--yes").expect(25, "V2__b.sql line 3", "could not create unique index");
        folder.write(
                "V2__b.sql",
                """
                CREATE TABLE b (id int PRIMARY KEY, up int REFERENCES b DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO b VALUES (1, 2);""");
        folder.run(db, "up", "--dry-run").expect(25, "V2__b.sql", "foreign key");
    }

    /** All files are one transaction, and what is deferred is checked at its end. */
    @Test
    void whatIsDeferredIsCheckedWhereUpChecksIt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO a VALUES (1, 2);""",
                "V2__b.sql",
                "INSERT INTO a VALUES (2, 3);\nINSERT INTO a VALUES (3, NULL);");
        folder.run(db, "up", "--dry-run").expect(0).says("V2 b: ", "Nothing stayed");
        folder.write("V3__c.sql", "DELETE FROM a WHERE id = 3;");
        for (String how : new String[] {"--dry-run", "--yes"})
            folder.run(db, "up", how)
                    .expect(25, "V1__a.sql, V2__b.sql, V3__c.sql: at the end of the transaction: ", "foreign key");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void whatCannotRunInATransactionIsNamedAndSoIsWhatNeedsIt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);",
                "V3__c.sql",
                "COMMENT ON INDEX i IS 'x';",
                "V4__b.sql",
                "CREATE TABLE b (id int);");
        folder.run(db, "up", "--dry-run")
                .expect(0)
                .says(
                        "V2 i: not tried",
                        "line 1 cannot run in a transaction: CREATE INDEX CONCURRENTLY i ON a (id)",
                        "V3 c: not tried",
                        "needs what was not tried before",
                        "added TABLE public.b",
                        "Nothing stayed");
        folder.write("V5__e.sql", "SELECT 1/0;");
        folder.run(db, "up", "--dry-run").expect(25, "V5__e.sql line 1", "division by zero");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void sequencesThatMoveOnAreNamed() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY, n int); CREATE SEQUENCE unused;",
                "V2__rows.sql",
                "INSERT INTO a (n) VALUES (1);\nSELECT setval('unused', 5, false);");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        folder.run(db, "up", "--dry-run")
                .expect(0)
                .says("Nothing stayed", "Sequences moved on, which nothing takes back: public.a_id_seq, public.unused");
        assertEquals("0", value(db, "SELECT count(*) FROM a"));
    }

    @Test
    void whatStatementsDidOutsideIsNamed() {
        DatabaseUrl db =
                TestServer.admin().withDatabase(TestServer.newDatabase().database());
        MigrationFolder folder = MigrationFolder.of(
                "V1__out.sql",
                "SELECT 'dblink_exec(', 1 AS \"to\";\nCOPY (SELECT 1) TO PROGRAM 'cat > /dev/null';",
                "V2__in.sql",
                "CREATE TABLE copy (\"to\" text DEFAULT 'x'); INSERT INTO copy VALUES ('dblink(');");
        folder.run(db, "up", "--dry-run")
                .expect(0)
                .says("What these did outside of the database stays: V1__out.sql line 2: COPY (SELECT 1) TO PROGRAM");
        folder.write("V3__fails.sql", "SELECT 1/0;");
        for (String how : List.of("--dry-run", "--yes"))
            folder.run(db, "up", how, "--no-backup")
                    .expect(25, "but for what reaches outside of the transaction (V1__out.sql line 2: COPY");
    }

    @Test
    void temporaryTablesEndWithTheirFile() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1 AS n; CREATE TABLE a AS SELECT * FROM t;",
                "V2__b.sql",
                """
                CREATE LOCAL TEMPORARY TABLE t (m text) ON COMMIT DROP;
                INSERT INTO t VALUES ('x');
                CREATE TEMP TABLE "Kept" (n int) ON COMMIT DELETE ROWS;""",
                "V3__c.sql",
                "CREATE TEMP TABLE t (o int); CREATE TEMP TABLE \"Kept\" (); INSERT INTO a VALUES (2);");
        folder.run(db, "up", "--dry-run").expect(0).says("Nothing stayed");
        folder.run(db, "up", "--yes").expect(0);
        assertEquals("2", value(db, "SELECT count(*) FROM a"));
    }

    @Test
    void itWaitsForLocksAsUpDoes() throws SQLException {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("LOCK TABLE transactions IN ACCESS SHARE MODE");
            command(db, "migrate", "up", "--dry-run", "--lock-attempts", "1")
                    .run()
                    .expect(23, "V8__payment_source.sql line", "in the way: pid ");
        }
    }

    /** Rows for COPY go to the server in a way that could carry more than one statement. */
    @Test
    void noCopyEndsTheTransaction() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (t text);");
        migrations.run(db, "up", "--yes").expect(0);
        migrations.write(
                "V2__b.sql",
                """
                DROP TABLE a;
                CREATE TABLE b (t text);
                SELECT set_config('standard_conforming_strings', 'off', false);
                COPY b FROM stdin WITH (NULL 'x\\''); COMMIT; --');
                1
                \\.
                """);
        boolean isNeverOff = majorVersion(db) >= 19; // the setting
        String[] words = isNeverOff
                ? new String[] {"V2__b.sql line 3", "non-standard string literals"}
                : new String[] {"V2__b.sql line 4", "not clear where this COPY ends"};
        migrations.run(db, "up", "--dry-run").expect(25, words);
        migrations.run(db, "lint", "--on-target").expect(25, words[0]);
        migrations.run(db, "up", "--yes", "--no-backup").expect(25, "nothing of V2 b stays");
        migrations.write("V2__b.sql", "DROP TABLE a;\nSELECT 1;\0COMMIT;");
        migrations.run(db, "up", "--dry-run").expect(2, "V2__b.sql has a zero byte in line 2");
        assertEquals("a", value(db, "SELECT to_regclass('a')"));
    }
}
