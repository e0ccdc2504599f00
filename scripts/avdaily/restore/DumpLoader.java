package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Place;
import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.db.SingleStatement;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import org.postgresql.copy.CopyIn;
import org.postgresql.core.BaseConnection;

/**
 * Runs a dump on an empty database, in the order of the file. With workers, COPY blocks and the indexes and constraints
 * after them run at the same time; any other statement waits until they are done.
 */
final class DumpLoader {
    private static final int STATEMENTS_A_COMMIT = 500;
    /** So many statements wait in memory, and no more. */
    private static final int MOST_HELD = 50_000;

    private static final Set<String> UNDEFINED = Set.of(
            SqlState.UNDEFINED_TABLE,
            SqlState.UNDEFINED_OBJECT,
            SqlState.UNDEFINED_FUNCTION,
            SqlState.UNDEFINED_COLUMN,
            SqlState.INVALID_SCHEMA_NAME,
            SqlState.UNDEFINED_PARAMETER,
            SqlState.INVALID_CATALOG_NAME);
    /** A view without its query, as --clean makes one to free what the query depends on. */
    private static final Pattern STAND_IN = Pattern.compile("(?is)CREATE OR REPLACE VIEW .*? AS\\s+SELECT\\s+NULL::.*");

    private enum Transactions {
        /** The caller commits, once and at the end. */
        ONE,
        /** The loader commits when it is useful. */
        MANY
    }

    private final DumpReader dump;
    private final Connection main;
    private final DumpFilter filter;
    private final Transactions transactions;
    private final Workers workers; // null without
    private final ExtensionInstaller installer; // null without
    private final Map<String, Long> loaded = new ConcurrentHashMap<>();
    private final InsertBatch inserts;
    private final List<DumpStatement> indexes = new ArrayList<>();
    private final List<DumpStatement> foreignKeys = new ArrayList<>();
    private final List<DumpStatement> annotations = new ArrayList<>();
    private DateStyle dateStyle;
    private boolean isInHeader = true;
    private boolean isCleaning;
    private boolean isInBlock;
    private int uncommitted;

    private DumpLoader(
            DumpReader dump,
            Connection main,
            DumpFilter filter,
            Transactions transactions,
            LoadingSession session,
            Workers workers,
            ExtensionInstaller installer) {
        this.dump = dump;
        this.main = main;
        this.inserts = new InsertBatch(main);
        this.filter = filter;
        this.transactions = transactions;
        this.dateStyle = session.dateStyle();
        this.workers = workers;
        this.installer = installer;
    }

    /**
     * A loader that leaves the commit to its caller.
     *
     * @param session that {@code main} began with
     */
    static DumpLoader inOneTransaction(DumpReader dump, Connection main, LoadingSession session, DumpFilter filter) {
        return new DumpLoader(dump, main, filter, Transactions.ONE, session, null, null);
    }

    /**
     * A loader that commits when it is useful.
     *
     * @param session that {@code main} and the workers began with
     * @param workers the connections beside {@code main}, or null
     * @param installer for extensions that {@code main} may not install, or null
     */
    static DumpLoader committing(
            DumpReader dump,
            Connection main,
            LoadingSession session,
            DumpFilter filter,
            Workers workers,
            ExtensionInstaller installer) {
        return new DumpLoader(dump, main, filter, Transactions.MANY, session, workers, installer);
    }

    /** @throws Failure with the line of what the server did not accept */
    void load() throws Exception {
        try {
            loadAll();
        } catch (StatementFailure e) {
            throw e.at(new Place(dump.file().place(), (int) Math.min(e.line, Integer.MAX_VALUE)));
        }
    }

    private void loadAll() throws Exception {
        dump.mustBeWhole();
        main.setAutoCommit(false);
        try (ProgressBar bar = dump.out().progress("Restoring", dump.bytes(), " MB", 1 << 20)) {
            if (workers == null || dump.pieces().isEmpty()) {
                try (SqlFile sql = dump.open()) {
                    run(sql, () -> bar.stepTo(sql.bytes()));
                }
            } else {
                runPieces(bar);
            }
            settle();
        }
        compare();
        dump.verifyUnchanged();
    }

    private void run(SqlFile sql, Runnable progress) throws Exception {
        for (SqlFile.Part part = sql.next(); part != null; part = sql.next()) {
            if (part instanceof SqlFile.Copy copy) copy(copy, progress);
            else if (part instanceof SqlFile.Statement statement) execute(DumpStatement.of(statement));
            sql.verifyStrings(main.unwrap(BaseConnection.class).getStandardConformingStrings());
            progress.run();
        }
    }

    /** Each worker reads what it loads. */
    private void runPieces(ProgressBar bar) throws Exception {
        List<DumpReader.Piece> rows = new ArrayList<>();
        List<DumpReader.Piece> objects = new ArrayList<>();
        String function = "";
        for (DumpReader.Piece piece : dump.pieces()) {
            if (piece.isRows()) {
                if (!filter.leavesOutRows(dump.table(piece.part()))) rows.add(piece);
                continue;
            }
            copy(rows, bar);
            if (!dump.largeObjectFunction(piece).equals(function)) makeObjects(objects);
            function = dump.largeObjectFunction(piece);
            if (!function.isEmpty() && filter.takesLargeObjects()) objects.add(piece);
            else
                try (SqlFile sql = dump.open(piece)) {
                    run(sql, () -> {});
                }
        }
        copy(rows, bar);
        makeObjects(objects);
    }

    /** Large objects, from parts that do not depend on each other. */
    private void makeObjects(List<DumpReader.Piece> pieces) throws Exception {
        if (pieces.isEmpty()) return;
        beforeRows();
        workers.run(dump, pieces);
        pieces.clear();
    }

    private void copy(List<DumpReader.Piece> rows, ProgressBar bar) throws Exception {
        if (rows.isEmpty()) return;
        beforeRows();
        workers.copy(new PartLoader(dump, rows, loaded, bar::stepBy));
        rows.clear();
    }

    private void execute(DumpStatement step) throws Exception {
        if (step.kind() != DumpStatement.Kind.SETTING && step.kind() != DumpStatement.Kind.ENCODING) isInHeader = false;
        if (step.kind() == DumpStatement.Kind.TRANSACTION) isInBlock = begins(step.statement());
        if (filter.leavesOut(step, isInHeader)) return;
        switch (step.kind()) {
            case INSERT -> insert(step.statement());
            case SEQUENCE_VALUE -> now(step.statement());
            case INDEX, KEY -> later(step, indexes);
            case FOREIGN_KEY -> later(step, foreignKeys);
            case ANNOTATION -> {
                if (indexes.isEmpty()) alone(step.statement());
                else annotations.add(step);
            }
            case EXTENSION -> extension(step);
            case SETTING -> set(step);
            case REFRESH -> refresh(step);
            case DROP -> {
                isCleaning = true;
                unneeded(step.statement());
            }
            default -> {
                if (installer != null && installer.takes(step, main)) return;
                if (isCleaning && STAND_IN.matcher(step.statement().text()).matches()) unneeded(step.statement());
                else alone(step.statement());
            }
        }
    }

    private void set(DumpStatement step) throws Exception {
        SqlFile.Statement statement = step.statement();
        if ("datestyle".equals(step.name())) {
            dateStyle = DateStyle.setBy(statement.text());
            statement = new SqlFile.Statement(statement.line(), dateStyle.isoStatement());
        }
        settle();
        mustBeOne(main, statement.line(), statement.text());
        try (Statement s = main.createStatement()) {
            s.setEscapeProcessing(false);
            s.execute(statement.text());
            for (SQLWarning warning = s.getWarnings(); warning != null; warning = warning.getNextWarning())
                filter.leaveOut(warning.getMessage());
        } catch (SQLException e) {
            throw StatementFailure.of(statement, e);
        }
        if (workers == null) return;
        main.commit(); // a setting may name what was just made
        workers.everywhere(statement);
    }

    private void refresh(DumpStatement step) throws Exception {
        SqlFile.Statement statement = step.statement();
        settle();
        mustBeOne(main, statement.line(), statement.text());
        try {
            Database.run(main, dateStyle.around(statement.text()));
        } catch (SQLException e) {
            throw StatementFailure.ofView(step, e);
        }
        commitSometimes();
    }

    private void extension(DumpStatement step) throws Exception {
        settle();
        try {
            if (installer == null || !installer.takes(step, main)) alone(step.statement());
        } catch (SQLException e) {
            throw StatementFailure.of(step.statement(), e);
        }
    }

    private static boolean begins(SqlFile.Statement statement) {
        String text = statement.text();
        return text.regionMatches(true, 0, "BEGIN", 0, 5) || text.regionMatches(true, 0, "START", 0, 5);
    }

    /** Puts a statement off until the rows are in. */
    private void later(DumpStatement step, List<DumpStatement> list) throws Exception {
        if (workers == null) {
            alone(step.statement());
            return;
        }
        if (step.kind() != DumpStatement.Kind.FOREIGN_KEY && !foreignKeys.isEmpty()) settle();
        list.add(step);
        if (list.size() >= MOST_HELD) settle();
    }

    /** Runs a statement when everything before it is done. */
    private void alone(SqlFile.Statement statement) throws Exception {
        isCleaning = false;
        settle();
        now(statement);
    }

    private void now(SqlFile.Statement statement) throws SQLException {
        flush();
        try {
            send(main, statement);
        } catch (SQLException e) {
            throw StatementFailure.of(statement, e);
        }
        commitSometimes();
    }

    static void send(Connection c, SqlFile.Statement statement) throws SQLException {
        mustBeOne(c, statement.line(), statement.text());
        Database.run(c, statement.text());
    }

    static OpenCopy<CopyIn> send(Connection c, SqlFile.Copy block) throws SQLException {
        mustBeOne(c, block.line(), block.text());
        return OpenCopy.in(c, block.text());
    }

    /** What is judged by its first words has to be all that is run. */
    private static void mustBeOne(Connection c, long line, String text) throws SQLException {
        if (!SingleStatement.is(c, text))
            throw new Failure(
                    Failure.Kind.DAMAGED,
                    "line " + line + " of the file (" + DumpContents.head(text)
                            + "): it is not clear where this statement ends",
                    "nothing was changed; use a dump that pg_dump wrote.",
                    null);
    }

    /** Runs a statement that a dump with --clean begins with; the target is empty, so that it may find nothing. */
    private void unneeded(SqlFile.Statement statement) throws Exception {
        settle();
        Savepoint before = main.setSavepoint();
        try {
            send(main, statement);
            main.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!UNDEFINED.contains(SqlState.of(e))) throw StatementFailure.of(statement, e);
            main.rollback(before);
        }
        commitSometimes();
    }

    private void insert(SqlFile.Statement statement) throws Exception {
        if (workers != null) settle();
        mustBeOne(main, statement.line(), statement.text());
        inserts.add(statement);
        if (inserts.isFull()) flush();
    }

    /** Sends the INSERTs that were collected. */
    private void flush() throws SQLException {
        uncommitted += inserts.send();
        commitSometimes();
    }

    private void commitSometimes() throws SQLException {
        if (transactions == Transactions.ONE || isInBlock || ++uncommitted < STATEMENTS_A_COMMIT) return;
        main.commit();
        uncommitted = 0;
    }

    private void copy(SqlFile.Copy copy, Runnable progress) throws Exception {
        if (filter.leavesOutRows(copy.table())) return;
        long rows = dump.contents().rows().getOrDefault(copy.table(), 0L);
        if (workers != null) {
            beforeRows();
            workers.copy(copy, rows, loaded);
            return;
        }
        isInHeader = false;
        flush();
        long count = new RowSender(main).send(copy, rows, false, (buffer, place) -> {
            progress.run();
            return copy.rows().read(buffer, place);
        });
        loaded.merge(copy.table(), count, Long::sum);
    }

    /** The workers see only what was committed. */
    private void beforeRows() throws Exception {
        isInHeader = false;
        if (!indexes.isEmpty() || !foreignKeys.isEmpty()) settle();
        main.commit();
    }

    /** Waits for the workers, then runs what was put off. */
    private void settle() throws Exception {
        flush();
        if (workers == null) return;
        workers.await();
        if (indexes.isEmpty() && foreignKeys.isEmpty() && annotations.isEmpty()) return;
        main.commit();
        workers.run(indexes, dump.contents().rows());
        indexes.clear();
        List<DumpStatement> held = List.copyOf(annotations);
        annotations.clear();
        for (DumpStatement annotation : held) now(annotation.statement());
        main.commit();
        workers.run(foreignKeys, dump.contents().rows());
        foreignKeys.clear();
    }

    private void compare() {
        dump.contents().rows().forEach((table, expected) -> {
            if (filter.leavesOutRows(table)) return;
            long got = loaded.getOrDefault(table, 0L);
            if (got != expected)
                throw new Failure(
                        Failure.Kind.ERROR,
                        table + " got " + Format.count(got, "row") + ", and the file has "
                                + Format.count(expected, "row"),
                        "nothing was changed; run it again.",
                        null);
        });
    }
}
