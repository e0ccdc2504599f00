package avdaily.restore;

import avdaily.db.Database;
import avdaily.sql.SqlFile;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Loads the parts of a dump with rows on several connections, each of which reads what it loads. */
final class PartLoader {
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
        RowSender sender = new RowSender(c);
        try {
            for (Optional<PartScheduler.Turn> next = scheduler.next(); next.isPresent(); next = scheduler.next())
                try (PartScheduler.Turn turn = next.get()) {
                    if (turn.isAlone()) Workers.inOneTransaction(c, () -> load(turn, sender, isEmptied(c, turn)));
                    else load(turn, sender, false);
                }
            isDone = true;
        } finally {
            if (!isDone) scheduler.stop();
        }
    }

    /** Rows that nobody saw yet are written as if a vacuum had been there: no later reader has to write them again. */
    private boolean isEmptied(Connection c, PartScheduler.Turn turn) throws SQLException {
        String target = dump.quotedTable(turn.table());
        try {
            if (!Boolean.TRUE.equals(Database.one(c, IS_EMPTY, Boolean.class, target))) return false;
            Database.run(c, "TRUNCATE ONLY " + target);
            return true;
        } catch (SQLException e) {
            c.rollback(); // to write rows takes fewer rights
            return false;
        }
    }

    private void load(PartScheduler.Turn turn, RowSender sender, boolean isFrozen) throws Exception {
        for (Optional<DumpReader.Piece> next = turn.next(); next.isPresent(); next = turn.next())
            load(next.get(), sender, isFrozen);
    }

    private void load(DumpReader.Piece piece, RowSender sender, boolean isFrozen) throws Exception {
        try (SqlFile sql = dump.open(piece)) {
            SqlFile.Copy block = dump.block(piece.part(), sql);
            long rows = dump.contents().rows().getOrDefault(block.table(), 0L);
            RowSender.Source source = (buffer, place) -> read(block.rows(), piece.isKnown(), buffer, place);
            long count = sender.send(block, rows, isFrozen, source);
            dump.checkCount(piece.part(), count);
            loaded.merge(block.table(), count, Long::sum);
        }
    }

    private int read(SqlFile.Rows rows, boolean isKnown, byte[] buffer, int place) throws IOException {
        int n = isKnown
                ? rows.readUnchecked(buffer, place, DumpReader.END_OF_BLOCK)
                : rows.read(buffer, place);
        progress.accept(Math.max(0, n));
        return n;
    }
}
