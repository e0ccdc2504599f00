package avdaily.restore;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deals the pieces with rows out to connections. As long as there are enough tables, each connection has its own: two
 * in one table wait for each other whenever the table grows. Towards the end they help each other.
 */
final class PartScheduler {
    private final Map<Integer, Table> tables = new HashMap<>();

    private static final class Table {
        private final Deque<DumpReader.Piece> waiting = new ArrayDeque<>();
        private long bytes;
        private int atWork;

        private long bytesForEach() {
            return bytes / (atWork + 1);
        }
    }

    PartScheduler(List<DumpReader.Piece> pieces) {
        for (DumpReader.Piece piece : pieces) {
            Table table = tables.computeIfAbsent(piece.part().table(), key -> new Table());
            table.waiting.add(piece);
            table.bytes += piece.part().length();
        }
    }

    /** The piece to do next; nothing if all are dealt out. */
    synchronized Optional<DumpReader.Piece> next() {
        Optional<Table> most = tables.values().stream()
                .filter(table -> !table.waiting.isEmpty())
                .max(Comparator.comparingLong(Table::bytesForEach));
        return most.map(table -> {
            DumpReader.Piece piece = table.waiting.remove();
            table.bytes -= piece.part().length();
            table.atWork++;
            return piece;
        });
    }

    synchronized void done(DumpReader.Piece piece) {
        tables.get(piece.part().table()).atWork--;
    }
}
