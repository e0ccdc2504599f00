package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.copy.LineFeeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;

/** Reads a whole backup file: its checksums, then every part of it, each COPY block to its end, and counts the rows. */
public final class Verifier {
    private static final byte[] END = "\\.\n\n".getBytes(StandardCharsets.US_ASCII);
    /** Behind pg_dump's last line there is a comment's end and, since August 2025, a command of psql's. */
    private static final Pattern END_OF_PG_DUMP =
            Pattern.compile("\n" + BackupFile.PG_DUMP_LAST_LINE + "\\s+--\\s*(\\\\unrestrict \\w+\\s*)?\\z");

    private static final int LAST_LINES = 512;
    private static final int BUFFER = 1 << 16;

    /**
     * What was found to be right.
     *
     * @param checksum whether there was one to compare with
     * @param metadata nothing for a dump of another program, of which nothing but its compression was checked
     * @param bytes of SQL
     */
    public record Result(boolean checksum, Optional<BackupMetadata> metadata, long bytes) {}

    private final BackupFile file;
    private final BackupMetadata.Content content;
    private final long[] rows;
    private long bytes;
    private boolean hasLastLine;

    private Verifier(BackupFile file, BackupMetadata.Content content) {
        this.file = file;
        this.content = content;
        this.rows = new long[content.tables().size()];
    }

    /**
     * @param identity a file with age's secret keys; null if the backup is not encrypted
     * @throws Failure (24) if the file is not what it was when it was made
     */
    public static Result verify(BackupFile file, Path identity, Out out) {
        try (ProgressBar bar = out.progress("Checksum", file.size(), " MB", 1 << 20)) {
            boolean checksum = file.verifyChecksum(bar::stepBy);
            Optional<BackupMetadata> metadata = file.metadata(identity);
            BackupReader reader = new BackupReader(file, identity);
            long bytes = metadata.isEmpty()
                    ? readUnknown(file, reader)
                    : new Verifier(file, metadata.get().content()).read(reader, out);
            return new Result(checksum, metadata, bytes);
        }
    }

    /** A dump without metadata: one of ours, and one of pg_dump's, has its last line. */
    private static long readUnknown(BackupFile file, BackupReader reader) {
        try (InputStream sql = reader.open()) {
            byte[] start = sql.readNBytes(BackupFile.FIRST_WORDS.length());
            Text text = Text.read(new SequenceInputStream(new ByteArrayInputStream(start), sql));
            if (text.bytes == 0) throw differs(file, "it is empty");
            boolean isOurs = new String(start, StandardCharsets.US_ASCII).equals(BackupFile.FIRST_WORDS);
            if (isOurs && !text.isEnded()) throw differs(file, "it has no end");
            if (!isOurs && !text.isEndedByPgDump())
                throw file.damaged(
                        BackupFile.HAS_NO_END, "take another file: this one was cut off, or is no dump.", null);
            return text.bytes;
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.DAMAGED,
                    reader.file() + " cannot be read to its end: " + Reason.of(e),
                    "see that the disk is well.",
                    e);
        }
    }

    /** Reads every part, compares the rows, and returns the bytes of SQL. */
    private long read(BackupReader reader, Out out) {
        try (ProgressBar bar = out.progress("Content", file.size(), " MB", 1 << 20)) {
            reader.eachPart(content.parts(), (part, sql) -> {
                if (part.table() == null) readText(sql);
                else readRows(part, sql);
                bar.stepBy(part.length());
            });
        }
        if (!hasLastLine) throw differs("it has no end");
        for (int i = 0; i < rows.length; i++) {
            BackupMetadata.Table table = content.tables().get(i);
            if (rows[i] != table.rows())
                throw differs(table + " has " + Format.count(rows[i], "row") + " and should have " + table.rows());
        }
        return bytes;
    }

    /** @param end its last characters */
    private record Text(long bytes, String end) {
        static Text read(InputStream sql) throws IOException {
            byte[] buffer = new byte[BUFFER];
            byte[] tail = new byte[LAST_LINES];
            long bytes = 0;
            for (int n; (n = sql.read(buffer)) >= 0; bytes += n) tail = lastOf(tail, buffer, n);
            return new Text(bytes, new String(tail, StandardCharsets.ISO_8859_1));
        }

        /** Whether its last line is that of a backup of ours. */
        boolean isEnded() {
            return end.endsWith("\n" + BackupFile.LAST_LINE + "\n");
        }

        boolean isEndedByPgDump() {
            return END_OF_PG_DUMP.matcher(end).find();
        }
    }

    private void readText(InputStream sql) throws IOException {
        Text text = Text.read(sql);
        bytes += text.bytes;
        hasLastLine = text.isEnded();
    }

    private void readRows(BackupMetadata.Part part, InputStream sql) throws IOException {
        if (part.table() >= rows.length) throw differs("a part of it is of a table that is not in its list");
        CopyBlock block = new CopyBlock(sql);
        String what = "a block of " + content.tables().get(part.table());
        if (!block.whole) throw differs(what + " is not whole");
        if (block.rows != part.rows())
            throw differs(what + " has " + Format.count(block.rows, "row") + " and should have " + part.rows());
        rows[part.table()] += block.rows;
        bytes += block.bytes;
    }

    private Failure differs(String how) {
        return differs(file, how);
    }

    private static Failure differs(BackupFile file, String how) {
        return file.damaged(how, "take another backup.", null);
    }

    /** The last bytes of what went by, of which {@code tail} were the last ones before the buffer's. */
    private static byte[] lastOf(byte[] tail, byte[] buffer, int n) {
        byte[] last = new byte[tail.length];
        for (int i = 0; i < last.length; i++) {
            int at = n - last.length + i;
            last[i] = at >= 0 ? buffer[at] : tail[tail.length + at];
        }
        return last;
    }

    /** A part with rows: the COPY line, a line a row, and the end mark, with nothing after it. */
    private static final class CopyBlock {
        private final boolean whole;
        private boolean isInName; // which may have line ends of its own
        private long rows = -2; // neither the COPY line nor the end mark is a row, and the last line is empty
        private long bytes;

        CopyBlock(InputStream sql) throws IOException {
            byte[] start = sql.readNBytes(5);
            byte[] buffer = new byte[BUFFER];
            byte[] tail = new byte[END.length + 1];
            for (int n; (n = sql.read(buffer)) >= 0; bytes += n) {
                int i = 0;
                for (; rows == -2 && i < n; i++) {
                    if (buffer[i] == '"') isInName = !isInName;
                    if (buffer[i] == '\n' && !isInName) rows++;
                }
                rows += LineFeeds.count(buffer, i, n);
                tail = lastOf(tail, buffer, n);
            }
            rows--;
            whole = Arrays.equals(start, "COPY ".getBytes(StandardCharsets.US_ASCII))
                    && tail[0] == '\n'
                    && Arrays.equals(Arrays.copyOfRange(tail, 1, tail.length), END);
        }
    }
}
