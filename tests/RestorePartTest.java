import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupFile;
import avdaily.backup.FolderStore;
import avdaily.backup.BackupMetadata;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** One table, one schema or some rows out of a backup, while all else in the database stays as it is. */
class RestorePartTest extends ScriptTest {
    private static final String[] SHOP = {
        "CREATE TYPE state AS ENUM ('open', 'paid')",
        "CREATE TABLE customers (id int PRIMARY KEY, name text)",
        "INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 5) i",
        "CREATE TABLE orders (id bigserial, customer int NOT NULL REFERENCES customers,"
                + " state state NOT NULL DEFAULT 'open', amount numeric CHECK (amount > 0), created_at date,"
                + " twice numeric GENERATED ALWAYS AS (amount * 2) STORED, raw json,"
                + " PRIMARY KEY (id) INCLUDE (amount))",
        "INSERT INTO orders (customer, amount, created_at, raw)"
                + " SELECT 1 + i % 5, i, date '2026-01-01' + i, '{\"a\": 1}' FROM generate_series(1, 100) i",
        "CREATE INDEX orders_by_day ON orders (created_at)",
        "CREATE STATISTICS orders_stats ON customer, amount FROM orders",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN NEW.amount := NEW.amount + 1000; RETURN NEW; END'",
        "CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()",
        "COMMENT ON COLUMN orders.amount IS 'in euros'",
        "GRANT SELECT ON orders TO PUBLIC",
        "CREATE TABLE items (id int PRIMARY KEY, order_id bigint REFERENCES orders)",
        "INSERT INTO items SELECT i, i FROM generate_series(1, 10) i",
        "CREATE SCHEMA log",
        "CREATE TABLE log.events (id int GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY range (at)",
        "CREATE TABLE log.events_1 PARTITION OF log.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE log.events_2 PARTITION OF log.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
        "CREATE TABLE log.events_3 PARTITION OF log.events FOR VALUES FROM ('2026-03-01') TO ('2026-05-01')"
                + " PARTITION BY list (id)",
        "CREATE TABLE log.events_3_rest PARTITION OF log.events_3 DEFAULT",
        "CREATE TRIGGER noted BEFORE UPDATE ON log.events FOR EACH ROW"
                + " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TABLE log.events_1 DISABLE TRIGGER noted",
        "CREATE INDEX ON log.events (at)",
        "CREATE VIEW log.days AS SELECT DISTINCT at FROM log.events",
        "INSERT INTO log.events (at) SELECT date '2026-01-01' + i FROM generate_series(0, 40) i"
    };

    private final Path folder = TestServer.temporary("part");

    private static DatabaseUrl shop() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, SHOP);
        return db;
    }

    private Path backup(DatabaseUrl db, String... arguments) {
        command(db, "backup", "create", "--dir", folder.toString())
                .and(arguments)
                .run()
                .expect(0);
        return path(new FolderStore(folder).files().get(0));
    }

    private static Run restored(DatabaseUrl db, Path file, String... arguments) {
        return command(db, "restore", file.toString(), "--yes")
                .and(arguments)
                .with("DB_RESTORE_CONFIRM", "1")
                .run();
    }

    /** What the schema reader and the rows say of some tables. */
    private static String content(DatabaseUrl db) {
        return schema(db) + TableContent.of(db);
    }

    @Test
    void aDroppedTableComesBackAsItWas() {
        DatabaseUrl db = shop();
        String content = content(db);
        Path file = backup(db);
        restored(db, file, "--table", "orders").expect(21, "public.orders already", "--as");
        execute(db, "DROP TABLE orders CASCADE");
        run(db, "restore", file.toString(), "--table", "orders", "--yes").expect(21, "DB_RESTORE_CONFIRM");
        restored(db, file, "--table", "orders", "--dry-run").expect(0).says("public.orders is restored, 100 rows");
        assertEquals("null", value(db, "SELECT to_regclass('orders')"));
        restored(db, file, "--table", "orders")
                .expect(0)
                .says(
                        "Left out: FK CONSTRAINT items_order_id_fkey on public.items",
                        "Restored public.orders, 100 rows");
        execute(
                db,
                "ALTER TABLE ONLY items ADD CONSTRAINT items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders");
        assertEquals(content, content(db));
        assertEquals("101", value(db, "SELECT nextval('orders_id_seq')"));
        assertEquals("5", value(db, "SELECT count(*) FROM customers"), "all else stays");
    }

    /** Beside the table that is there, with and without what it has with it. */
    @Test
    void underAnotherNameOrInAnotherSchema() {
        DatabaseUrl db = shop();
        Path file = backup(db);
        String sum = TableContent.rows(db, "orders");
        execute(db, "UPDATE orders SET amount = 7");
        String now = content(db);
        restored(db, file, "--table", "public.orders", "--as", "orders_restored")
                .expect(0);
        assertEquals(sum, TableContent.rows(db, "orders_restored"));
        assertEquals(
                "[orders_restored_by_day, orders_restored_pkey]",
                values(db, "SELECT indexname FROM pg_indexes WHERE tablename = 'orders_restored' ORDER BY 1")
                        .toString());
        assertEquals(
                "public.orders_restored_id_seq", value(db, "SELECT pg_get_serial_sequence('orders_restored', 'id')"));
        restored(db, file, "--table", "orders", "--into-schema", "rescue", "--with", "keys")
                .expect(0);
        assertEquals(sum, TableContent.rows(db, "rescue.orders"));
        assertEquals(
                "orders_customer_fkey orders_pkey",
                value(
                        db,
                        "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint"
                                + " WHERE contype IN ('p', 'f') AND conrelid = 'rescue.orders'::regclass"));
        assertEquals(
                "0",
                value(
                        db,
                        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'rescue.orders'::regclass"
                                + " AND NOT tgisinternal"));
        restored(db, file, "--table", "log.events", "--as", "again", "--with", "nothing")
                .expect(0);
        assertEquals("41", value(db, "SELECT count(*) FROM log.again"));
        assertEquals("3", value(db, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'log.again'::regclass"));
        restored(db, file, "--schema", "log", "--into-schema", "log2").expect(0);
        assertEquals(
                "41 41 42",
                value(
                        db,
                        "SELECT count(*) || ' ' || (SELECT count(*) FROM log2.days) || ' ' ||"
                                + " nextval(pg_get_serial_sequence('log2.events', 'id')) FROM log2.events"));
        execute(db, "DROP SCHEMA rescue CASCADE", "DROP SCHEMA log2 CASCADE", "DROP TABLE log.again, orders_restored");
        assertEquals(now, content(db));
        restored(db, file, "--table", "no_such").expect(2, "no table no_such", "--list");
        restored(db, file, "--table", "*o*", "--as", "x").expect(2, "--as");
        restored(db, file, "--as", "x").expect(2, "--table");
    }

    @Test
    void aPartitionComesBackIntoItsPlaceOrAsATableOfItsOwn() {
        DatabaseUrl db = shop();
        String content = content(db);
        Path file = backup(db);
        restored(db, file, "--table", "log.events_1", "--into-schema", "rescue", "--with", "nothing")
                .expect(0);
        restored(db, file, "--table", "log.events_3", "--as", "apart").expect(0).says("Restored log.apart_rest");
        assertEquals(
                "31 false; apart_rest",
                value(
                        db,
                        "SELECT count(*) || ' ' || (SELECT bool_or(relispartition) FROM pg_class"
                                + " WHERE oid IN ('rescue.events_1'::regclass, 'log.apart'::regclass)) || '; ' ||"
                                + " (SELECT string_agg(relname, ' ') FROM pg_inherits JOIN pg_class ON oid = inhrelid"
                                + " WHERE inhparent = 'log.apart'::regclass) FROM rescue.events_1"));
        execute(db, "DROP SCHEMA rescue CASCADE", "DROP TABLE log.apart, log.events_1, log.events_3");
        restored(db, file, "--table", "log.events_1", "--table", "log.events_3").expect(0);
        assertEquals(content, content(db));
    }

    /** In whatever moment it is killed, the table is there whole or not at all, and one that was there is itself. */
    @Test
    @LongForm
    void killedItLeavesAllOrNothing() throws Exception {
        DatabaseUrl db = shop();
        execute(
                db,
                "ALTER TABLE orders DISABLE TRIGGER touch",
                "INSERT INTO orders (customer, amount, created_at, raw) SELECT 1 + i % 5, i, '2026-01-01', '[]'"
                        + " FROM generate_series(1, 100000) i");
        Path file = backup(db);
        String whole = TableContent.rows(db, "orders");
        execute(db, "UPDATE orders SET amount = 7 WHERE id > 50000", "DELETE FROM orders WHERE id % 3 = 0 AND id > 10");
        String present = TableContent.rows(db, "orders");
        IntFunction<Command> restore = run -> {
            Command one = command(db, "restore", file.toString(), "--yes", "--table", "orders")
                    .with("DB_RESTORE_CONFIRM", "1");
            return run % 2 == 0 ? one.and("--as", "again") : one.and("--data-only");
        };
        Kills.of(restore, run -> {
            boolean isThere = !value(db, "SELECT to_regclass('again')").equals("null");
            String rows = TableContent.rows(db, "orders");
            if (run % 2 == 0) assertEquals(present, rows, "kill " + run);
            else assertTrue(rows.equals(present) || rows.equals(whole), "kill " + run);
            if (rows.equals(whole))
                execute(
                        db,
                        "UPDATE orders SET amount = 7 WHERE id > 50000",
                        "DELETE FROM orders WHERE id % 3 = 0 AND id > 10");
            if (!isThere) return;
            assertEquals(whole, TableContent.rows(db, "again"), "kill " + run);
            assertEquals("2", value(db, "SELECT count(*) FROM pg_indexes WHERE tablename = 'again'"));
            execute(db, "DROP TABLE again");
        });
        for (int way = 0; way < 2; way++) restore.apply(way).run().expect(0);
        assertEquals(whole, TableContent.rows(db, "again"));
        assertEquals(whole, TableContent.rows(db, "orders"));
    }

    /** Only what is wanted is read: a damaged row elsewhere does no harm, one of the table's own is found. */
    @Test
    void onlyTheTablesOwnPartsAreRead() throws IOException {
        DatabaseUrl db = shop();
        BackupFile file = FolderStore.file(backup(db));
        BackupMetadata.Content content = file.metadata().orElseThrow().content();
        byte[] bytes = Files.readAllBytes(path(file));
        for (BackupMetadata.Part part : content.parts())
            if (part.table() != null
                    && content.tables().get(part.table()).name().equals("items"))
                bytes[(int) (part.offset() + part.length() / 2)] ^= 0x55;
        Files.write(path(file), bytes);
        execute(db, "DROP TABLE orders, items");
        restored(db, path(file)).expect(24);
        restored(db, path(file), "--table", "orders").expect(0);
        restored(db, path(file), "--table", "items").expect(24);
        assertEquals(
                "100 null",
                value(db, "SELECT count(*) || ' ' || coalesce(to_regclass('items')::text, 'null') FROM orders"));
    }

    @Test
    void whatIsInAFileIsListedAndChosenByAFilter() {
        DatabaseUrl db = shop();
        Path file = backup(db);
        JsonNode list = command("restore", file.toString(), "--list", "--json")
                .run()
                .expect(0)
                .json();
        assertEquals("100", list.at("/tables/7/rows").asText(), list.toString());
        command("restore", file.toString(), "--list").run().expect(0).says("public.orders", "100");
        Path filter = folder.resolve("filter");
        write(filter, "# two tables\ninclude table public.*\nexclude table items\nexclude table_data orders\n");
        execute(db, "DROP TABLE items, orders, customers");
        restored(db, file, "--filter", filter.toString()).expect(0);
        assertEquals(
                "5 0 null",
                value(
                        db,
                        "SELECT (SELECT count(*) FROM customers) || ' ' || count(*) || ' ' ||"
                                + " coalesce(to_regclass('items')::text, 'null') FROM orders"));
        write(filter, "include tabel x\n");
        restored(db, file, "--filter", filter.toString()).expect(2, "line 1", "include tabel x");
    }

    @Test
    void rowsComeBackIntoATableThatIsThere() {
        DatabaseUrl db = shop();
        Path file = backup(db);
        String before = TableContent.rows(db, "orders");
        execute(
                db,
                "ALTER TABLE orders DISABLE TRIGGER touch",
                "DELETE FROM orders WHERE id > 90",
                "UPDATE orders SET amount = amount + 1, raw = '{}' WHERE id BETWEEN 11 AND 15",
                "INSERT INTO orders (id, customer, amount, created_at) VALUES (1000, 1, 1, '2026-03-01')",
                "ALTER TABLE orders ENABLE ALWAYS TRIGGER touch");
        String broken = TableContent.rows(db, "orders");
        String where = "created_at >= '2026-01-13' AND (raw::jsonb ? 'nothing') IS NOT TRUE";
        restored(db, file, "--table", "orders", "--data-only", "--where", where, "--dry-run")
                .expect(0)
                .says(
                        "10 rows that it lacks",
                        "4 rows with other values",
                        "id 12: amount, raw",
                        "1 row that only it has");
        assertEquals(broken, TableContent.rows(db, "orders"));
        JsonNode json = restored(db, file, "--table", "orders", "--data-only", "--where", where, "--json")
                .expect(0)
                .json();
        assertEquals("10 4", json.get("missing") + " " + json.get("different"));
        assertEquals("101 12", value(db, "SELECT count(*) || ' ' || max(amount) FILTER (WHERE id = 11) FROM orders"));
        assertEquals("A", value(db, "SELECT tgenabled FROM pg_trigger WHERE tgname = 'touch'"));
        restored(db, file, "--table", "orders", "--data-only").expect(0).says("replaced 1");
        assertEquals(
                before, value(db, "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM orders t WHERE id <> 1000"));
        restored(db, file, "--table", "orders", "--data-only").expect(0).says("nothing to restore");
        execute(db, "ALTER TABLE orders DISABLE TRIGGER touch");
        for (String run : values(db, "SELECT DISTINCT run FROM avdaily_ops.quarantine ORDER BY 1 DESC"))
            run(db, "integrity", "fix", "--undo", run, "--yes").expect(0);
        assertEquals(broken, TableContent.rows(db, "orders"));
        for (String bad : List.of("no_such = 1", "true); DROP TABLE orders; SELECT (true", "created_at >"))
            restored(db, file, "--table", "orders", "--data-only", "--where", bad)
                    .expect(2, "--where");
        assertFalse(value(db, "SELECT to_regclass('orders')").equals("null"));
        execute(db, "ALTER TABLE orders DROP COLUMN raw");
        restored(db, file, "--table", "orders", "--data-only").expect(21, "raw", "--as");
    }

    /** The server takes no number for such a column, and a trigger is not to blame. */
    @Test
    void numbersThatTheServerGivesItselfCannotBePutBack() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE codes (code text PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY)",
                "INSERT INTO codes (code) VALUES ('a'), ('b')");
        Path file = backup(db);
        execute(db, "DELETE FROM codes WHERE code = 'b'", "INSERT INTO codes (code) VALUES ('b')");
        String before = TableContent.rows(db, "codes");
        restored(db, file, "--table", "codes", "--data-only").expect(21, "GENERATED ALWAYS", "number", "--as");
        assertEquals(before, TableContent.rows(db, "codes"));
    }

    /** Two tables whose schemas and names read the same with a dot between them. */
    @Test
    void namesMayHoldDots() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE SCHEMA \"a.b\"",
                "CREATE SCHEMA a",
                "CREATE TABLE \"a.b\".t (id bigserial PRIMARY KEY, x text)",
                "INSERT INTO \"a.b\".t (x) VALUES ('of a.b'), ('too')",
                "CREATE TABLE a.\"b.t\" (id int PRIMARY KEY, x text)",
                "INSERT INTO a.\"b.t\" VALUES (7, 'of a')",
                "CREATE TABLE a.\"B*\" (id int PRIMARY KEY)");
        Path file = backup(db);
        command("restore", file.toString(), "--list").run().expect(0).says("\"a.b\".t", "a.\"b.t\"");
        restored(db, file, "--table", "\"a.b\".t", "--as", "c.d").expect(0).says("\"a.b\".\"c.d\", 2 rows");
        assertEquals("(1,\"of a.b\")|(2,too)", TableContent.rows(db, "\"a.b\".\"c.d\""));
        restored(db, file, "--table", "a.\"b.t\"", "--into-schema", "x.y").expect(0);
        assertEquals("(7,\"of a\")", TableContent.rows(db, "\"x.y\".\"b.t\""));
        execute(db, "DELETE FROM \"a.b\".t WHERE id = 2", "UPDATE a.\"b.t\" SET x = ''");
        restored(db, file, "--table", "\"a.b\".t", "--data-only", "--where", "id > 1")
                .expect(0)
                .says("Inserted 1 row and replaced 0");
        command("backup", "compare", file.toString(), db.withPassword())
                .run()
                .expect(22)
                .says("a.\"b.t\"", "different", "\"a.b\".\"c.d\"");
        execute(db, "DROP SCHEMA a CASCADE");
        restored(db, file, "--schema", "a").expect(0);
        assertEquals(
                "[B*, b.t]",
                values(db, "SELECT tablename FROM pg_tables WHERE schemaname = 'a' ORDER BY 1")
                        .toString());
        execute(db, "DROP SCHEMA \"a.b\", a CASCADE", "CREATE SCHEMA \"a.b\"", "CREATE SCHEMA a");
        Path filter = folder.resolve("filter");
        write(filter, "include table \"a.b\".*\ninclude table a.\"B*\"\nexclude schema a.c\n");
        restored(db, file, "--filter", filter.toString()).expect(0);
        assertEquals(
                "[B*, t]",
                values(db, "SELECT tablename FROM pg_tables WHERE schemaname IN ('a', 'a.b') ORDER BY 1")
                        .toString());
        command(db, "backup", "create", "--dir", folder.resolve("some").toString())
                .and("--exclude-table-data", "\"a.b\".t")
                .run()
                .expect(0)
                .says("\"a.b\".t");
    }

    /** Downwards too; what a sequence never gives says nothing. */
    @Test
    void sequencesAreMovedPastWhatTheyCanGive() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE n (id int PRIMARY KEY, small int, code text)",
                "CREATE SEQUENCE \"%1$s <rows>\" INCREMENT -1 OWNED BY n.id",
                "CREATE SEQUENCE few MAXVALUE 5 CYCLE OWNED BY n.small",
                "CREATE SEQUENCE codes OWNED BY n.code",
                "INSERT INTO n SELECT nextval('\"%1$s <rows>\"'), nextval('few'), 'x' || nextval('codes')"
                        + " FROM generate_series(1, 4)",
                "INSERT INTO n VALUES (7, 1000, 'by hand')");
        Path file = backup(db);
        execute(
                db,
                "DELETE FROM n WHERE id < -2 OR id = 7",
                "SELECT setval('\"%1$s <rows>\"', -2), setval('few', 2)");
        restored(db, file, "--table", "n", "--data-only").expect(0).says("Inserted 3 rows");
        assertEquals("-5 5", value(db, "SELECT nextval('\"%1$s <rows>\"') || ' ' || nextval('few')"));
    }

    /** Names of the most bytes, whose letters have several. */
    @Test
    void longNamesAreCutBetweenLetters() {
        DatabaseUrl db = TestServer.newDatabase();
        String name = "a" + "\uD83D\uDE00".repeat(15);
        execute(
                db,
                "CREATE TABLE o (id int PRIMARY KEY)",
                "CREATE INDEX \"" + "i".repeat(62) + "1\" ON o (id)",
                "CREATE INDEX \"" + "i".repeat(62) + "2\" ON o (id)");
        Path file = backup(db);
        restored(db, file, "--table", "o", "--as", name).expect(0);
        assertEquals(
                "[" + name + "_1, " + name + "_i, a" + "\uD83D\uDE00".repeat(14) + "_pkey]",
                values(
                                db,
                                "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'o'"
                                        + " ORDER BY length(indexname), indexname")
                        .toString());
        DatabaseUrl named = db.withDatabase(name);
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " RENAME TO \"" + name + "\"");
        try {
            restored(named, file, "--mode", "swap").expect(0).says("\uD83D\uDE00_before_2");
        } finally {
            String all = "SELECT datname FROM pg_database WHERE datname ~ '^a\uD83D\uDE00'";
            for (String one : values(TestServer.admin(), all)) TestServer.dropNamed(one);
        }
    }

    /** A body of SQL has semicolons of its own, and more statements follow: its owner, its grants. */
    @Test
    void routinesWithABodyOfSqlComeWithTheirSchema() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE SCHEMA s",
                "CREATE TABLE s.t (a int)",
                "CREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql"
                        + " BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a > 0 THEN 2 END; END",
                "REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC",
                "CREATE PROCEDURE s.p() LANGUAGE sql BEGIN ATOMIC DELETE FROM s.t; END");
        Path file = backup(db);
        restored(db, file, "--schema", "s", "--into-schema", "r").expect(0);
        assertEquals("2 false", value(db, "SELECT r.f(1) || ' ' || (proacl IS NULL) FROM pg_proc"
                + " WHERE oid = 'r.f'::regproc"));
        execute(db, "INSERT INTO r.t VALUES (1)", "CALL r.p()");
        assertEquals("0", value(db, "SELECT count(*) FROM r.t"));
    }

    /** What else the backup has of that name is of no matter where the database lacks it. */
    @Test
    void theNewNameMayBeInTheBackup() {
        DatabaseUrl db = shop();
        execute(
                db,
                "CREATE SCHEMA free",
                "CREATE TABLE free.orders (orders_pkey int PRIMARY KEY)",
                "CREATE VIEW free.log_days AS SELECT at FROM log.days",
                "CREATE TABLE plain (id int PRIMARY KEY)",
                "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE free.part PARTITION OF parted FOR VALUES FROM (0) TO (1)",
                "CREATE TABLE log.part PARTITION OF parted FOR VALUES FROM (1) TO (2)",
                "INSERT INTO parted VALUES (0), (1)");
        Path file = backup(db);
        execute(db, "DROP SCHEMA free CASCADE", "DROP TABLE items, customers CASCADE");
        restored(db, file, "--table", "plain", "--as", "customers").expect(0);
        assertEquals("customers_pkey", value(db, "SELECT indexrelid::regclass FROM pg_index"
                + " WHERE indrelid = 'customers'::regclass"));
        restored(db, file, "--table", "plain", "--as", "free").expect(0);
        restored(db, file, "--table", "plain", "--as", "items_pkey").expect(0);
        restored(db, file, "--table", "public.orders", "--into-schema", "free", "--with", "sequences")
                .expect(0);
        assertEquals("100", value(db, "SELECT count(*) FROM free.orders"));
        restored(db, file, "--table", "parted", "--into-schema", "pair").expect(0);
        assertEquals("[1 part, 1 part1, 2 parted]", values(db, "SELECT (xpath('//c/text()', query_to_xml("
                + "format('SELECT count(*) AS c FROM pair.%I', relname), false, false, '')))[1] || ' ' || relname"
                + " FROM pg_class WHERE relnamespace = 'pair'::regnamespace AND relkind IN ('r', 'p')"
                + " ORDER BY relname").toString());
        execute(db, "DROP SCHEMA free CASCADE");
        Run whole = restored(db, file, "--schema", "log", "--into-schema", "free").expect(0);
        assertFalse((whole.err() + whole.out()).contains("VIEW log.days"), "it is there");
        assertEquals("41 41", value(db, "SELECT (SELECT count(*) FROM free.events) || ' '"
                + " || (SELECT count(*) FROM free.days)"));
    }

    @Test
    void aNewNameOfTheMostBytesIsTheTables() {
        DatabaseUrl db = TestServer.newDatabase();
        String old = "o".repeat(63);
        String name = "n".repeat(63);
        execute(db, "CREATE TABLE " + old + " (id serial PRIMARY KEY)",
                "CREATE INDEX " + "o".repeat(62) + "i ON " + old + " (id)");
        restored(db, backup(db), "--table", old, "--as", name).expect(0);
        assertEquals("2", value(db, "SELECT count(*) FROM pg_index WHERE indrelid = '" + name + "'::regclass"));
    }

    @Test
    void tablesOfOneNameDoNotGoIntoOneSchema() {
        DatabaseUrl db = shop();
        execute(db, "CREATE TABLE log.orders (a int)");
        restored(db, backup(db), "--table", "orders", "--table", "log.orders", "--into-schema", "r")
                .expect(2, "log.orders", "public.orders", "one name");
        assertEquals("null", value(db, "SELECT to_regnamespace('r')"));
    }
}
