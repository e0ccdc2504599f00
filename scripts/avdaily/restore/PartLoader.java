package avdaily.restore;

import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.sql.SqlFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.postgresql.copy.CopyIn;

/** Loads the parts of a dump with rows on several connections, each of which reads what it loads. */
final class PartLoader {
    private static final int PIECE = 1 << 18;
    /** An extension may have filled it already. */
    private static final String IS_EMPTY =
            """
            SELECT relkind OPERATOR(pg_catalog.=) 'r' AND pg_catalog.pg_relation_size(oid) OPERATOR(pg_catalog.=) 0
            FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.=) ?::pg_catalog.regclass""";

    private final DumpReader dump;
    private final PartScheduler scheduler;
    private final Map<String, Long> loaded;
    private final LongConsumer progress;

    /**
     * @param loaded takes the number of rows of each table
     * @param progress is told the bytes that were sent
     */
    PartLoader(DumpReader dump, List<DumpReader.Piece> pieces, Map<String, Long> loaded, LongConsumer progress) {
        this.dump = dump;
        this.scheduler = new PartScheduler(pieces);
        this.loaded = loaded;
        this.progress = progress;
    }

    /** Loads parts until none is left. A failure here ends the work of the other connections, too. */
    void load(Connection c) throws Exception {
        boolean isDone = false;
        try {
            for (Optional<PartScheduler.Turn> next = scheduler.next(); next.isPresent(); next = scheduler.next())
                try (PartScheduler.Turn turn = next.get()) {
                    if (turn.isAlone()) Workers.inOneTransaction(c, () -> loadAlone(c, turn));
                    else load(c, turn, false);
                }
            isDone = true;
        } finally {
            if (!isDone) scheduler.stop();
        }
    }

    /** Rows that nobody saw yet are written as if a vacuum had been there: no later reader has to write them again. */
    private void loadAlone(Connection c, PartScheduler.Turn turn) throws Exception {
        String target = dump.quotedTable(turn.table());
        boolean isEmptied = false;
        try {
            isEmptied = Boolean.TRUE.equals(Database.one(c, IS_EMPTY, Boolean.class, target));
            if (isEmptied) Database.run(c, "TRUNCATE ONLY " + target);
        } catch (SQLException e) {
            c.rollback(); // to write rows takes fewer rights
            isEmptied = false;
        }
        load(c, turn, isEmptied);
    }

    private void load(Connection c, PartScheduler.Turn turn, boolean isFrozen) throws Exception {
        for (Optional<DumpReader.Piece> next = turn.next(); next.isPresent(); next = turn.next())
            load(c, next.get(), isFrozen);
    }

    private void load(Connection c, DumpReader.Piece piece, boolean isFrozen) throws Exception {
        try (SqlFile sql = dump.open(piece)) {
            SqlFile.Copy block = dump.block(piece.part(), sql);
            long count = send(c, isFrozen ? block.frozen() : block, piece.isKnown());
            dump.checkCount(piece.part(), count);
            loaded.merge(block.table(), count, Long::sum);
        }
    }

    private long send(Connection c, SqlFile.Copy block, boolean isKnown) throws Exception {
        SqlFile.Rows rows = block.rows();
        try (OpenCopy<CopyIn> in = DumpLoader.send(c, block)) {
            byte[] buffer = new byte[PIECE];
            for (int n; (n = isKnown ? rows.readUnchecked(buffer, DumpReader.END_OF_BLOCK) : rows.read(buffer)) >= 0;
                    progress.accept(n)) in.rows().writeToCopy(buffer, 0, n);
            return in.rows().endCopy();
        } catch (SQLException e) {
            throw StatementFailure.of(block, e);
        }
    }
}
