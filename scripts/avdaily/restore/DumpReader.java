package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.sql.SqlFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;

/** A dump that was read from its first to its last byte and is whole: what is in it, and what it needs. */
public final class DumpReader {
    private static final String PG_DUMP_LAST_LINE = "PostgreSQL database dump complete";
    private static final String OUR_LAST_LINE = BackupFile.LAST_LINE.replaceFirst("^-- ", "");
    private static final String PG_DUMP_HEADER = "PostgreSQL database dump";

    /** With what a part with rows of ours ends. */
    static final byte[] END_OF_BLOCK = "\\.\n\n".getBytes(StandardCharsets.US_ASCII);

    private static final int LINES_BESIDE_ROWS = 3; // COPY, the end mark, an empty line

    public final BackupFile file;
    private final Path identity;
    private final Out out;
    public final Optional<BackupFile.Metadata> metadata;
    private final Object version;

    /** Rows of COPY blocks, table by table. */
    final Map<String, Long> rows = new LinkedHashMap<>();

    final Set<String> roles = new TreeSet<>();
    /** Roles without which something could not be restored even with --no-owner. */
    final Set<String> indispensableRoles = new TreeSet<>();

    final Set<String> extensions = new TreeSet<>();
    private final Set<String> tables = new LinkedHashSet<>();
    private final Set<String> databases = new LinkedHashSet<>();
    /** The CREATE DATABASE statement's options, or null. */
    String databaseOptions;

    private long bytes;
    private long inserts;
    private boolean complete;
    private boolean ours;
    private boolean fromPgDump;
    private boolean eventful;
    private boolean rowsAfterEvents;
    private final List<Piece> pieces = new ArrayList<>();

    /**
     * A part of the file that can be read by itself, and the line of the whole on which it begins.
     *
     * @param isKnown whether the file's checksum tells what is in it, so that nobody has to look for its rows
     */
    record Piece(BackupFile.Part part, long line, boolean isKnown) {
        boolean isRows() {
            return part.table() != null;
        }
    }

    private DumpReader(BackupFile file, Path identity, Out out) {
        this.out = out;
        this.file = file;
        this.identity = identity;
        this.metadata = file.metadata();
        this.version = version();
    }

    /** @throws Failure (24) where anything about the file is wrong */
    public static DumpReader check(BackupFile file, Path identity, Out out) throws Exception {
        DumpReader dump = new DumpReader(file, identity, out);
        try (ProgressBar bar = out.progress("Checking", 2 * file.size(), " MB", 1 << 20)) {
            if (dump.isInParts()) {
                dump.readParts(bar);
            } else {
                file.verifyChecksum(bar::stepBy);
                dump.read();
            }
            bar.stepTo(bar.getMax());
        }
        dump.judge();
        return dump;
    }

    Out out() {
        return out;
    }

    /** The whole of it. */
    SqlFile open() throws IOException {
        return new SqlFile(file.open(identity));
    }

    SqlFile open(Piece piece) throws IOException {
        return new SqlFile(file.openPart(piece.part)).from(piece.line);
    }

    /** What it consists of, in its order, where that can be read beside each other; else nothing. */
    List<Piece> pieces() {
        return pieces;
    }

    private boolean isInParts() {
        return metadata.isPresent() && metadata.get().parts() != null && !file.encrypted();
    }

    private void read() throws IOException {
        try (SqlFile sql = open().comments(this::comment)) {
            read(sql);
        }
    }

    private void read(SqlFile sql) throws IOException {
        try {
            for (SqlFile.Part part = sql.next(); part != null; part = sql.next()) {
                if (part instanceof SqlFile.Statement statement) look(DumpStatement.of(statement));
                else if (part instanceof SqlFile.Copy copy) count(copy.table(), countedRows(copy));
                else if (part instanceof SqlFile.Command command
                        && command.name().equals("connect")) databases.add(SqlFile.database(command));
                if (!(part instanceof SqlFile.Command)) complete = false;
            }
            bytes += sql.bytes();
        } catch (Failure e) {
            if (e.kind == Failure.Kind.DAMAGED && e.getMessage().startsWith("line "))
                throw file.damaged(e.getMessage(), e.next, e);
            throw e;
        }
    }

    /**
     * The checksum and the parts with rows beside each other; the statements in their order. Where the checksums prove that file
     * and metadata are what was written, rows are what the metadata say: reading them is left to those who load them.
     */
    private void readParts(ProgressBar bar) throws Exception {
        List<BackupFile.Part> parts = metadata.orElseThrow().parts();
        checkCover(parts);
        boolean known = file.hasChecksums();
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(8, Math.max(2, Runtime.getRuntime().availableProcessors())));
        try {
            Future<?> checksum = threads.submit(() -> file.verifyChecksum(bar::stepBy));
            Map<BackupFile.Part, Future<Block>> blocks = new IdentityHashMap<>();
            for (BackupFile.Part part : parts)
                if (part.table() != null && !known) blocks.put(part, threads.submit(() -> read(part)));
            done(checksum);
            long line = 1;
            for (BackupFile.Part part : parts) {
                Piece piece = new Piece(part, line, known);
                pieces.add(piece);
                line += !piece.isRows()
                        ? statements(piece)
                        : count(known ? fromMetadata(part) : done(blocks.get(part)));
                bar.stepBy(part.length());
            }
            if (known) bytes += metadata.get().dataBytes();
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> T done(Future<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception exception ? exception : e;
        }
    }

    private void checkCover(List<BackupFile.Part> parts) {
        long offset = 0;
        for (BackupFile.Part part : parts) {
            boolean known = part.table() == null
                    || part.table() >= 0
                            && part.table() < metadata.orElseThrow().tables().size();
            if (part.offset() != offset || part.length() < 1 || !known)
                throw file.damaged("its parts are not those that its metadata tell", "use another backup.", null);
            offset += part.length();
        }
        if (offset != file.size()) throw file.damaged("its parts are not all of it", "use another backup.", null);
    }

    private long statements(Piece piece) throws IOException {
        try (SqlFile sql = open(piece).comments(this::comment)) {
            read(sql);
            return sql.line() - piece.line;
        }
    }

    /** What a part with rows turned out to hold. */
    private record Block(String table, long rows, long lines, long bytes) {}

    /** Reads a part with rows, which must be one COPY block of the table and with the rows that the metadata tell, and nothing else. */
    private Block read(BackupFile.Part part) throws IOException {
        try (SqlFile sql = new SqlFile(file.openPart(part))) {
            SqlFile.Copy copy = block(part, sql);
            checkCount(part, countedRows(copy));
            if (sql.next() != null) throw differs(part);
            return new Block(table(part), part.rows(), sql.line() - 1, sql.bytes());
        } catch (Failure e) {
            if (e.kind == Failure.Kind.DAMAGED && e.getMessage().startsWith("line "))
                throw file.damaged("its part at byte " + part.offset() + ", " + e.getMessage(), e.next, e);
            throw e;
        }
    }

    /** The block of rows with which a part that was opened begins. */
    SqlFile.Copy block(BackupFile.Part part, SqlFile opened) throws IOException {
        if (opened.next() instanceof SqlFile.Copy copy && copy.table().equals(table(part))) return copy;
        throw differs(part);
    }

    void checkCount(BackupFile.Part part, long rows) {
        if (rows != part.rows()) throw differs(part);
    }

    private String table(BackupFile.Part part) {
        return metadata.orElseThrow().tables().get(part.table()).toString();
    }

    private Failure differs(BackupFile.Part part) {
        return file.damaged(
                "its part at byte " + part.offset() + " is not the " + Format.count(part.rows(), "row") + " of "
                        + table(part) + " that it should be",
                "use another backup.",
                null);
    }

    /** What the metadata tell of a part with rows, but for the bytes, which they tell of a whole table. */
    private Block fromMetadata(BackupFile.Part part) {
        return new Block(table(part), part.rows(), part.rows() + LINES_BESIDE_ROWS, 0);
    }

    private long count(Block block) {
        count(block.table, block.rows);
        bytes += block.bytes;
        complete = false;
        return block.lines;
    }

    private void comment(String text) {
        if (text.equals(OUR_LAST_LINE)) ours = true;
        if (text.equals(PG_DUMP_HEADER)) fromPgDump = true;
        if (text.equals(OUR_LAST_LINE) || text.equals(PG_DUMP_LAST_LINE)) complete = true;
    }

    private void look(DumpStatement step) {
        switch (step.kind()) {
            case FORBIDDEN ->
                throw file.damaged(
                        "line " + step.statement().line() + ": it is no dump of one database, for it holds: "
                                + head(step.statement()),
                        "restore a plain-SQL dump that pg_dump made; for roles and tablespaces use psql.",
                        null);
            case DATABASE -> {
                databases.add(step.name());
                if (step.statement().text().regionMatches(true, 0, "CREATE", 0, 6))
                    databaseOptions = step.statement()
                            .text()
                            .replaceFirst("(?is)^CREATE DATABASE\\s+(\"(?:[^\"]|\"\")+\"|\\S+)", "");
            }
            case TABLE -> tables.add(step.name());
            case EXTENSION -> extensions.add(step.name());
            case FOREIGN_KEY, TRIGGER -> eventful = true;
            case INSERT -> {
                inserts++;
                rowsAfterEvents |= eventful;
            }
            case OWNER, GRANT -> roles.addAll(step.roles());
            default -> indispensableRoles.addAll(step.roles());
        }
    }

    private void count(String table, long found) {
        rows.merge(table, found, Long::sum);
        rowsAfterEvents |= eventful;
    }

    /** Looks at every row and keeps none. */
    private static long countedRows(SqlFile.Copy copy) throws IOException {
        byte[] nowhere = new byte[1 << 18];
        while (copy.rows().read(nowhere) >= 0) {
            // until the end mark
        }
        return copy.rows().count();
    }

    private void judge() {
        if (!complete)
            throw file.damaged(
                    "its last line is not the one that a complete dump ends with ('" + BackupFile.LAST_LINE
                            + "' or '-- " + PG_DUMP_LAST_LINE + "')",
                    "use another backup ('avdaily-backup list'): this one was cut off, or is no dump.",
                    null);
        if (databases.size() > 1)
            throw file.damaged(
                    "it holds several databases: " + String.join(", ", databases),
                    "dump each of them with pg_dump, and restore one at a time.",
                    null);
        metadata.ifPresent(this::compare);
        String without = rows.keySet().stream()
                .filter(table -> !tables.contains(table))
                .findFirst()
                .orElse(null);
        if (without != null && tables.isEmpty())
            throw file.damaged(
                    "it has rows (of " + without + ") but not the tables for them",
                    "restore a dump with the schema in it, not one of --data-only.",
                    null);
    }

    private void compare(BackupFile.Metadata known) {
        Map<String, Long> expected = new HashMap<>();
        known.tables().forEach(table -> expected.merge(table.toString(), table.rows(), Long::sum));
        expected.forEach((table, count) -> {
            long found = rows.getOrDefault(table, 0L);
            if (found != count)
                throw file.damaged(
                        table + " has " + Format.count(found, "row") + " in it and should have "
                                + Format.count(count, "row"),
                        "use another backup.",
                        null);
        });
        List<String> unknown = rows.keySet().stream()
                .filter(table -> !expected.containsKey(table))
                .toList();
        if (!unknown.isEmpty())
            throw file.damaged(
                    "it has rows of " + unknown.get(0) + ", which its metadata does not know",
                    "use another backup.",
                    null);
    }

    /** Whether COPY blocks may be loaded beside each other: what pg_dump or we wrote, with nothing that acts on rows before them. */
    boolean mayBeParallel() {
        return (ours || fromPgDump) && !rowsAfterEvents && inserts == 0;
    }

    public long rowCount() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    public long insertCount() {
        return inserts;
    }

    public int tableCount() {
        return tables.size();
    }

    public long bytes() {
        return bytes;
    }

    /** What the restored database will take on the server's disk, roughly. */
    long estimatedSize() {
        return metadata.map(BackupFile.Metadata::databaseBytes)
                .filter(size -> size > 0)
                .orElse(bytes + bytes / 2);
    }

    /** @throws Failure (24) where the file is not the one that was checked */
    void verifyUnchanged() {
        if (!version.equals(version()))
            throw file.damaged("it was changed while it was restored", "run it again.", null);
    }

    private Object version() {
        try {
            BasicFileAttributes a = Files.readAttributes(file.path(), BasicFileAttributes.class);
            return List.of(a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey()));
        } catch (IOException e) {
            throw file.damaged("it cannot be read: " + e.getMessage(), "see that the file is there and readable.", e);
        }
    }

    /** A statement's first line, for a message. */
    static String head(SqlFile.Statement statement) {
        String first = statement.text().lines().findFirst().orElse("");
        return first.length() > 80 ? first.substring(0, 80) + "..." : first;
    }
}
