import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Citus by a stand-in: its catalog and the functions that are asked, since the server of the tests has none. */
class CitusTest extends ScriptTest {
    private static final List<String> STAND_IN = List.of(
            "CREATE EXTENSION citext",
            "SET allow_system_table_mods = on",
            "CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod \"char\", partkey text, "
                    + "colocationid int, repmodel \"char\")",
            "CREATE TABLE pg_catalog.pg_dist_colocation (colocationid int, shardcount int)",
            "CREATE FUNCTION pg_catalog.column_to_column_name(regclass, text) RETURNS text LANGUAGE sql AS 'SELECT $2'",
            "CREATE FUNCTION pg_catalog.citus_table_size(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT 900000000'",
            "ALTER EXTENSION citext ADD TABLE pg_catalog.pg_dist_partition",
            "ALTER EXTENSION citext ADD TABLE pg_catalog.pg_dist_colocation",
            "ALTER EXTENSION citext ADD FUNCTION pg_catalog.column_to_column_name(regclass, text)",
            "ALTER EXTENSION citext ADD FUNCTION pg_catalog.citus_table_size(regclass)");

    /** A shop on several nodes; the estimates are those of its shells. */
    private static DatabaseUrl spread() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE customer (id int PRIMARY KEY)",
                "CREATE TABLE item (customer_id int, n int, PRIMARY KEY (customer_id, n))",
                "CREATE TABLE \"Or'der\" (customer_id int REFERENCES customer, n int, PRIMARY KEY (customer_id, n))",
                "ALTER TABLE item ADD FOREIGN KEY (customer_id, n) REFERENCES \"Or'der\"",
                "CREATE TABLE here (id int PRIMARY KEY)",
                "CREATE TABLE beside (id int PRIMARY KEY)",
                "INSERT INTO customer SELECT generate_series(1, 10)",
                "INSERT INTO \"Or'der\" SELECT i % 10 + 1, i FROM generate_series(1, 2000) i",
                "INSERT INTO item TABLE \"Or'der\"");
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        execute(admin, String.join(";", STAND_IN));
        execute(
                admin,
                "INSERT INTO pg_dist_colocation VALUES (1, 32), (2, 1)",
                "INSERT INTO pg_dist_partition VALUES ('\"Or''der\"', 'h', 'customer_id', 1, 's'), "
                        + "('item', 'h', 'customer_id', 1, 's'), ('customer', 'n', NULL, 2, 't'), "
                        + "('here', 'n', NULL, 0, 's')",
                "UPDATE pg_class SET reltuples = 5 WHERE relname = 'item'");
        return admin;
    }

    @Test
    void tablesOnSeveralNodesAreBackedUpOnlyIfOneKnowsIt() throws IOException {
        DatabaseUrl db = spread();
        Path folder = TestServer.temporary("citus");
        Command backup = command(db, "backup", "create", "--dir", folder.toString(), "--compress", "none", "--json");
        backup.run().expect(21, "spread 4 tables", "--inconsistent");
        Run made = backup.and("--inconsistent").run().expect(0);
        assertEquals(4010, made.json().get("rows").asInt());
        String text = Files.readString(Path.of(made.json().get("file").asText()));
        int place = 0;
        for (String next : List.of(
                "CREATE TABLE public.item",
                "citus_add_local_table_to_metadata('\"public\".\"here\"');",
                "create_reference_table('\"public\".\"customer\"');",
                "create_distributed_table('\"public\".\"item\"', 'customer_id', colocate_with => 'none', "
                        + "shard_count => 32);",
                "create_distributed_table('\"public\".\"Or''der\"', 'customer_id', colocate_with => "
                        + "'\"public\".\"item\"');",
                "COPY ",
                "FOREIGN KEY")) {
            int at = text.indexOf(next, place);
            assertTrue(at > 0, () -> next + " is not in its place of:\n" + text.replaceAll("(?m)^\\d.*\\n", ""));
            place = at;
        }
        assertEquals(-1, text.indexOf("ctid"));
        execute(db, "UPDATE pg_dist_partition SET partmethod = 'r' WHERE logicalrelid = 'item'::regclass");
        backup.run().expect(21, "public.item", "undistribute_table");
    }

    /** What a shell says of itself is nothing: its rows are counted, and with them the danger. */
    @Test
    void anEmptyShellIsNoSmallTable() {
        DatabaseUrl db = spread();
        Path folder = TestServer.temporary("citus-migrations");
        write(folder.resolve("V1__item.sql"), "CREATE TABLE item (customer_id int, n int);");
        write(folder.resolve("V2__index.sql"), "CREATE INDEX ON item (n);");
        run(db, "migrate", "baseline", "--version", "1", "--migrations", folder.toString(), "--yes")
                .expect(0);
        run(db, "migrate", "lint", "--migrations", folder.toString(), "--small-table", "500")
                .expect(22, "index-not-concurrent");
    }
}
