package avdaily.seed;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class CsvRowsTest {
    /** Elsewhere than here an open file cannot be replaced. */
    @Test
    void aFileThatIsRefusedIsClosed(@TempDir Path folder) throws IOException {
        for (String text : List.of("a,a\n", "a;b\n", "\"a,b\n")) {
            AtomicBoolean isClosed = new AtomicBoolean();
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Path file = Files.write(folder.resolve("a.csv"), bytes);
            InputStream in = new ByteArrayInputStream(bytes) {
                @Override
                public void close() {
                    isClosed.set(true);
                }
            };
            assertThrows(Failure.class, () -> new CsvRows(file, in), text);
            assertTrue(isClosed.get(), text);
        }
    }
}
