package avdaily.restore;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deals the pieces with rows out to connections: as long as there are enough tables each connection has its own, for two in one
 * table wait for each other whenever it grows; towards the end they help each other.
 */
final class Shares {
    private final Map<Integer, Table> tables = new HashMap<>();

    private static final class Table {
        private final Deque<Dump.Piece> waiting = new ArrayDeque<>();
        private long bytes;
        private int atWork;

        private long share() {
            return bytes / (atWork + 1);
        }
    }

    Shares(List<Dump.Piece> pieces) {
        for (Dump.Piece piece : pieces) {
            Table table = tables.computeIfAbsent(piece.part().table(), key -> new Table());
            table.waiting.add(piece);
            table.bytes += piece.part().length();
        }
    }

    /** The piece to do next; nothing where all are dealt out. */
    synchronized Optional<Dump.Piece> next() {
        Optional<Table> most = tables.values().stream().filter(table -> !table.waiting.isEmpty()).max(Comparator.comparingLong(Table::share));
        return most.map(table -> {
            Dump.Piece piece = table.waiting.remove();
            table.bytes -= piece.part().length();
            table.atWork++;
            return piece;
        });
    }

    synchronized void done(Dump.Piece piece) {
        tables.get(piece.part().table()).atWork--;
    }
}
