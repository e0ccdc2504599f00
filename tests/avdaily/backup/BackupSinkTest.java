package avdaily.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Out;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer of the file, without a database. */
public class BackupSinkTest {
    private static final Out SILENT =
            Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), List.of());
    /** A key for tests only. */
    private static final String KEY = "AGE-SECRET-KEY-1WEKDEP4ZF66AKEHX9EM4PRK5TL3K2RHVLC9MQYX4X3N0JA6SQ29S87PQ75";

    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";

    /** What the format tells of the hash; the sums are those of another implementation. */
    @Test
    void theSumOfRowsIsTheFormats() {
        RowSum one = new RowSum();
        one.line("say hello\n, and more".getBytes(StandardCharsets.US_ASCII), 4, "hello\n".length(), true);
        assertEquals("99fc819aaba2462a", one.text());
        RowSum lengths = new RowSum();
        RowSum pieces = new RowSum();
        IntStream.concat(IntStream.range(0, 300), IntStream.of(1023, 1024, 1025, 5000))
                .forEach(length -> {
                    byte[] row = new byte[length];
                    for (int i = 0; i < length; i++) row[i] = (byte) (i * 37 + length);
                    lengths.line(row, 0, length, true);
                    pieces.line(row, 0, length / 3, false);
                    pieces.line(row, length / 3, length / 2 - length / 3, false);
                    pieces.line(row, length / 2, length - length / 2, true);
                });
        assertEquals("d721446a65c55b7b", lengths.text());
        assertEquals(lengths.text(), pieces.text());
    }

    /** It would be kept in memory, whatever its length. */
    @Test
    void aHeadersNameWithoutEndIsRefused() {
        byte[] name = new byte[1 << 20];
        Arrays.fill(name, (byte) 'n');
        System.arraycopy(new byte[] {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0}, 0, name, 0, 10);
        IOException why = assertThrows(
                IOException.class, () -> Compression.decompressing(new ByteArrayInputStream(name)));
        assertTrue(why.getMessage().contains("has no end"), why::getMessage);
    }

    /** jagged once lost the end of payloads near its chunk size. */
    @Test
    void encryptionKeepsEveryLengthAroundItsChunkSize(@TempDir Path folder) throws Exception {
        Path key = folder.resolve("key.txt");
        Files.writeString(key, KEY + "\n");
        for (int chunks : new int[] {1, 2})
            for (int delta = -2; delta <= 2; delta++) {
                byte[] text = new byte[chunks * 65536 + delta];
                new Random(delta).nextBytes(text);
                text[0] = 'x';
                BackupFile file;
                try (BackupSink sink = BackupSink.create(
                        List.of(new FolderStore(folder)),
                        BackupFile.BACKUP,
                        Compression.NONE,
                        0,
                        List.of(RECIPIENT),
                        SILENT)) {
                    try (BackupSink.Part part = sink.part(BackupMetadata.Section.PRE_DATA, null)) {
                        part.write(text, text.length);
                        part.end(0);
                    }
                    file = sink.publish(metadata(sink.seal())).get(0);
                }
                try (InputStream in = new BackupReader(file, key).open()) {
                    assertTrue(Arrays.equals(text, in.readAllBytes()), chunks + " chunks " + delta);
                }
            }
    }

    /** Around the length of what is held together, and of all that is held. */
    @Test
    void aPartOfAnyLengthIsWholeInItsPlace(@TempDir Path folder) throws Exception {
        List<byte[]> texts = new ArrayList<>();
        BackupSink.Sealed sealed;
        BackupFile file;
        try (BackupSink sink = BackupSink.create(
                List.of(new FolderStore(folder)), BackupFile.BACKUP, Compression.NONE, 0, List.of(), SILENT)) {
            for (int length : new int[] {0, 1, 65535, 65536, 65537, (8 << 20) - 1, 8 << 20, (8 << 20) + 1, 20 << 20}) {
                byte[] text = new byte[length];
                new Random(length).nextBytes(text);
                texts.add(text);
                try (BackupSink.Part part = sink.part(BackupMetadata.Section.PRE_DATA, null)) {
                    int first = length / 3;
                    part.write(text, first);
                    part.write(Arrays.copyOfRange(text, first, length), length - first);
                    assertEquals(length, part.bytes());
                    assertTrue(part.held() <= 8 << 20);
                    part.end(0);
                }
            }
            sealed = sink.seal();
            file = sink.publish(metadata(sealed)).get(0);
        }
        byte[] whole = Files.readAllBytes(folder.resolve(file.name()));
        assertEquals(texts.size(), sealed.parts().size());
        List<byte[]> found = new ArrayList<>();
        for (BackupMetadata.Part part : sealed.parts())
            found.add(Arrays.copyOfRange(whole, (int) part.offset(), (int) (part.offset() + part.length())));
        for (int i = 0; i < texts.size(); i++) assertArrayEquals(texts.get(i), found.get(i), "part " + i);
    }

    private static BackupMetadata metadata(BackupSink.Sealed sealed) {
        return new BackupMetadata(
                new BackupMetadata.Origin(
                        1, "test", "2026-01-01T00:00:00Z", "testing", "x", "18", null, null, null, null),
                new BackupMetadata.Encoding(Compression.NONE, List.of(RECIPIENT), sealed.sha256(), sealed.bytes()),
                new BackupMetadata.Measures(0, 0),
                new BackupMetadata.Content(
                        "reader", null, List.of(), List.of(), List.of(), List.of(), sealed.parts(), null));
    }

    @Test
    void twoPlacesThatAreOneAreRefused(@TempDir Path folder) throws Exception {
        Path place = Files.createDirectory(folder.resolve("place"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), place);
        for (Path other : List.of(place, link, folder.resolve("place/../place"))) {
            List<BackupStore> places = List.of(new FolderStore(place), new FolderStore(other));
            Failure refused = assertThrows(
                    Failure.class,
                    () -> BackupSink.create(places, BackupFile.BACKUP, Compression.NONE, 0, List.of(), SILENT));
            assertEquals(Failure.Kind.USAGE, refused.kind);
            try (Stream<Path> left = Files.list(place)) {
                assertEquals(0, left.count());
            }
        }
    }

    /** A folder may have two names, and the second backup of a process come by the other one. */
    @Test
    void aFileThatIsBeingWrittenIsNotSweptUnderAnotherName(@TempDir Path folder) throws Exception {
        Path place = Files.createDirectory(folder.resolve("place"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), place);
        try (BackupSink first = BackupSink.create(
                        List.of(new FolderStore(place)), BackupFile.BACKUP, Compression.NONE, 0, List.of(), SILENT);
                BackupSink second = BackupSink.create(
                        List.of(new FolderStore(link)), BackupFile.BACKUP, Compression.NONE, 0, List.of(), SILENT)) {
            for (BackupSink sink : List.of(first, second)) {
                try (BackupSink.Part part = sink.part(BackupMetadata.Section.PRE_DATA, null)) {
                    part.write("x");
                    part.end(0);
                }
                sink.publish(metadata(sink.seal()));
            }
        }
        assertEquals(2, new FolderStore(place).files().size());
    }
}
