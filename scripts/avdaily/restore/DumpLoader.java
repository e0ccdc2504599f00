package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.SqlFile;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Runs a dump on an empty database, in the order of the file. With workers, COPY blocks and the indexes and constraints after
 * them run beside each other; any other statement waits until they are done.
 */
final class DumpLoader {
    private static final int BATCH = 500;
    private static final int BATCH_BYTES = 1 << 20;
    private static final Set<String> UNDEFINED = Set.of("42P01", "42704", "42883", "42703", "3F000", "42P02", "3D000");
    /** A view without its query, as --clean makes one to free what the query depends on. */
    private static final Pattern STAND_IN = Pattern.compile("(?is)CREATE OR REPLACE VIEW .*? AS\\s+SELECT\\s+NULL::.*");

    private final DumpReader dump;
    private final Connection main;
    private final boolean oneTransaction;
    private final Workers workers;
    private final Set<String> absentRoles;
    private final boolean noOwner;
    private final Set<String> settings;
    private final Map<String, Long> loaded = new ConcurrentHashMap<>();
    private final Set<String> skipped = new LinkedHashSet<>();
    private final List<SqlFile.Statement> batch = new ArrayList<>();
    private final List<DumpStatement> run = new ArrayList<>();
    private final List<DumpStatement> foreignKeys = new ArrayList<>();
    private final List<DumpStatement> annotations = new ArrayList<>();
    private int batchBytes;
    private boolean inHeader = true;
    private boolean cleaning;
    private boolean inBlock;
    private int uncommitted;

    /**
     * @param oneTransaction whether the caller commits, once and at the end
     * @param workers the connections beside {@code main}, or null
     * @param absentRoles roles that the server lacks, where {@code noOwner} lets go without them
     */
    DumpLoader(
            DumpReader dump,
            Connection main,
            boolean oneTransaction,
            Workers workers,
            boolean noOwner,
            Set<String> absentRoles)
            throws SQLException {
        this.dump = dump;
        this.main = main;
        this.oneTransaction = oneTransaction;
        this.workers = workers;
        this.noOwner = noOwner;
        this.absentRoles = absentRoles;
        this.settings =
                new HashSet<>(Database.list(main, "SELECT lower(name) FROM pg_settings", row -> row.getString(1)));
    }

    /** What was left out, said for people. */
    Set<String> skipped() {
        return skipped;
    }

    /** @throws Failure with the line where the server did not accept something */
    void load() throws Exception {
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
            progress.run();
        }
    }

    /** Each worker reads what it loads. */
    private void runPieces(ProgressBar bar) throws Exception {
        List<DumpReader.Piece> rows = new ArrayList<>();
        for (DumpReader.Piece piece : dump.pieces()) {
            if (piece.isRows()) {
                rows.add(piece);
            } else {
                copy(rows, bar);
                try (SqlFile sql = dump.open(piece)) {
                    run(sql, () -> {});
                }
            }
        }
        copy(rows, bar);
    }

    private void copy(List<DumpReader.Piece> rows, ProgressBar bar) throws Exception {
        if (rows.isEmpty()) return;
        beforeRows();
        workers.copy(dump, rows, loaded, bar::stepBy);
        rows.clear();
    }

    private void execute(DumpStatement step) throws Exception {
        if (inHeader && step.kind() != DumpStatement.Kind.SETTING && step.kind() != DumpStatement.Kind.ENCODING)
            inHeader = false;
        if (isLeftOut(step)) return;
        switch (step.kind()) {
            case INSERT -> insert(step.statement());
            case SEQUENCE_VALUE -> now(step.statement());
            case INDEX, KEY -> later(step, run);
            case FOREIGN_KEY -> later(step, foreignKeys);
            case ANNOTATION -> {
                if (run.isEmpty()) alone(step.statement());
                else annotations.add(step);
            }
            case SETTING -> {
                settle();
                now(step.statement());
                if (workers != null) workers.everywhere(step.statement());
            }
            case DROP -> {
                cleaning = true;
                unneeded(step.statement());
            }
            default -> {
                if (cleaning && STAND_IN.matcher(step.statement().text()).matches()) unneeded(step.statement());
                else alone(step.statement());
            }
        }
    }

    /** What the reader or the target looks after, and what --no-owner leaves out. */
    private boolean isLeftOut(DumpStatement step) {
        switch (step.kind()) {
            case ENCODING, DATABASE -> {
                return true;
            }
            case TRANSACTION -> {
                inBlock = step.statement().text().regionMatches(true, 0, "BEGIN", 0, 5)
                        || step.statement().text().regionMatches(true, 0, "START", 0, 5);
                return true;
            }
            case DATABASE_PROPERTY -> {
                skipped.add("the database's own options, comment and grants in the file: the target keeps its own");
                return true;
            }
            case SETTING -> {
                String name = step.name();
                boolean obsolete = "default_with_oids".equals(name);
                if (name == null
                        || name.isEmpty()
                        || name.contains(".")
                        || settings.contains(name)
                        || !(inHeader || obsolete)) return false;
                if (Set.of("time", "role", "transaction", "constraints").contains(name)) return false;
                skipped.add("SET " + name + ": this server does not know it");
                return true;
            }
            case OWNER -> {
                if (noOwner) skipped.add("owners: everything belongs to the role that restores");
                return noOwner;
            }
            case GRANT -> {
                List<String> absent =
                        step.roles().stream().filter(absentRoles::contains).toList();
                absent.forEach(role -> skipped.add("grants to " + role + ": there is no such role"));
                return !absent.isEmpty();
            }
            default -> {
                return false;
            }
        }
    }

    private void later(DumpStatement step, List<DumpStatement> list) throws Exception {
        if (workers == null) {
            alone(step.statement());
            return;
        }
        if (step.kind() != DumpStatement.Kind.FOREIGN_KEY && !foreignKeys.isEmpty()) settle();
        list.add(step);
    }

    /** Runs a statement when everything before it is done. */
    private void alone(SqlFile.Statement statement) throws Exception {
        cleaning = false;
        settle();
        now(statement);
    }

    private void now(SqlFile.Statement statement) throws SQLException {
        flush();
        try {
            Database.run(main, statement.text());
        } catch (SQLException e) {
            throw refused(statement, e);
        }
        commitSometimes();
    }

    /** What a dump with --clean drops first is not there: the target is empty. */
    private void unneeded(SqlFile.Statement statement) throws Exception {
        settle();
        Savepoint before = main.setSavepoint();
        try {
            Database.run(main, statement.text());
            main.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!UNDEFINED.contains(String.valueOf(e.getSQLState()))) throw refused(statement, e);
            main.rollback(before);
        }
        commitSometimes();
    }

    private void insert(SqlFile.Statement statement) throws Exception {
        if (workers != null) settle();
        batch.add(statement);
        batchBytes += statement.text().length();
        if (batch.size() >= BATCH || batchBytes >= BATCH_BYTES) flush();
    }

    /** Sends the INSERTs that were collected. */
    private void flush() throws SQLException {
        if (batch.isEmpty()) return;
        try (Statement s = main.createStatement()) {
            s.setEscapeProcessing(false);
            for (SqlFile.Statement insert : batch) s.addBatch(insert.text());
            s.executeBatch();
        } catch (BatchUpdateException e) {
            int failed = 0;
            while (failed < e.getUpdateCounts().length - 1 && e.getUpdateCounts()[failed] != Statement.EXECUTE_FAILED)
                failed++;
            throw refused(
                    batch.get(Math.min(failed, batch.size() - 1)),
                    e.getNextException() == null ? e : e.getNextException());
        }
        uncommitted += batch.size();
        batch.clear();
        batchBytes = 0;
        commitSometimes();
    }

    private void commitSometimes() throws SQLException {
        if (oneTransaction || inBlock || ++uncommitted < BATCH) return;
        main.commit();
        uncommitted = 0;
    }

    private void copy(SqlFile.Copy copy, Runnable progress) throws Exception {
        if (workers != null) {
            beforeRows();
            workers.copy(copy, loaded);
            return;
        }
        inHeader = false;
        flush();
        try {
            CopyIn in = main.unwrap(PGConnection.class).getCopyAPI().copyIn(copy.text());
            byte[] piece = new byte[1 << 18];
            for (int n; (n = copy.rows().read(piece)) >= 0; progress.run()) in.writeToCopy(piece, 0, n);
            loaded.merge(copy.table(), in.endCopy(), Long::sum);
        } catch (SQLException e) {
            throw refused(copy.line(), copy.text(), e);
        }
    }

    /** The workers see only what was committed. */
    private void beforeRows() throws Exception {
        inHeader = false;
        if (!run.isEmpty() || !foreignKeys.isEmpty()) settle();
        main.commit();
    }

    /** Waits for what runs beside, and runs what was put off. */
    private void settle() throws Exception {
        flush();
        if (workers == null) return;
        workers.await();
        if (run.isEmpty() && foreignKeys.isEmpty() && annotations.isEmpty()) return;
        main.commit();
        workers.run(run, dump.rows);
        run.clear();
        List<DumpStatement> held = List.copyOf(annotations);
        annotations.clear();
        for (DumpStatement annotation : held) now(annotation.statement());
        main.commit();
        workers.run(foreignKeys, dump.rows);
        foreignKeys.clear();
    }

    private void compare() {
        dump.rows.forEach((table, expected) -> {
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

    static Failure refused(SqlFile.Statement statement, SQLException e) {
        return refused(statement.line(), DumpReader.head(statement), e);
    }

    static Failure refused(long line, String head, SQLException e) {
        Failure known = Failures.explain(e);
        return new Failure(
                known.kind,
                "line " + line + " of the file (" + head + "): " + Failures.message(e),
                known.kind == Failure.Kind.ERROR
                        ? "nothing was changed; correct what the message names, then run it again."
                        : known.next,
                e);
    }

    /** Applies what holds for every session that loads, whatever the role's or the database's own settings are. */
    static Connection prepared(Connection c, boolean durable) throws SQLException {
        for (String setting : List.of(
                "statement_timeout = 0",
                "idle_in_transaction_session_timeout = 0",
                "default_transaction_read_only = off",
                "row_security = off",
                "client_min_messages = warning")) Database.run(c, "SET " + setting);
        if (!durable) Database.run(c, "SET synchronous_commit = off"); // the commit of the swap makes all of it durable
        return c;
    }
}
