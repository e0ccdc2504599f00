package avdaily.restore;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deals the pieces with rows out to connections. As long as there are enough tables, each connection has its own: two
 * in one table wait for each other whenever the table grows, and one alone may write its rows frozen. Towards the end
 * they help each other.
 */
final class PartScheduler {
    /** A table with fewer bytes in the file is not worth a transaction of its own. */
    private static final int LEAST_ALONE = 1 << 20;

    private final Map<Integer, Table> tables = new TreeMap<>();
    private int waiting;
    private boolean isStopped;

    private static final class Table {
        private final int place;
        private final Deque<DumpReader.Piece> pieces = new ArrayDeque<>();
        private long bytes;
        private int atWork;
        private boolean isBegun;
        private boolean isAlone;

        private Table(int place) {
            this.place = place;
        }

        private boolean isFree() {
            return !pieces.isEmpty() && !isAlone;
        }

        private long bytesForEach() {
            return bytes / (atWork + 1);
        }
    }

    /** What a connection does next: one piece of a table, or as many of them as it can have for itself. */
    final class Turn implements AutoCloseable {
        private final Table table;
        private final boolean isAlone;
        private boolean isBegun;

        private Turn(Table table) {
            this.table = table;
            isAlone = !table.isBegun && table.bytes >= LEAST_ALONE;
            table.isBegun = true;
            table.isAlone = isAlone;
            table.atWork++;
        }

        /** The place of the table in the metadata. */
        int table() {
            return table.place;
        }

        /** Whether nobody was in the table before, and nobody else is until this turn ends. */
        boolean isAlone() {
            return isAlone;
        }

        /** The piece to do next; nothing if the turn is at its end, or another connection waits for work. */
        Optional<DumpReader.Piece> next() {
            synchronized (PartScheduler.this) {
                boolean isOver = isStopped || isBegun && (!isAlone || waiting > 0);
                isBegun = true;
                if (isOver || table.pieces.isEmpty()) return Optional.empty();
                DumpReader.Piece piece = table.pieces.remove();
                table.bytes -= piece.part().length();
                return Optional.of(piece);
            }
        }

        @Override
        public void close() {
            synchronized (PartScheduler.this) {
                table.atWork--;
                if (isAlone) table.isAlone = false;
                PartScheduler.this.notifyAll();
            }
        }
    }

    PartScheduler(Collection<DumpReader.Piece> pieces) {
        for (DumpReader.Piece piece : pieces) {
            Table table = tables.computeIfAbsent(piece.part().table(), Table::new);
            table.pieces.add(piece);
            table.bytes += piece.part().length();
        }
    }

    /** Waits for a turn; nothing if all is dealt out. */
    synchronized Optional<Turn> next() throws InterruptedException {
        while (!isStopped && tables.values().stream().anyMatch(table -> !table.pieces.isEmpty())) {
            Optional<Table> most = tables.values().stream()
                    .filter(Table::isFree)
                    .max(Comparator.comparingLong(Table::bytesForEach));
            if (most.isPresent()) return most.map(Turn::new);
            waiting++;
            wait();
            waiting--;
        }
        return Optional.empty();
    }

    /** From now on there is nothing to do. */
    synchronized void stop() {
        isStopped = true;
        notifyAll();
    }
}
