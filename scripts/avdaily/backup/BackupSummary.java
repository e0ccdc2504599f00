package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is said of a backup: a row of a list, a page, a JSON document. */
public final class BackupSummary {
    /** The heads of the columns of a {@link Row}. */
    public static final List<String> HEADS =
            List.of("File (time in UTC)", "Database", "Environment", "Version", "Tables", "Rows", "Size", "");

    /** A backup in a list of backups, for people and as JSON. */
    public record Row(List<String> cells, Map<String, Object> json) {}

    /** Names also what is damaged and what nothing is known about. */
    public static Row row(BackupFile file) {
        try {
            return file.metadata().map(known -> row(file, known)).orElseGet(() -> unknown(file));
        } catch (Failure damaged) {
            if (damaged.kind != Failure.Kind.DAMAGED) throw damaged;
            Map<String, Object> json = size(file);
            json.put("damaged", damaged.getMessage());
            return new Row(cells(file, "damaged"), json);
        }
    }

    private static Row row(BackupFile file, BackupMetadata known) {
        BackupMetadata.Origin origin = known.origin();
        List<String> cells = List.of(
                file.toString(),
                origin.database(),
                origin.environment(),
                origin.schemaVersion() == null ? "-" : origin.schemaVersion(),
                known.takesKey() ? "-" : String.valueOf(known.content().tables().size()),
                known.takesKey() ? "-" : String.format("%,d", known.content().rows()),
                Format.bytes(known.encoding().bytes()),
                remark(known));
        return new Row(cells, json(file, known));
    }

    private static String remark(BackupMetadata known) {
        String kind = known.origin().copy() == null ? "" : known.origin().copy().toString();
        if (known.encoding().encryptedTo().isEmpty()) return kind;
        return kind.isEmpty() ? "encrypted" : kind + ", encrypted";
    }

    private static Row unknown(BackupFile file) {
        return new Row(cells(file, "nothing is known about it"), size(file));
    }

    private static List<String> cells(BackupFile file, String what) {
        return List.of(file.toString(), "", "", "", "", "", Format.bytes(file.size()), what);
    }

    private static Map<String, Object> size(BackupFile file) {
        return Json.object("file", file.place(), "bytes", file.size());
    }

    /** The document of a backup that was made or is listed. */
    public static Map<String, Object> json(BackupFile file, BackupMetadata known) {
        BackupMetadata.Origin origin = known.origin();
        BackupMetadata.Encoding encoding = known.encoding();
        BackupMetadata.Content content = known.content();
        Map<String, Object> json = Json.object("file", file.place());
        json.put("createdAt", origin.createdAt());
        json.put("environment", origin.environment());
        json.put("database", origin.database());
        json.put("serverVersion", origin.serverVersion());
        json.put("schemaVersion", origin.schemaVersion());
        json.put("compression", encoding.compression().word());
        json.put("encryptedTo", encoding.encryptedTo());
        json.put("tableCount", known.takesKey() ? null : content.tables().size());
        json.put("rows", known.takesKey() ? null : content.rows());
        json.put("bytes", encoding.bytes());
        json.put("dataBytes", known.takesKey() ? null : content.dataBytes());
        json.put("sha256", encoding.sha256());
        json.put("schemaFrom", content.schemaFrom());
        json.put("durationMillis", known.measures().durationMillis());
        if (origin.copy() != null) json.put("copy", origin.copy());
        return json;
    }

    /** How much is in the backup, and how long it took: "3 tables, 7 rows, 1 kB (rows: 20 B) in 0.1 s". */
    public static String extent(BackupMetadata known) {
        return rows(known) + ", " + Format.bytes(known.encoding().bytes()) + " (rows: "
                + Format.bytes(known.content().dataBytes()) + ") in "
                + Format.duration(known.measures().duration());
    }

    /** "3 tables, 7 rows". */
    public static String rows(BackupMetadata known) {
        return Format.count(known.content().tables().size(), "table") + ", "
                + Format.count(known.content().rows(), "row");
    }

    /** The lines of the page about a backup, each a name and a value. */
    public static List<String> page(BackupMetadata known) {
        BackupMetadata.Origin origin = known.origin();
        BackupMetadata.Content content = known.content();
        List<String> lines = new ArrayList<>();
        add(
                lines,
                "Taken",
                origin.createdAt() + ", in " + Format.duration(known.measures().duration()));
        add(
                lines,
                "Database",
                origin.database() + " (" + origin.environment() + "), PostgreSQL " + origin.serverVersion() + ", "
                        + Format.bytes(known.measures().databaseBytes()));
        if (origin.standby() != null)
            add(
                    lines,
                    "Of a standby",
                    (origin.standby().replayedLsn() == null
                                    ? "which does not say how far it was"
                                    : "all that was committed up to "
                                            + origin.standby().replayedLsn())
                            + lag(origin));
        if (origin.copy() != null) add(lines, "No backup", origin.copy().described());
        add(lines, "Schema", schema(known));
        if (known.takesKey()) {
            add(lines, "Content", "sealed; a key (--identity) shows it");
        } else {
            add(lines, "Locale", locale(content.locale()));
            add(lines, "Content", rows(known) + ", " + Format.bytes(content.dataBytes()));
        }
        add(lines, "File", encoding(known.encoding()));
        add(lines, "sha256", known.encoding().sha256());
        if (known.takesKey()) return lines;
        addAll(lines, "Roles", content.roles());
        addAll(lines, "Extensions", content.extensions());
        addAll(lines, "Without rows of", content.excludedTableData());
        return lines;
    }

    private static String lag(BackupMetadata.Origin origin) {
        Double seconds = origin.standby().lagSeconds();
        return seconds == null ? "" : String.format(Locale.ROOT, ", %.0f s behind", seconds);
    }

    private static void add(List<String> lines, String name, String value) {
        lines.add(String.format("%-16s%s", name, value));
    }

    private static void addAll(List<String> lines, String name, List<String> values) {
        if (!values.isEmpty()) add(lines, name, String.join(", ", values));
    }

    private static String schema(BackupMetadata known) {
        BackupMetadata.Origin origin = known.origin();
        String text = origin.schemaVersion() == null ? "no migration history" : "version " + origin.schemaVersion();
        if (origin.fingerprint() != null)
            text += ", fingerprint " + origin.fingerprint().substring(0, 12);
        String reader = known.content().schemaFrom();
        boolean isUsual = reader == null || reader.equals(BackupOptions.SchemaSource.READER.word);
        return isUsual ? text : text + ", read by " + reader;
    }

    private static String locale(BackupMetadata.Locale locale) {
        String name = locale.locale() == null ? locale.collate() : locale.locale();
        String version = locale.collationVersion() == null ? "" : " " + locale.collationVersion();
        return locale.encoding() + ", " + locale.provider() + " " + name + version;
    }

    private static String encoding(BackupMetadata.Encoding encoding) {
        String text =
                Format.bytes(encoding.bytes()) + ", " + encoding.compression().word();
        return encoding.encryptedTo().isEmpty()
                ? text
                : text + ", encrypted to " + String.join(", ", encoding.encryptedTo());
    }

    private BackupSummary() {}
}
