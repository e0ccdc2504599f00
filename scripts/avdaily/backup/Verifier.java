package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import me.tongfei.progressbar.ProgressBar;

/** Reads a whole backup file: its checksums, then every part of it, each COPY block to its end, and counts the rows. */
public final class Verifier {
    private static final byte[] END = "\\.\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER = 1 << 16;

    /**
     * What was found to be right.
     *
     * @param checksum whether there was one to compare with
     * @param metadata null for a dump of another program, of which nothing but its compression was checked
     */
    public record Result(boolean checksum, BackupFile.Metadata metadata, long bytes) {}

    /** @throws Failure (24) where the file is not what it was when it was made */
    public static Result verify(BackupFile file, Path identity, Out out) {
        try (ProgressBar bar = out.progress("Checksum", file.size(), " MB", 1 << 20)) {
            boolean checksum = file.verifyChecksum(bar::stepBy);
            BackupFile.Metadata metadata = file.metadata().orElse(null);
            long bytes = metadata == null ? drain(file, identity) : structure(file, metadata, identity, out);
            return new Result(checksum, metadata, bytes);
        }
    }

    private static long drain(BackupFile file, Path identity) {
        try (InputStream sql = file.open(identity)) {
            long bytes = 0;
            byte[] buffer = new byte[BUFFER];
            for (int n; (n = sql.read(buffer)) >= 0; ) bytes += n;
            return bytes;
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.DAMAGED,
                    file + " cannot be closed: " + e.getMessage(),
                    "see that the disk is well.",
                    e);
        }
    }

    private static long structure(BackupFile file, BackupFile.Metadata metadata, Path identity, Out out) {
        long[] rows = new long[metadata.tables().size()];
        long[] total = new long[1];
        boolean[] last = new boolean[1];
        try (ProgressBar bar = out.progress("Content", file.size(), " MB", 1 << 20)) {
            file.read(metadata, identity, (part, sql) -> {
                if (part.table() == null) {
                    String text = new String(sql.readAllBytes(), StandardCharsets.UTF_8);
                    total[0] += text.length();
                    last[0] = text.endsWith("\n" + BackupFile.LAST_LINE + "\n");
                } else {
                    if (part.table() >= rows.length)
                        throw differs(file, "a part of it is of a table that is not in its list");
                    CopyBlock block = new CopyBlock(sql);
                    if (!block.whole || block.rows != part.rows())
                        throw differs(
                                file,
                                "a block of " + metadata.tables().get(part.table())
                                        + (block.whole
                                                ? " has " + Format.count(block.rows, "row") + " and should have "
                                                        + part.rows()
                                                : " is not whole"));
                    rows[part.table()] += block.rows;
                    total[0] += block.bytes;
                }
                bar.stepBy(part.length());
            });
        }
        if (!last[0]) throw differs(file, "it has no end");
        for (int i = 0; i < rows.length; i++)
            if (rows[i] != metadata.tables().get(i).rows())
                throw differs(
                        file,
                        metadata.tables().get(i) + " has " + Format.count(rows[i], "row") + " and should have "
                                + metadata.tables().get(i).rows());
        return total[0];
    }

    private static Failure differs(BackupFile file, String how) {
        return file.damaged(how, "take another backup.", null);
    }

    /** A part with rows: the COPY line, a line a row, and the end mark, with nothing after it. */
    private static final class CopyBlock {
        private final boolean whole;
        private long rows = -2; // neither the COPY line nor the end mark is a row, and the last line is empty
        private long bytes;

        CopyBlock(InputStream sql) throws IOException {
            byte[] start = sql.readNBytes(5);
            byte[] buffer = new byte[BUFFER];
            byte[] tail = new byte[END.length + 1];
            for (int n; (n = sql.read(buffer)) >= 0; bytes += n) {
                for (int i = 0; i < n; i++) if (buffer[i] == '\n') rows++;
                tail = lastOf(tail, buffer, n);
            }
            rows--;
            whole = Arrays.equals(start, "COPY ".getBytes(StandardCharsets.US_ASCII))
                    && tail[0] == '\n'
                    && Arrays.equals(Arrays.copyOfRange(tail, 1, tail.length), END);
        }

        private static byte[] lastOf(byte[] tail, byte[] buffer, int n) {
            byte[] last = new byte[tail.length];
            for (int i = 0; i < last.length; i++) {
                int at = n - last.length + i;
                last[i] = at >= 0 ? buffer[at] : tail[tail.length + at];
            }
            return last;
        }
    }

    private Verifier() {}
}
