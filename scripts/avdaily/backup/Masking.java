package avdaily.backup;

import java.util.List;
import java.util.Optional;

/** Puts masks in the place of personal values and secrets, in all that is about to be written. */
public interface Masking {
    /**
     * Of a table.
     *
     * @param columns those of its rows, in their order
     * @throws avdaily.base.Failure (21) if a column cannot be masked
     */
    OfTable of(String schema, String table, List<String> columns);

    /** What a setting of the database has for a value; nothing if it is left out. */
    Optional<String> setting(String name, String value);

    /** Definitions without the passwords that are in them. */
    String definitions(String ddl);

    /** Of one table's rows; several threads may ask. */
    interface OfTable {
        /** Whether rows stay as they are. */
        boolean isNone();

        /** The row, a line of COPY's text with its line feed, with masks in it. */
        byte[] masked(byte[] row);

        /** Whether a mask may lead a row into another partition. */
        boolean mayMove();
    }

    /** Of nothing: all stays. */
    Masking NONE = new Masking() {
        @Override
        public OfTable of(String schema, String table, List<String> columns) {
            return ROWS_AS_THEY_ARE;
        }

        @Override
        public Optional<String> setting(String name, String value) {
            return Optional.of(value);
        }

        @Override
        public String definitions(String ddl) {
            return ddl;
        }
    };

    OfTable ROWS_AS_THEY_ARE = new OfTable() {
        @Override
        public boolean isNone() {
            return true;
        }

        @Override
        public byte[] masked(byte[] row) {
            return row;
        }

        @Override
        public boolean mayMove() {
            return false;
        }
    };
}
