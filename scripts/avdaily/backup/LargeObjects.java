package avdaily.backup;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The large objects of a database, as statements that make them anew under their numbers, with owner, comment and
 * grants. They are read in pieces: a large object may be larger than the memory.
 */
final class LargeObjects {
    /** What one statement takes of an object; in the file it is twice as long. */
    private static final int PIECE = 512 << 10;

    private static final int OBJECTS_A_QUERY = 100;
    private static final int FIRST_PIECE = 8 << 10;
    /** A part is ended at the next statement once it is so long. */
    private static final long PART_BYTES = 32 << 20;

    private final Connection c;
    private final BackupSink sink;
    private final Set<String> roles = new TreeSet<>();
    private BackupSink.Part part;

    private LargeObjects(Connection c, BackupSink sink) {
        this.c = c;
        this.sink = sink;
    }

    private record Start(long oid, byte[] bytes) {}

    /**
     * Writes all that the snapshot of this connection shows.
     *
     * @return the roles that the statements name
     */
    static Set<String> write(Connection c, BackupSink sink) throws SQLException, IOException {
        List<Long> all =
                Database.list(c, "SELECT oid FROM pg_largeobject_metadata ORDER BY oid", row -> row.getLong(1));
        LargeObjects objects = new LargeObjects(c, sink);
        try {
            for (int i = 0; i < all.size(); i += OBJECTS_A_QUERY)
                objects.write(all.subList(i, Math.min(all.size(), i + OBJECTS_A_QUERY)));
            objects.end();
        } finally {
            if (objects.part != null) objects.part.close();
        }
        return objects.roles;
    }

    private void write(List<Long> oids) throws SQLException, IOException {
        Object numbers = c.createArrayOf("bigint", oids.toArray());
        List<Start> starts = Database.list(
                c,
                "SELECT o, lo_get(o::oid, 0, " + FIRST_PIECE + ") FROM unnest(?::bigint[]) o ORDER BY o",
                row -> new Start(row.getLong(1), row.getBytes(2)),
                numbers);
        for (Start start : starts) {
            say("SELECT pg_catalog.lo_from_bytea('" + start.oid + "', " + literal(start.bytes) + ");");
            if (start.bytes.length == FIRST_PIECE) writeRest(start.oid);
        }
        List<String> annotations = new ArrayList<>();
        Database.list(
                c,
                SqlResource.of(LargeObjects.class, "large-objects.sql"),
                row -> {
                    if (row.getString(2) != null) roles.add(row.getString(2));
                    return annotations.add(row.getString(1));
                },
                numbers);
        for (String annotation : annotations) say(annotation);
    }

    private void writeRest(long oid) throws SQLException, IOException {
        long at = FIRST_PIECE;
        for (byte[] piece = piece(oid, at); piece.length > 0; piece = piece(oid, at)) {
            say("SELECT pg_catalog.lo_put('" + oid + "', " + at + ", " + literal(piece) + ");");
            at += piece.length;
        }
    }

    private byte[] piece(long oid, long at) throws SQLException {
        return Database.one(c, "SELECT lo_get(?::oid, ?, ?)", byte[].class, oid, at, PIECE);
    }

    private static String literal(byte[] bytes) {
        return "'\\x" + HexFormat.of().formatHex(bytes) + "'";
    }

    private void say(String statement) throws IOException {
        if (part == null) part = sink.part(BackupMetadata.Section.SEQUENCES, null);
        part.write(statement + "\n");
        if (part.bytes() >= PART_BYTES) end();
    }

    private void end() throws IOException {
        if (part == null) return;
        part.write("\n");
        part.end(0);
        part.close();
        part = null;
    }
}
