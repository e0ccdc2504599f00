package avdaily.backup;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Snapshot;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The definitions of a backup, before and after the rows. They are the schema reader's, or pg_dump's if the user asks
 * for it or the database has something that the reader does not know.
 */
record DefinitionsText(BackupOptions.SchemaSource from, String preData, String postData) {
    /** How many objects a message names. */
    private static final int MOST_NAMED = 10;

    private static final int KEY_LENGTH = 63;
    private static final String KEY_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /**
     * @param options who is to read them, and how names are quoted
     * @throws Failure (24) if nobody can
     */
    static DefinitionsText of(Database db, Schema schema, Snapshot snapshot, BackupOptions options)
            throws SQLException, IOException {
        List<String> unknown = schema.unsupportedDefinitions();
        boolean isPgDumpWished = options.schemaFrom() == BackupOptions.SchemaSource.PG_DUMP;
        if (unknown.isEmpty() && !isPgDumpWished)
            return new DefinitionsText(
                    BackupOptions.SchemaSource.READER,
                    ddl(schema, Schema.Section.PRE_DATA),
                    ddl(schema, Schema.Section.POST_DATA));
        int server = snapshot.leader().getMetaData().getDatabaseMajorVersion();
        if (!isPgDumpWished && PgDump.forServer(server, db.settings()).isEmpty())
            throw unsupported(
                    db,
                    unknown,
                    "put a pg_dump of version " + server
                            + " or newer on the PATH: the definitions are then taken from it.");
        PgDump dump = PgDump.required(server, db.settings());
        if (!isPgDumpWished) {
            String note = "The definitions are taken from %s, for the schema reader does not know: %s.";
            db.out().note(note.formatted(dump.program(), some(unknown)));
        }
        DroppedRoles gone = new DroppedRoles(schema, snapshot.leader(), db.out());
        return new DefinitionsText(
                BackupOptions.SchemaSource.PG_DUMP,
                withStandIns(gone.leftOut(dump.section(db, "pre-data", snapshot.id(), options.quotes())), schema),
                gone.leftOut(dump.section(db, "post-data", snapshot.id(), options.quotes())));
    }

    /** A view that reads itself pg_dump writes as if it were there already. */
    private static String withStandIns(String ddl, Schema schema) {
        String whole = ddl;
        for (Map.Entry<String, String> standIn : schema.standIns().entrySet())
            whole = whole.replaceFirst(
                    "(?<=\n--\n\n)CREATE VIEW (?=" + Pattern.quote(standIn.getKey()) + " (AS|WITH)\\b)",
                    Matcher.quoteReplacement(standIn.getValue() + "\n\nCREATE OR REPLACE VIEW "));
        return whole;
    }

    private static String ddl(Schema schema, Schema.Section section) {
        return schema.items().stream()
                .filter(item -> item.section() == section)
                .map(item -> item.ddl() + "\n\n")
                .collect(Collectors.joining());
    }

    private static Failure unsupported(Database db, List<String> objects, String next) {
        return new Failure(Failure.Kind.DAMAGED, db + " has what a backup cannot hold: " + some(objects), next, null);
    }

    private static String some(List<String> objects) {
        String named = objects.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return objects.size() > MOST_NAMED ? named + " and " + (objects.size() - MOST_NAMED) + " more" : named;
    }

    /** A key that what is in the file cannot know. */
    static String newKey() {
        SecureRandom random = new SecureRandom();
        return random.ints(KEY_LENGTH, 0, KEY_SIGNS.length())
                .mapToObj(at -> KEY_SIGNS.substring(at, at + 1))
                .collect(Collectors.joining());
    }

    /**
     * The first lines of the file: what it is, and the settings under which the rest of it can be read. As in pg_dump's
     * files, psql then takes no command until it is told the key again.
     */
    static String header(BackupMetadata.Origin origin, String key) {
        return """
                -- avdaily backup, format %d%s: database %s, PostgreSQL %s, %s
                -- Restore it with avdaily-restore, or decompress it into: psql -X -v ON_ERROR_STOP=1 DATABASE

                \\restrict %s

                SET statement_timeout = 0;
                SET lock_timeout = 0;
                SET idle_in_transaction_session_timeout = 0;
                SET client_encoding = 'UTF8';
                SET standard_conforming_strings = on;
                SELECT pg_catalog.set_config('search_path', '', false);
                SET check_function_bodies = false;
                SET xmloption = content;
                SET client_min_messages = warning;
                SET row_security = off;
                SET default_tablespace = '';
                SET default_table_access_method = heap;

                """
                .formatted(
                        origin.formatVersion(),
                        origin.copy() == null ? "" : ", " + origin.copy() + DeveloperCopy.SIGN,
                        origin.database().replaceAll("\\R", " "),
                        origin.serverVersion(),
                        origin.time().truncatedTo(ChronoUnit.SECONDS),
                        key);
    }

    /** The last lines of the file. */
    static String end(String key) {
        return "\n\\unrestrict " + key + "\n\n" + BackupFile.LAST_LINE + "\n";
    }

    /**
     * Where the sequences stand. They do not obey the snapshot; they may only be further than its rows, which does no
     * harm.
     */
    static String sequences(Schema schema) {
        return schema.sequences().stream()
                .map(sequence -> "SELECT pg_catalog.setval("
                        + Sql.standardLiteral(Sql.quoted(sequence.schema()) + "." + Sql.quoted(sequence.name())) + ", "
                        + sequence.lastValue() + ", " + sequence.isCalled() + ");\n")
                .collect(Collectors.joining());
    }
}
