package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Json;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.OperationLog;
import avdaily.db.Snapshot;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Writes a backup: definitions, then rows, then what needs the rows (indexes, constraints, triggers), all from one snapshot.
 * Rows are read over several connections; big tables in ranges of their blocks. Memory does not grow with the database.
 */
public final class BackupWriter {
    /** A part is ended at the next row once it is so long, uncompressed or compressed: each worker holds one in memory. */
    private static final long PART_BYTES = 32 << 20;

    private static final int PART_HELD = 4 << 20;
    /** A bigger table is read in ranges of about this size, so that all workers are busy to the end. */
    private static final long RANGE_BYTES = 64 << 20;
    /** The server's table of locks is small; the leader's locks, of which there is one a table, are the ones that count. */
    private static final int MOST_LOCKS = 100;

    private static final int ATTEMPTS = 5;

    /**
     * How a backup is made.
     *
     * @param level the compression's own; null for its default
     * @param jobs connections that read rows at the same time
     * @param encryptTo age recipients; none for a file that everybody can read
     * @param excludeTableData patterns of tables, as in "audit_log" or "public.event_*", whose rows are left out
     * @param schemaFromPgDump the definitions come from the pg_dump on the PATH
     */
    public record Options(
            Path folder,
            BackupFile.Compression compression,
            Integer level,
            int jobs,
            List<String> encryptTo,
            List<String> excludeTableData,
            boolean schemaFromPgDump) {
        /** For the backups that other commands make by themselves. */
        static Options standard(Settings settings) {
            return new Options(
                    Backups.folder(settings),
                    BackupFile.Compression.GZIP,
                    null,
                    defaultJobs(),
                    List.of(),
                    List.of(),
                    false);
        }

        public static int defaultJobs() {
            return Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
        }

        private int levelOrDefault() {
            int most = compression == BackupFile.Compression.ZSTD ? 22 : 9;
            if (level != null && compression == BackupFile.Compression.NONE)
                throw Failure.usage(
                        "--level says how much to compress, and --compress is none", "leave one of them out.");
            if (level != null && (level < 1 || level > most))
                throw Failure.usage("--level is " + level, "name a level from 1 (fast) to " + most + " (small).");
            return level != null
                    ? level
                    : compression == BackupFile.Compression.ZSTD
                            ? 1
                            : 4; // on rows, higher ones cost far more than they save
        }
    }

    /** How a table lies on the server; the root is that of its partitioned table, or null. */
    private record Storage(long bytes, boolean isHeap, Target root) {}

    /** The table that takes rows at the restore: the one they come from or, where partitions are chosen anew, its root. */
    private record Target(String schema, String name) {
        @Override
        public String toString() {
            return schema + "." + name;
        }
    }

    private record Table(Schema.Data data, Storage storage, Target target) {}

    /** Rows of one table, from block {@code from} to before block {@code to}; {@code to} 0 is the end. */
    private record Range(int table, long from, long to, long weight) {}

    private final Database db;
    private final Options options;
    private final Snapshot snapshot;
    private final BackupSink sink;
    private final Instant start = Instant.now();
    private final List<String> excluded = new ArrayList<>();
    private Schema schema;
    private List<Table> tables;
    private final Map<Target, Integer> targets = new LinkedHashMap<>();
    private AtomicLong[] rows;
    private AtomicLong[] bytes;
    private final AtomicLong allRows = new AtomicLong();
    private final AtomicLong allBytes = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Queue<Range> contended = new ConcurrentLinkedQueue<>();

    private BackupWriter(Database db, Options options, Snapshot snapshot, BackupSink sink) {
        this.db = db;
        this.options = options;
        this.snapshot = snapshot;
        this.sink = sink;
    }

    /**
     * Backs up the whole database but for the collection's own schema {@code avdaily_ops}, which survives a restore.
     *
     * @throws Failure where it cannot be done; then nothing of it stays
     */
    public static BackupFile write(Database db, Options options) throws Exception {
        int level = options.levelOrDefault();
        for (String recipient : options.encryptTo) BackupSink.recipient(recipient);
        try (Snapshot snapshot = lockedSnapshot(db);
                BackupSink sink =
                        BackupSink.create(options.folder, options.compression, level, options.encryptTo, db.out())) {
            return new BackupWriter(db, options, snapshot, sink).write();
        }
    }

    /** The backup that a command makes by itself before it changes a database; nothing where there is no table yet. */
    public static Optional<BackupFile> beforeChange(Database db) throws Exception {
        if (DatabaseReset.tables(db.connection()) == 0) return Optional.empty();
        db.out().note("Backing up " + db + " first...");
        BackupFile file = OperationLog.recordIfPossible(db, "backup create", details -> {
            BackupFile written = write(db, Options.standard(db.settings()));
            details.put("file", written.toString());
            return written;
        });
        db.out().print("Backup: " + file.path());
        return Optional.of(file);
    }

    private BackupFile write() throws Exception {
        Connection leader = snapshot.leader();
        schema = Schema.read(leader, Schema.Options.DEFAULT);
        schema.omitted().forEach(what -> db.out().note("Left out, as pg_dump does: " + what + "."));
        tables = tables(leader);
        tables.forEach(table -> targets.putIfAbsent(table.target, targets.size()));
        checkSpace();
        Definitions definitions = definitions(leader);
        text("pre-data", header() + definitions.preData);
        copyTables();
        text("sequences", "\n" + sequences() + "\n");
        text("post-data", definitions.postData + "\n" + BackupFile.LAST_LINE + "\n");
        return sink.finish((sha256, size, parts) -> metadata(leader, definitions, sha256, size, parts));
    }

    // -- what there is

    /** Locks all tables against changes of their definition before the snapshot is taken: it then fits the definitions. */
    private static Snapshot lockedSnapshot(Database db) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Set<String> locked = new HashSet<>();
            try {
                Snapshot snapshot = Snapshot.take(db, leader -> {
                    List<String> names = lockable(db.connection());
                    if (!names.isEmpty())
                        execute(
                                leader,
                                "LOCK TABLE "
                                        + names.stream()
                                                .map(name -> "ONLY " + name)
                                                .collect(Collectors.joining(", ")) + " IN ACCESS SHARE MODE");
                    locked.addAll(names);
                });
                if (locked.containsAll(lockable(snapshot.leader()))) return snapshot;
                snapshot.close(); // a table was made in between
            } catch (SQLException e) {
                boolean gone = SqlState.of(e).equals(SqlState.UNDEFINED_TABLE)
                        || SqlState.of(e).equals(SqlState.INVALID_SCHEMA_NAME); // a table was dropped in between
                if (SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) throw locked(db);
                if (!gone) throw e;
            }
            if (attempt == ATTEMPTS)
                throw Failure.locked(
                        "tables come and go on " + db + " faster than they can be locked",
                        "run it again when less is going on.");
        }
    }

    /** The failure (23) that names who locks tables against everybody. */
    public static Failure locked(Database db) throws SQLException {
        String who = Database.one(
                db.connection(),
                """
                SELECT string_agg(DISTINCT format('%s by pid %s, %s, user %s', l.relation::regclass, a.pid,
                                                  coalesce(nullif(a.application_name, ''), 'unknown program'), a.usename), '; ')
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock'
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
                String.class);
        return Failure.locked(
                "a table is locked: " + (who == null ? "it was freed just now" : who),
                "wait until that is done and run it again; nothing was written.");
    }

    private static List<String> lockable(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
                ORDER BY c.oid""",
                row -> row.getString(1));
    }

    /** The tables with rows of their own, the biggest first, by the name under which the file has them. */
    private List<Table> tables(Connection c) throws SQLException {
        Map<String, Storage> storage = new HashMap<>();
        Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, c.relname), pg_table_size(c.oid), coalesce(a.amname = 'heap', false), rn.nspname, r.relname
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
                LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid) LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
                WHERE c.relkind = 'r'""",
                row -> storage.put(
                        row.getString(1),
                        new Storage(
                                row.getLong(2),
                                row.getBoolean(3),
                                row.getString(4) == null ? null : new Target(row.getString(4), row.getString(5)))));
        List<Table> all = new ArrayList<>();
        Set<String> used = new HashSet<>();
        for (Schema.Data data : schema.data()) {
            Storage stored = storage.get(data.name());
            Target own = new Target(data.schema(), data.table());
            List<String> patterns = options.excludeTableData.stream()
                    .filter(pattern -> matches(pattern, own) || stored.root != null && matches(pattern, stored.root))
                    .toList();
            used.addAll(patterns);
            if (patterns.isEmpty())
                all.add(new Table(data, stored, data.loadThrough().equals(data.name()) ? own : stored.root));
            else excluded.add(own.toString());
        }
        for (String pattern : options.excludeTableData)
            if (!used.contains(pattern))
                throw Failure.usage(
                        "--exclude-table-data " + pattern + " is no table of " + db,
                        "name a table as schema.table; * and ? stand for letters.");
        all.sort(Comparator.comparingLong((Table table) -> table.storage.bytes).reversed());
        return all;
    }

    /** A pattern without a schema is one for tables of any schema. */
    private static boolean matches(String pattern, Target table) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return table.toString().matches(pattern.contains(".") ? regex : "[^.]*\\." + regex);
    }

    /** Refuses where the disk is plainly too small: compressed rows hardly ever take less than a twentieth of their tables. */
    private void checkSpace() throws IOException {
        long data = tables.stream().mapToLong(table -> table.storage.bytes).sum();
        long needed = options.compression == BackupFile.Compression.NONE ? data / 2 : data / 20;
        long free = Files.getFileStore(sink.folder()).getUsableSpace();
        if (free < needed)
            throw Failure.refused(
                    "the disk of " + sink.folder() + " has " + Format.bytes(free) + " left, and a backup of " + db
                            + " (tables: " + Format.bytes(data) + ") needs at least about " + Format.bytes(needed),
                    "make room there, or name another folder with --dir or BACKUP_DIR.");
    }

    /** The definitions: ours or, where they are asked for or one is beyond the reader, pg_dump's. */
    private record Definitions(String from, String preData, String postData) {}

    private Definitions definitions(Connection leader) throws SQLException, IOException {
        List<String> beyond = schema.unsupported();
        if (beyond.isEmpty() && !options.schemaFromPgDump)
            return new Definitions("reader", ddl(Schema.Section.PRE_DATA), ddl(Schema.Section.POST_DATA));
        if (beyond.stream().anyMatch(object -> object.startsWith("BLOB ")))
            throw unsupported(beyond, "use pg_dump itself for this database: large objects are in no backup of ours.");
        int server = leader.getMetaData().getDatabaseMajorVersion();
        if (!options.schemaFromPgDump && PgDump.forServer(server, db.settings()).isEmpty())
            throw unsupported(
                    beyond,
                    "put a pg_dump of version " + server
                            + " or newer on the PATH: the definitions are then taken from it.");
        PgDump dump = PgDump.required(server, db.settings());
        if (!options.schemaFromPgDump)
            db.out()
                    .note("The definitions are taken from " + dump.program() + ", for the schema reader does not know: "
                            + some(beyond) + ".");
        return new Definitions(
                "pg_dump", dump.section(db, "pre-data", snapshot.id()), dump.section(db, "post-data", snapshot.id()));
    }

    private String ddl(Schema.Section section) {
        return schema.items().stream()
                .filter(item -> item.section() == section)
                .map(item -> item.ddl() + "\n\n")
                .collect(Collectors.joining());
    }

    private Failure unsupported(List<String> objects, String next) {
        return new Failure(Failure.Kind.DAMAGED, db + " has what a backup cannot hold: " + some(objects), next, null);
    }

    private static String some(List<String> objects) {
        int most = 10;
        return objects.stream().limit(most).collect(Collectors.joining(", "))
                + (objects.size() > most ? " and " + (objects.size() - most) + " more" : "");
    }

    // -- what is written

    private String header() {
        return """
                -- avdaily backup, format %d: database %s, PostgreSQL %s, %s
                -- Restore it with avdaily-restore, or decompress it into: psql -X -v ON_ERROR_STOP=1 DATABASE

                SET statement_timeout = 0;
                SET lock_timeout = 0;
                SET idle_in_transaction_session_timeout = 0;
                SET client_encoding = 'UTF8';
                SET standard_conforming_strings = on;
                SELECT pg_catalog.set_config('search_path', '', false);
                SET check_function_bodies = false;
                SET xmloption = content;
                SET client_min_messages = warning;
                SET row_security = off;

                """
                .formatted(
                        BackupFile.FORMAT,
                        db.name().replaceAll("\\R", " "),
                        serverVersion(),
                        start.truncatedTo(ChronoUnit.SECONDS));
    }

    private void text(String section, String sql) throws IOException {
        if (sql.isEmpty()) return;
        try (BackupSink.Part part = sink.part(section, null)) {
            part.write(sql);
            part.end(0);
        }
    }

    /** Where the sequences stand. They do not obey the snapshot; they may only be further than its rows, which does no harm. */
    private String sequences() {
        return schema.sequences().stream()
                .map(sequence -> "SELECT pg_catalog.setval('"
                        + (Sql.quoted(sequence.schema()) + "." + Sql.quoted(sequence.name())).replace("'", "''") + "', "
                        + sequence.lastValue() + ", " + sequence.isCalled() + ");\n")
                .collect(Collectors.joining());
    }

    // -- rows

    private void copyTables() throws Exception {
        rows = counters();
        bytes = counters();
        Queue<Range> queue = new ConcurrentLinkedQueue<>(ranges());
        int workers = Math.min(options.jobs, queue.size());
        ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, workers));
        try (ProgressBar bar = db.out()
                .progress("Backup", queue.stream().mapToLong(Range::weight).sum(), " MB", 1 << 20)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < workers; i++) all.add(pool.submit(() -> work(queue, bar)));
            for (Future<?> worker : all) worker.get();
            if (failure.get() != null) throw failure.get();
            for (Range range; (range = contended.poll()) != null; ) copy(snapshot.leader(), range, bar);
        } finally {
            stopped.set(true);
            pool.shutdownNow();
        }
    }

    private AtomicLong[] counters() {
        return targets.keySet().stream().map(target -> new AtomicLong()).toArray(AtomicLong[]::new);
    }

    private List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            Table table = tables.get(i);
            long blocks = table.data.pages();
            long pieces = table.storage.isHeap && table.data.condition() == null
                    ? Math.max(1, Math.min(blocks, table.storage.bytes / RANGE_BYTES))
                    : 1;
            long step = (blocks + pieces - 1) / pieces;
            for (long piece = 0; piece < pieces; piece++)
                ranges.add(new Range(
                        i,
                        piece * step,
                        piece == pieces - 1 ? 0 : (piece + 1) * step,
                        Math.max(1, table.storage.bytes / pieces)));
        }
        return ranges;
    }

    /** Copies range after range, each of a table that this connection has locked too. */
    private void work(Queue<Range> queue, ProgressBar bar) {
        Set<Integer> locked = new HashSet<>();
        try (Connection c = snapshot.join()) {
            for (Range range; !stopped.get() && (range = queue.poll()) != null; ) {
                if (locked.size() == MOST_LOCKS) {
                    snapshot.rejoin(c);
                    locked.clear();
                }
                if (locked.contains(range.table) || lock(c, range, locked)) copy(c, range, bar);
                else contended.add(range);
            }
        } catch (Exception | OutOfMemoryError e) {
            failure.compareAndSet(null, e instanceof Exception exception ? exception : tooBig(e));
            stopped.set(true);
        }
    }

    /**
     * Does not wait: where another session waits to change the table, it waits for the leader's lock, and this connection
     * would wait behind it for ever. The leader copies such a table.
     */
    private boolean lock(Connection c, Range range, Set<Integer> locked) throws SQLException {
        try {
            execute(c, "LOCK TABLE ONLY " + tables.get(range.table).data.name() + " IN ACCESS SHARE MODE NOWAIT");
            return locked.add(range.table);
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) throw e;
            snapshot.rejoin(c);
            locked.clear();
            return false;
        }
    }

    private void copy(Connection c, Range range, ProgressBar bar) throws SQLException, IOException {
        Table table = tables.get(range.table);
        int target = targets.get(table.target);
        CopyOut copy = c.unwrap(PGConnection.class).getCopyAPI().copyOut(query(table, range));
        long counted = 0;
        byte[] row = copy.readFromCopy();
        while (row != null) {
            try (BackupSink.Part part = sink.part("data", target)) {
                long rowsOfPart = 0;
                part.write("COPY " + table.data.loadThrough() + table.data.columnList() + " FROM stdin;\n");
                long before = part.bytes();
                for (; row != null && part.bytes() < PART_BYTES && part.held() < PART_HELD; row = copy.readFromCopy()) {
                    if (row[row.length - 1] != '\n') throw torn(table, "a line without its end");
                    part.write(row);
                    rowsOfPart++;
                }
                long bytesOfPart = part.bytes() - before;
                part.write("\\.\n\n");
                part.end(rowsOfPart);
                counted += rowsOfPart;
                bytes[target].addAndGet(bytesOfPart);
                say(bar, allRows.addAndGet(rowsOfPart), allBytes.addAndGet(bytesOfPart));
            }
            if (stopped.get()) return; // another worker failed
        }
        if (copy.getHandledRowCount() != counted)
            throw torn(table, "the server sent " + copy.getHandledRowCount() + " rows, and " + counted + " arrived");
        rows[target].addAndGet(counted);
        bar.stepBy(range.weight);
    }

    private static String query(Table table, Range range) {
        Schema.Data data = table.data;
        boolean whole = range.from == 0 && range.to == 0;
        if (whole && data.condition() == null) return "COPY " + data.name() + data.columnList() + " TO STDOUT";
        String rows = whole
                ? data.condition()
                : "WHERE ctid >= '(" + range.from + ",0)'"
                        + (range.to == 0 ? "" : " AND ctid < '(" + range.to + ",0)'");
        return "COPY (SELECT " + data.columns().stream().map(Sql::quoted).collect(Collectors.joining(", "))
                + " FROM ONLY " + data.name() + " " + rows + ") TO STDOUT";
    }

    private Failure torn(Table table, String how) {
        return new Failure(
                Failure.Kind.ERROR,
                "the rows of " + table.data.name() + " did not arrive whole: " + how,
                "run it again; nothing of this backup stays.",
                null);
    }

    private static Failure tooBig(Throwable e) {
        return new Failure(
                Failure.Kind.ERROR,
                "a row does not fit into memory ("
                        + Format.bytes(Runtime.getRuntime().maxMemory()) + ")",
                "give Java more: JAVA_TOOL_OPTIONS=-Xmx4g; fewer --jobs need less. Nothing of this backup stays.",
                e);
    }

    private static void say(ProgressBar bar, long rows, long bytes) {
        bar.setExtraMessage(" " + Format.count(rows, "row") + ", " + Format.bytes(bytes));
    }

    // -- what is known about it

    private BackupFile.Metadata metadata(
            Connection c, Definitions definitions, String sha256, long size, List<BackupFile.Part> parts) {
        try {
            JsonNode database = Json.tree(Database.one(
                    c,
                    """
                    SELECT (to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(encoding), 'size', pg_database_size(oid)))::text
                    FROM pg_database d WHERE datname = current_database()""",
                    String.class));
            String flyway =
                    Database.one(c, "SELECT to_regclass('public.flyway_schema_history') IS NOT NULL", Boolean.class)
                            ? Database.one(
                                    c,
                                    "SELECT version FROM public.flyway_schema_history WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1",
                                    String.class)
                            : null;
            List<BackupFile.Table> copied = new ArrayList<>();
            targets.forEach((target, i) ->
                    copied.add(new BackupFile.Table(target.schema, target.name, rows[i].get(), bytes[i].get())));
            return new BackupFile.Metadata(
                    BackupFile.FORMAT,
                    Invocation.VERSION,
                    start.truncatedTo(ChronoUnit.MILLIS).toString(),
                    db.environment().toString(),
                    db.name(),
                    serverVersion(),
                    flyway,
                    schema.unsupported().isEmpty() ? schema.fingerprint() : null,
                    options.compression,
                    options.encryptTo,
                    sha256,
                    size,
                    database.path("size").asLong(),
                    Duration.between(start, Instant.now()).toMillis(),
                    definitions.from,
                    locale(database),
                    schema.roles(),
                    schema.extensions(),
                    excluded,
                    copied,
                    parts.stream()
                            .sorted(Comparator.comparingLong(BackupFile.Part::offset))
                            .toList());
        } catch (SQLException e) {
            throw new Failure(
                    Failure.Kind.ERROR,
                    "what is known about the backup cannot be read: " + e.getMessage(),
                    "run it again; nothing of this backup stays.",
                    e);
        }
    }

    private static BackupFile.Locale locale(JsonNode database) {
        String provider = Map.of("i", "icu", "b", "builtin")
                .getOrDefault(database.path("datlocprovider").asText("c"), "libc");
        String locale =
                database.path("datlocale").asText(database.path("daticulocale").asText(null));
        return new BackupFile.Locale(
                database.path("encoding").asText(),
                provider,
                database.path("datcollate").asText(),
                database.path("datctype").asText(),
                locale,
                database.path("datcollversion").asText(null));
    }

    private String serverVersion() {
        try {
            return snapshot.leader().getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(Connection c, String sql) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.execute(sql);
        }
    }
}
