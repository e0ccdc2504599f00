import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Backups that an earlier version wrote stay readable. Those in tests/testdata/backups/ are of one database: AV-Daily's
 * migrations to version 9, seeded for development. They are never written anew; a new format gets files beside them.
 */
class OldBackupTest extends ScriptTest {
    private static final Path FOLDER = PROJECT.resolve("tests/testdata/backups");
    private static final Path ROWS = FOLDER.resolve("rows.txt");
    private static final Path KEY = FOLDER.resolve("test-key.txt");

    private static final String TABLES =
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename COLLATE \"C\"";
    private static final String SUM = "SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n'"
            + " ORDER BY t::text COLLATE \"C\"), '')) FROM public.";

    private static List<Path> backups;

    @BeforeAll
    static void find() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            backups = files.filter(file -> file.getFileName().toString().matches(".*\\.sql(\\.\\w+)+"))
                    .filter(file -> !file.toString().matches(".*\\.(json|sha256)"))
                    .sorted()
                    .toList();
        }
        assertEquals(
                List.of("sql.gz", "sql.zst", "sql.zst.age"),
                backups.stream()
                        .map(file -> file.getFileName().toString().replaceFirst("^[^.]*\\.", ""))
                        .toList());
    }

    @Test
    void whatIsKnownOfThemIsRead() throws Exception {
        for (Path file : backups) {
            var written = new ObjectMapper().readTree(beside(file, ".json").toFile());
            var read = command("backup", "info", file.toString(), "--json")
                    .run()
                    .expect(0)
                    .json();
            for (var part : read.get("parts")) if (part.get("table").isNull()) ((ObjectNode) part).remove("table");
            assertEquals(written, read);
            assertEquals("9", written.get("schemaVersion").asText());
            List<String> sums = List.of(sha256(file), sha256(beside(file, ".json")));
            assertEquals(sums, Files.readAllLines(beside(file, ".sha256")));
        }
        var listed = command("backup", "list", "--dir", FOLDER.toString(), "--json")
                .run()
                .expect(0)
                .json();
        assertEquals(backups.size(), listed.get("backups").size());
        listed.get("backups")
                .forEach(one -> assertEquals("9", one.path("schemaVersion").asText(), one.toString()));
    }

    @Test
    void theyAreWhole() {
        for (Path file : backups)
            command("backup", "verify", file.toString(), "--identity", KEY.toString())
                    .run()
                    .expect(0)
                    .says("is whole", "its checksum is right");
    }

    @Test
    void theyRestoreTheRowsThatWereThere() throws Exception {
        for (Path file : backups) {
            var db = TestServer.newDatabase();
            command(db, "restore", file.toString(), "--identity", KEY.toString(), "--yes")
                    .with("DB_RESTORE_CONFIRM", "1")
                    .run()
                    .expect(0);
            try (Connection c = TestServer.connect(db)) {
                assertEquals(Files.readAllLines(ROWS), rows(c), file.toString());
            }
            assertEquals(
                    "9",
                    run(db, "migrate", "status", "--json")
                            .expect(0)
                            .json()
                            .get("version")
                            .asText());
        }
    }

    /** As the program sha256sum writes it. */
    private static String sha256(Path file) throws Exception {
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return HexFormat.of().formatHex(sum) + "  " + file.getFileName();
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** Of every table its name, its number of rows and the MD5 of their texts, whatever server and client have set. */
    private static List<String> rows(Connection c) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Statement s = c.createStatement()) {
            s.execute("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'");
            List<String> tables = new ArrayList<>();
            try (ResultSet names = s.executeQuery(TABLES)) {
                while (names.next()) tables.add(names.getString(1));
            }
            for (String table : tables)
                try (ResultSet sum = s.executeQuery(SUM + table + " t")) {
                    sum.next();
                    lines.add(table + " " + sum.getString(1));
                }
        }
        return lines;
    }
}
