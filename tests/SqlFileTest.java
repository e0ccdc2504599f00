import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import avdaily.base.Failure;
import avdaily.sql.SqlFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reader of dumps sees the statements and rows that psql sees. */
class SqlFileTest {
    @Test
    void theReaderSeesWhatPsqlSees() throws IOException {
        assertEquals(
                List.of(
                        "SELECT 'a;b'",
                        "SELECT $x$;$$;$x$",
                        "SELECT E'\\';'",
                        "SELECT 1   + 2",
                        "SELECT \";\"\"\"",
                        "SELECT $1",
                        "INSERT INTO t VALUES (1; 2)",
                        "SELECT a$b$c"),
                statements(
                        """
                        SELECT 'a;b'; SELECT $x$;$$;$x$;;SELECT E'\\';';
                        -- ;
                        SELECT 1 /* ; /* ; */ ; */ + 2; SELECT ";\"""; SELECT $1;
                        INSERT INTO t VALUES (1; 2); SELECT a$b$c;"""));
        assertEquals(
                List.of("SET standard_conforming_strings = off", "SELECT '\\';'"),
                statements("SET standard_conforming_strings = off; SELECT '\\';';"));
        assertEquals(
                List.of(
                        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END",
                        "SELECT 3"),
                statements(
                        """
                        CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END;
                        SELECT 3;"""));
        assertEquals(
                List.of("SET client_encoding = 'LATIN1'", "SELECT 'é'"),
                statements("SET client_encoding = 'LATIN1'; SELECT 'é';", StandardCharsets.ISO_8859_1));
        for (String cut : List.of(
                "SELECT 1",
                "SELECT 'a;",
                "SELECT $$;",
                "/* ",
                "COPY t FROM stdin;\n1\n",
                "COPY t FROM stdin;\n1\n\\",
                "COPY t FROM stdin;",
                "SELECT \"x;"))
            assertEquals(Failure.Kind.DAMAGED, assertThrows(Failure.class, () -> statements(cut), cut).kind);
    }

    /** Rows around the size of the buffer, and one that is much longer than it. */
    @Test
    void theReaderReadsRowsOfAnyLength() throws IOException {
        for (int length : new int[] {0, 1, 65_535, 262_141, 262_142, 262_143, 262_144, 262_145, 3_000_000}) {
            String row = "x".repeat(length);
            try (SqlFile sql = new SqlFile(new ByteArrayInputStream(
                    ("COPY public.t FROM stdin;\n" + row + "\n\\\\.\n" + row + "\n\\.\nSELECT 1;")
                            .getBytes(StandardCharsets.US_ASCII)))) {
                SqlFile.Copy copy = (SqlFile.Copy) sql.next();
                StringBuilder read = new StringBuilder();
                byte[] piece = new byte[1 << 18];
                for (int n; (n = copy.rows().read(piece, 0)) >= 0; )
                    read.append(new String(piece, 0, n, StandardCharsets.US_ASCII));
                assertEquals(row + "\n\\\\.\n" + row + "\n", read.toString());
                assertEquals(3, copy.rows().count());
                assertEquals("public.t", copy.table());
                assertEquals(6, sql.next().line());
            }
        }
    }

    private static List<String> statements(String text) throws IOException {
        return statements(text, StandardCharsets.UTF_8);
    }

    private static List<String> statements(String text, Charset charset) throws IOException {
        List<String> found = new ArrayList<>();
        try (SqlFile sql = new SqlFile(new ByteArrayInputStream(text.getBytes(charset)))) {
            for (SqlFile.Part part = sql.next(); part != null; part = sql.next())
                if (part instanceof SqlFile.Statement statement) found.add(statement.text());
        }
        return found;
    }
}
