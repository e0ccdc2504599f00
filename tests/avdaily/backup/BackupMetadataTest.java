package avdaily.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The file beside a backup: what earlier versions wrote is read, and written again byte for byte. */
public class BackupMetadataTest {
    private static final String WRITTEN_BY_0_1 =
            """
            {
              "formatVersion" : 1,
              "toolVersion" : "0.1.0",
              "createdAt" : "2026-01-01T10:00:00.123Z",
              "environment" : "testing",
              "database" : "x",
              "serverVersion" : "18.1",
              "schemaVersion" : "12",
              "fingerprint" : "abc",
              "compression" : "GZIP",
              "encryptedTo" : [ "age1x" ],
              "sha256" : "def",
              "bytes" : 8,
              "databaseBytes" : 9,
              "durationMillis" : 10,
              "schemaFrom" : "pg_dump",
              "locale" : {
                "encoding" : "UTF8",
                "provider" : "icu",
                "collate" : "C",
                "ctype" : "C",
                "locale" : "en",
                "collationVersion" : "153"
              },
              "roles" : [ "clerk" ],
              "extensions" : [ "hstore" ],
              "excludedTableData" : [ "public.log" ],
              "tables" : [ {
                "schema" : "public",
                "name" : "t",
                "rows" : 2,
                "bytes" : 20
              } ],
              "parts" : [ {
                "section" : "pre-data",
                "offset" : 0,
                "length" : 3,
                "rows" : 0
              }, {
                "section" : "data",
                "table" : 0,
                "offset" : 3,
                "length" : 4,
                "rows" : 2
              }, {
                "section" : "sequences",
                "offset" : 7,
                "length" : 1,
                "rows" : 0
              }, {
                "section" : "post-data",
                "offset" : 8,
                "length" : 1,
                "rows" : 0
              } ]
            }
            """;

    private static BackupMetadata read(String json) throws IOException {
        return BackupMetadata.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void oneFileReadsAndWritesTheSameBytes() throws IOException {
        BackupMetadata metadata = read(WRITTEN_BY_0_1);
        assertEquals("x", metadata.origin().database());
        assertEquals(10, metadata.measures().duration().toMillis());
        assertEquals(2, metadata.content().rows());
        assertEquals(WRITTEN_BY_0_1, metadata.json());
    }

    @Test
    void theDocumentForProgramsIsAsFlat() throws IOException {
        String oneLine = Json.text(read(WRITTEN_BY_0_1));
        assertTrue(oneLine.startsWith("{\"formatVersion\":1,\"toolVersion\":\"0.1.0\",\"createdAt\""), oneLine);
        assertTrue(oneLine.contains("\"section\":\"pre-data\",\"table\":null,"), oneLine);
    }

    @Test
    void whatIsNotThereIsNullAndWhatIsNewIsPassedOver() throws IOException {
        BackupMetadata metadata = read("{\"formatVersion\": 1, \"of a later version\": [1], \"tables\": []}");
        assertEquals(1, metadata.origin().formatVersion());
        assertEquals(0, metadata.content().rows());
        assertFalse(metadata.hasNeeded());
        for (String bad : new String[] {"", "[]", "{\"bytes\": \"many\"}", "{\"compression\": \"LZ\"}"})
            assertThrows(IOException.class, () -> read(bad), bad);
    }
}
