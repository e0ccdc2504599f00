package avdaily.backup;

import avdaily.base.SqlResource;
import avdaily.base.WorkQueue;
import avdaily.db.Database;
import avdaily.db.Snapshot;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The large objects of a database, as statements that make them anew under their numbers, with owner, comment and
 * grants. They are read in pieces, since a large object may be larger than the memory, and over several connections.
 * First come all objects with their beginnings, then the rests of long ones, then what is said of them: within each of
 * the three, parts do not depend on each other.
 */
final class LargeObjects {
    /** What one statement takes of an object; in the file it is twice as long. */
    private static final int PIECE = 512 << 10;

    private static final int OBJECTS_A_QUERY = 100;
    private static final int FIRST_PIECE = 8 << 10;
    /** A part is ended at the next statement once it is so long. */
    private static final long PART_BYTES = 8 << 20;

    private final Snapshot snapshot;
    private final BackupSink sink;
    private final int jobs;

    private LargeObjects(Snapshot snapshot, BackupSink sink, int jobs) {
        this.snapshot = snapshot;
        this.sink = sink;
        this.jobs = jobs;
    }

    private record Start(long oid, byte[] bytes) {}

    /**
     * Writes all that the snapshot shows.
     *
     * @param jobs connections at the same time
     * @return the roles that the statements name
     */
    static Set<String> write(Snapshot snapshot, BackupSink sink, int jobs) throws Exception {
        List<Long> all = Database.list(
                snapshot.leader(), "SELECT oid FROM pg_largeobject_metadata ORDER BY oid", row -> row.getLong(1));
        List<List<Long>> batches = new ArrayList<>();
        for (int i = 0; i < all.size(); i += OBJECTS_A_QUERY)
            batches.add(all.subList(i, Math.min(all.size(), i + OBJECTS_A_QUERY)));
        LargeObjects objects = new LargeObjects(snapshot, sink, jobs);
        Queue<Long> longer = new ConcurrentLinkedQueue<>();
        objects.each(batches, (c, text, batch) -> writeStarts(c, text, batch, longer));
        objects.each(List.copyOf(longer), LargeObjects::writeRest);
        return objects.annotate(batches);
    }

    private interface Work<T> {
        void on(Connection c, Text text, T item) throws SQLException, IOException;
    }

    /** Does the same for each item, over as many connections as are of use. */
    private <T> void each(List<T> items, Work<T> work) throws Exception {
        WorkQueue<T> waiting = new WorkQueue<>(items);
        if (Math.min(jobs, items.size()) < 2) drain(snapshot.leader(), waiting, work);
        else
            waiting.run(jobs, () -> {
                try (Connection c = snapshot.join()) {
                    drain(c, waiting, work);
                }
            });
    }

    private <T> void drain(Connection c, WorkQueue<T> waiting, Work<T> work) throws SQLException, IOException {
        try (Text text = new Text()) {
            for (T item; (item = waiting.next()) != null; ) work.on(c, text, item);
            text.end();
        }
    }

    private static void writeStarts(Connection c, Text text, List<Long> oids, Queue<Long> longer)
            throws SQLException, IOException {
        List<Start> starts = Database.list(
                c,
                "SELECT o, lo_get(o::oid, 0, " + FIRST_PIECE + ") FROM unnest(?::bigint[]) o ORDER BY o",
                row -> new Start(row.getLong(1), row.getBytes(2)),
                numbers(c, oids));
        for (Start start : starts) {
            text.say("SELECT pg_catalog.lo_from_bytea('" + start.oid + "', " + literal(start.bytes) + ");");
            if (start.bytes.length == FIRST_PIECE) longer.add(start.oid);
        }
    }

    private static void writeRest(Connection c, Text text, long oid) throws SQLException, IOException {
        long at = FIRST_PIECE;
        for (byte[] piece = piece(c, oid, at); piece.length > 0; piece = piece(c, oid, at)) {
            text.say("SELECT pg_catalog.lo_put('" + oid + "', " + at + ", " + literal(piece) + ");");
            at += piece.length;
        }
    }

    private static byte[] piece(Connection c, long oid, long at) throws SQLException {
        return Database.one(c, "SELECT lo_get(?::oid, ?, ?)", byte[].class, oid, at, PIECE);
    }

    private Set<String> annotate(List<List<Long>> batches) throws SQLException, IOException {
        Set<String> roles = new TreeSet<>();
        Connection c = snapshot.leader();
        try (Text text = new Text()) {
            for (List<Long> oids : batches) {
                List<String> annotations = new ArrayList<>();
                Database.list(
                        c,
                        SqlResource.of(LargeObjects.class, "large-objects.sql"),
                        row -> {
                            if (row.getString(2) != null) roles.add(row.getString(2));
                            return annotations.add(row.getString(1));
                        },
                        numbers(c, oids));
                for (String annotation : annotations) text.say(annotation);
            }
            text.end();
        }
        return roles;
    }

    private static Object numbers(Connection c, List<Long> oids) throws SQLException {
        return c.createArrayOf("bigint", oids.toArray());
    }

    private static String literal(byte[] bytes) {
        return "'\\x" + HexFormat.of().formatHex(bytes) + "'";
    }

    /** Statements, in parts. */
    private final class Text implements AutoCloseable {
        private BackupSink.Part part;

        void say(String statement) throws IOException {
            if (part == null) part = sink.part(BackupMetadata.Section.SEQUENCES, null);
            part.write(statement + "\n");
            if (part.bytes() >= PART_BYTES) end();
        }

        void end() throws IOException {
            if (part == null) return;
            part.write("\n");
            part.end(0);
            part = null;
        }

        /** Lets a part that failed go. */
        @Override
        public void close() {
            if (part != null) part.close();
        }
    }
}
