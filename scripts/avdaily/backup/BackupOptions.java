package avdaily.backup;

import avdaily.db.Database;
import avdaily.schema.Schema;
import java.util.List;

/**
 * How a backup is made.
 *
 * @param places where it goes; if there are several, each gets a copy
 * @param level the compression's own; null for its default
 * @param jobs connections that read rows at the same time
 * @param encryptTo age recipients; none for a file that everybody can read
 * @param excludeTableData patterns of tables, as in "audit_log" or "public.event_*", whose rows are left out
 * @param globals whether and how the roles and tablespaces of the server are in it
 * @param moment what of Citus' nodes it may be of
 * @param quotes around which names in the definitions
 * @param extract which rows and values; if not all of them, it is no backup but a copy for developers
 */
public record BackupOptions(
        List<BackupStore> places,
        Compression compression,
        Integer level,
        int jobs,
        List<String> encryptTo,
        List<String> excludeTableData,
        SchemaSource schemaFrom,
        Schema.Quotes quotes,
        ServerObjects globals,
        Moment moment,
        Extract extract) {
    /** Who reads the definitions: the schema reader, or the pg_dump on the PATH. */
    public enum SchemaSource {
        READER("reader"),
        PG_DUMP("pg_dump");

        final String word;

        SchemaSource(String word) {
            this.word = word;
        }
    }

    /** What of the server is in the metadata. */
    public enum ServerObjects {
        LEFT_OUT,
        WITHOUT_PASSWORDS,
        WITH_PASSWORDS
    }

    /** What moment a backup is of. */
    public enum Moment {
        ONE,
        /** Where Citus spreads tables over nodes, no snapshot holds those together. */
        OF_EACH_NODE
    }

    /** For the backups that other commands make by themselves. */
    static BackupOptions standard(Database db) {
        return new BackupOptions(
                List.of(Backups.target(db)),
                Compression.GZIP,
                null,
                defaultJobs(),
                Backups.recipients(db),
                List.of(),
                SchemaSource.READER,
                Schema.Quotes.IF_NEEDED,
                ServerObjects.LEFT_OUT,
                Moment.ONE,
                Extract.WHOLE);
    }

    /** As many as processors, from 2 to 8. */
    public static int defaultJobs() {
        return Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
    }
}
