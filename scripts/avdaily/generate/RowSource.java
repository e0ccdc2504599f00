package avdaily.generate;

import java.util.List;

/**
 * Where the rows of a volume come from: tables in the order of their references, each in blocks that can be made one by
 * one, in any order.
 */
public interface RowSource {
    /** How rows are written for COPY. */
    enum Format {
        /** The fastest, for types whose binary form is known. */
        BINARY,
        /** As the server reads the text of any type. */
        TEXT
    }

    /** A table to fill, and the columns whose values each row brings. */
    record Target(String table, List<String> columns, Format format) {
        public Target(String table, List<String> columns) {
            this(table, columns, Format.BINARY);
        }
    }

    List<Target> targets();

    /** How many blocks the table has; each is small enough to be held in memory some times over. */
    long blocks(Target target);

    /** Writes the rows of one block; several threads do this at the same time. */
    void write(Target target, long block, BinaryCopyBuffer rows);
}
