package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.BackupReader;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.sql.Sql;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlSyntaxError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A dump that is read from its first to its last byte before any of its statements runs. How it is read:
 *
 * <ul>
 *   <li>A backup of ours that is not encrypted is read in its parts: the checksum and the parts with rows at the same
 *       time, the statements in their order.
 *   <li>If checksums prove that the file and its metadata are what was written, the metadata tell the rows. Reading
 *       those parts is then left to the connections that load them.
 *   <li>Any other dump is read once for its checksum, if there is one, and once as SQL.
 * </ul>
 */
public final class DumpReader {
    /** With what a part with rows of ours ends. */
    static final byte[] END_OF_BLOCK = "\\.\n\n".getBytes(StandardCharsets.US_ASCII);

    private static final int LINES_BESIDE_ROWS = 3; // COPY, the end mark, an empty line
    private static final int BUFFER = 1 << 18;

    private final BackupFile file;
    private final BackupReader reader;
    private final Out out;
    private final Optional<BackupMetadata> metadata;
    private final Object version;
    private final DumpContents contents;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Piece, String> largeObjects = new IdentityHashMap<>();
    private final Set<String> functions = new HashSet<>();
    private PendingChecksum checksum; // null if only definitions are read
    private Consumer<DumpReader> whenWhole;
    private long bytes;

    /**
     * A part of the file that can be read by itself.
     *
     * @param line of the whole on which it begins
     * @param isKnown whether the file's checksum tells what is in it, so that nobody has to look for its rows
     */
    record Piece(BackupMetadata.Part part, long line, boolean isKnown) {
        boolean isRows() {
            return part.table() != null;
        }
    }

    private DumpReader(BackupFile file, Path identity, Out out) {
        this.out = out;
        this.file = file;
        this.reader = new BackupReader(file, identity);
        this.metadata = file.metadata(identity);
        this.version = version();
        this.contents = new DumpContents(file);
    }

    /**
     * Reads a dump whole.
     *
     * @param identity a file with age's secret keys; null if the dump is not encrypted
     * @throws Failure (24) if anything about the file is wrong
     */
    public static DumpReader check(BackupFile file, Path identity, Out out) throws Exception {
        DumpReader dump = begin(file, identity, out, whole -> {});
        dump.mustBeWhole();
        return dump;
    }

    /**
     * Reads of a dump what a restore has to know, while its checksum may still be made. Before any of its statements
     * runs, {@link #mustBeWhole} has to return.
     *
     * @param whenWhole is told once, as soon as somebody asks and all of it is right
     * @throws Failure (24) if anything about what was read so far is wrong
     */
    public static DumpReader begin(BackupFile file, Path identity, Out out, Consumer<DumpReader> whenWhole)
            throws Exception {
        DumpReader dump = new DumpReader(file, identity, out);
        dump.whenWhole = whenWhole;
        dump.checksum = PendingChecksum.begin(file, out);
        try {
            if (dump.isInParts()) dump.readParts();
            else dump.readWhole();
            dump.contents.check(dump.metadata);
        } catch (Exception e) {
            dump.checksum.await(); // that the file is damaged tells more
            throw e;
        }
        return dump;
    }

    /** @throws Failure (24) if the file is not what was written */
    public void mustBeWhole() throws Exception {
        if (checksum == null) return;
        checksum.await();
        whenWhole.accept(this);
        whenWhole = dump -> {};
    }

    /**
     * Reads the definitions of a backup in parts; of its rows, only those that are wanted are looked at later, when
     * they are loaded. Any other dump is read whole.
     *
     * @throws Failure (24) if anything about what is read is wrong
     */
    public static DumpReader checkDefinitions(BackupFile file, Path identity, Out out) throws Exception {
        DumpReader dump = new DumpReader(file, identity, out);
        if (!dump.isInParts()) return check(file, identity, out);
        dump.readDefinitions();
        dump.contents.check(dump.metadata);
        return dump;
    }

    private void readDefinitions() throws IOException {
        BackupMetadata.Content content = metadata.orElseThrow().content();
        checkCover(content);
        long line = 1;
        for (BackupMetadata.Part part : content.parts()) {
            Piece piece = new Piece(part, line, false);
            pieces.add(piece);
            line += piece.isRows() ? count(fromMetadata(part)) : statements(piece);
        }
    }

    public BackupFile file() {
        return file;
    }

    /** What is known about a backup of ours; nothing for a dump of another program. */
    public Optional<BackupMetadata> metadata() {
        return metadata;
    }

    /**
     * As in "a masked copy" if it is one for developers, by its metadata or, without any, by its first line; nothing
     * for a backup.
     */
    public Optional<String> developerCopy() {
        if (metadata.isPresent())
            return Optional.ofNullable(metadata.get().origin().copy()).map(Object::toString);
        try {
            return reader.developerCopy();
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }

    public DumpContents contents() {
        return contents;
    }

    /** Bytes of SQL. */
    public long bytes() {
        return bytes;
    }

    Out out() {
        return out;
    }

    /** The columns of the rows of these tables, in their order, as far as the dump names them. */
    Map<String, List<String>> columns(Collection<String> tables) throws IOException {
        Map<String, List<String>> columns = new HashMap<>(contents.columns());
        columns.keySet().retainAll(tables);
        for (Piece piece : pieces)
            if (piece.isRows() && tables.contains(table(piece.part)) && !columns.containsKey(table(piece.part)))
                try (SqlFile sql = open(piece)) {
                    columns.put(table(piece.part), block(piece.part, sql).columns());
                }
        return columns;
    }

    /** The whole of it. */
    SqlFile open() throws IOException {
        return new SqlFile(reader.open());
    }

    SqlFile open(Piece piece) throws IOException {
        return new SqlFile(reader.openPart(piece.part)).from(piece.line);
    }

    /** The parts of the file in their order; none if they cannot be read at the same time. */
    List<Piece> pieces() {
        return pieces;
    }

    private boolean isInParts() {
        return metadata.isPresent() && metadata.get().content().parts() != null && !file.isEncrypted();
    }

    private void readWhole() throws IOException {
        try (SqlFile sql = open().comments(contents::addComment)) {
            read(sql);
        }
    }

    private void read(SqlFile sql) throws IOException {
        try {
            for (SqlFile.Part part = sql.next(); part != null; part = sql.next()) {
                if (part instanceof SqlFile.Statement statement) add(DumpStatement.of(statement));
                else if (part instanceof SqlFile.Copy copy) addRows(copy);
                else if (part instanceof SqlFile.Command command
                        && command.name().equals("connect")) contents.addDatabase(command);
            }
            bytes += sql.bytes();
        } catch (SqlSyntaxError e) {
            throw file.damaged(e.getMessage(), e.next, e);
        }
    }

    private void addRows(SqlFile.Copy copy) throws IOException {
        contents.addColumns(copy.table(), copy.columns());
        contents.addRows(copy.table(), countedRows(copy));
    }

    private void add(DumpStatement step) {
        contents.add(step);
        functions.add(step.largeObjectFunction());
    }

    /**
     * The one function that all statements of a piece call for large objects; empty if they do anything else. Such
     * pieces of one function do not depend on each other.
     */
    String largeObjectFunction(Piece piece) {
        return largeObjects.getOrDefault(piece, "");
    }

    private void readParts() throws Exception {
        BackupMetadata.Content content = metadata.orElseThrow().content();
        checkCover(content);
        boolean isKnown = file.hasChecksums();
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(8, Math.max(2, Runtime.getRuntime().availableProcessors())));
        try {
            Map<BackupMetadata.Part, Future<Block>> blocks = new IdentityHashMap<>();
            for (BackupMetadata.Part part : content.parts())
                if (part.table() != null && !isKnown) blocks.put(part, threads.submit(() -> read(part)));
            if (!isKnown) checksum.await();
            long line = 1;
            for (BackupMetadata.Part part : content.parts()) {
                Piece piece = new Piece(part, line, isKnown);
                pieces.add(piece);
                if (!piece.isRows()) line += statements(piece);
                else line += count(isKnown ? fromMetadata(part) : done(blocks.get(part)));
            }
            if (isKnown) bytes += content.dataBytes();
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

    /** The parts must follow each other, and be all of the file. */
    private void checkCover(BackupMetadata.Content content) {
        long offset = 0;
        for (BackupMetadata.Part part : content.parts()) {
            boolean isOfTable = part.table() == null
                    || part.table() >= 0 && part.table() < content.tables().size();
            if (part.offset() != offset || part.length() < 1 || !isOfTable)
                throw file.damaged("its parts are not those that its metadata tell", "use another backup.", null);
            offset += part.length();
        }
        if (offset != file.size()) throw file.damaged("its parts are not all of it", "use another backup.", null);
    }

    /** Reads a part with statements, and returns the number of its lines. */
    private long statements(Piece piece) throws IOException {
        functions.clear();
        try (SqlFile sql = open(piece).comments(contents::addComment)) {
            read(sql);
            if (functions.size() == 1)
                largeObjects.put(piece, functions.iterator().next());
            return sql.line() - piece.line;
        }
    }

    /** What a part with rows turned out to hold. */
    private record Block(String table, long rows, long lines, long bytes) {}

    /** Reads a part with rows, which must be one COPY block of its table, with its number of rows, and nothing else. */
    private Block read(BackupMetadata.Part part) throws IOException {
        try (SqlFile sql = new SqlFile(reader.openPart(part))) {
            SqlFile.Copy copy = block(part, sql);
            checkCount(part, countedRows(copy));
            if (sql.next() != null) throw differs(part);
            return new Block(table(part), part.rows(), sql.line() - 1, sql.bytes());
        } catch (SqlSyntaxError e) {
            throw file.damaged("its part at byte " + part.offset() + ", " + e.getMessage(), e.next, e);
        }
    }

    /** What the metadata tell of a part with rows, but for the bytes, which they tell of a whole table. */
    private Block fromMetadata(BackupMetadata.Part part) {
        return new Block(table(part), part.rows(), part.rows() + LINES_BESIDE_ROWS, 0);
    }

    /** Takes a part with rows, and returns the number of its lines. */
    private long count(Block block) {
        contents.addRows(block.table, block.rows);
        bytes += block.bytes;
        return block.lines;
    }

    /** Looks at every row and keeps none. */
    private static long countedRows(SqlFile.Copy copy) throws IOException {
        byte[] nowhere = new byte[BUFFER];
        while (copy.rows().read(nowhere, 0) >= 0) {
            // until the end mark
        }
        return copy.rows().count();
    }

    /** The block of rows with which a part that was opened begins. */
    SqlFile.Copy block(BackupMetadata.Part part, SqlFile opened) throws IOException {
        if (opened.next() instanceof SqlFile.Copy copy && copy.table().equals(table(part))) return copy;
        throw differs(part);
    }

    /** @throws Failure (24) if a part has another number of rows than the metadata tell */
    void checkCount(BackupMetadata.Part part, long rows) {
        if (rows != part.rows()) throw differs(part);
    }

    /** The table of a part with rows. */
    String table(BackupMetadata.Part part) {
        return metadata.orElseThrow().content().tables().get(part.table()).toString();
    }

    /** The table at a place of the metadata, as SQL names it. */
    String quotedTable(int place) {
        BackupMetadata.Table table = metadata.orElseThrow().content().tables().get(place);
        return Sql.quoted(table.schema()) + "." + Sql.quoted(table.name());
    }

    private Failure differs(BackupMetadata.Part part) {
        return file.damaged(
                "its part at byte " + part.offset() + " is not the " + Format.count(part.rows(), "row") + " of "
                        + table(part) + " that it should be",
                "use another backup.",
                null);
    }

    /** What the restored database will take on the server's disk, roughly, in bytes. */
    long estimatedSize() {
        return metadata.map(known -> known.measures().databaseBytes())
                .filter(size -> size > 0)
                .orElse(bytes + bytes / 2);
    }

    /** @throws Failure (24) if the file is not the one that was checked */
    void verifyUnchanged() {
        if (!version.equals(version()))
            throw file.damaged("it was changed while it was restored", "run it again.", null);
    }

    private Object version() {
        try {
            return file.store().version(file.name());
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }
}
