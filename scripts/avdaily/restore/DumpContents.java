package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.base.Format;
import avdaily.sql.SqlFile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is in a dump and what it needs, as its statements and blocks of rows go by in their order. */
public final class DumpContents {
    private static final String PG_DUMP_HEADER = "PostgreSQL database dump";
    private static final String PG_DUMP_LAST_LINE = BackupFile.PG_DUMP_LAST_LINE.replaceFirst("^-- ", "");
    private static final String OUR_LAST_LINE = BackupFile.LAST_LINE.replaceFirst("^-- ", "");
    private static final int MESSAGE_LENGTH = 80;
    /** What a name takes besides its letters. */
    private static final int NAME_BYTES = 200;

    private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final BackupFile file;
    private final Map<String, Long> rows = new LinkedHashMap<>();
    private final Map<String, List<String>> columns = new HashMap<>();
    private final Set<String> roles = new TreeSet<>();
    private final Set<String> indispensableRoles = new TreeSet<>();
    private final Set<String> extensions = new TreeSet<>();
    private final Set<String> tablespaces = new TreeSet<>();
    private final Set<String> tables = new LinkedHashSet<>();
    private final Set<String> databases = new LinkedHashSet<>();
    private String databaseOptions;
    private long inserts;
    private long bytes;
    private boolean isComplete;
    private boolean isOurs;
    private boolean isFromPgDump;
    private boolean hasEvents;
    private boolean hasRowsAfterEvents;
    private boolean hasRefresh;

    DumpContents(BackupFile file) {
        this.file = file;
    }

    // -- what goes by

    /** Takes a comment; the last one of a dump says that it is complete. */
    void addComment(String text) {
        if (text.equals(OUR_LAST_LINE)) isOurs = true;
        if (text.equals(PG_DUMP_HEADER)) isFromPgDump = true;
        if (text.equals(OUR_LAST_LINE) || text.equals(PG_DUMP_LAST_LINE)) isComplete = true;
    }

    /** Takes {@code \connect}. */
    void addDatabase(SqlFile.Command connect) {
        note(databases, database(connect));
    }

    /** The database that {@code \connect} names, given as a name or as {@code -reuse-previous=on "dbname='x'"}. */
    private static String database(SqlFile.Command connect) {
        Matcher m = Pattern.compile("-reuse-previous=on\\s+\"dbname='(.*)'\"", Pattern.DOTALL)
                .matcher(connect.argument());
        if (m.matches()) return m.group(1).replace("\"\"", "\"").replaceAll("\\\\(.)", "$1");
        String name = connect.argument();
        return name.startsWith("\"") && name.endsWith("\"") && name.length() > 1
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name;
    }

    private void note(Set<String> names, String name) {
        if (names.add(name)) take(name);
    }

    /** @throws avdaily.base.Failure (24) if the dump has more names than the memory allows */
    private void take(String name) {
        bytes += NAME_BYTES + 2L * name.length();
        if (bytes > MOST_BYTES)
            throw file.damaged(
                    "it names more tables, roles and extensions than the memory allows",
                    "use another backup or, if this one is right, give Java more memory (JAVA_TOOL_OPTIONS=-Xmx8g).",
                    null);
    }

    /** @throws avdaily.base.Failure (24) if a dump of one database does not hold such a statement */
    void add(DumpStatement step) {
        isComplete = false;
        tablespaces.addAll(step.tablespaces());
        switch (step.kind()) {
            case FORBIDDEN ->
                throw file.damaged(
                        "line " + step.statement().line() + ": it is no dump of one database, for it holds: "
                                + head(step.statement()),
                        "restore a plain-SQL dump that pg_dump made; for roles and tablespaces use psql.",
                        null);
            case DATABASE -> {
                note(databases, step.name());
                String text = step.statement().text();
                if (text.regionMatches(true, 0, "CREATE", 0, 6))
                    databaseOptions = text.replaceFirst("(?is)^CREATE DATABASE\\s+(\"(?:[^\"]|\"\")++\"|\\S+)", "");
            }
            case TABLE -> note(tables, step.name());
            case EXTENSION -> note(extensions, step.name());
            case FOREIGN_KEY, TRIGGER -> hasEvents = true;
            case REFRESH -> hasRefresh = true;
            case INSERT -> {
                inserts++;
                hasRowsAfterEvents |= hasEvents;
            }
            case OWNER, GRANT -> step.roles().forEach(role -> note(roles, role));
            default -> step.roles().forEach(role -> note(indispensableRoles, role));
        }
    }

    /** Takes what the first COPY block of a table says of its columns. */
    void addColumns(String table, List<String> names) {
        if (columns.putIfAbsent(table, names) == null) names.forEach(this::take);
    }

    /** Takes a COPY block. */
    void addRows(String table, long count) {
        isComplete = false;
        if (rows.merge(table, count, Long::sum) == count) take(table);
        hasRowsAfterEvents |= hasEvents;
    }

    // -- what there is in the end

    /** Rows of COPY blocks, table by table. */
    public Map<String, Long> rows() {
        return rows;
    }

    /** The columns of COPY blocks that were read, table by table. */
    Map<String, List<String>> columns() {
        return columns;
    }

    /** Roles that own something or are granted something. */
    public Set<String> roles() {
        return roles;
    }

    /** Roles without which something could not be restored even with --no-owner. */
    Set<String> indispensableRoles() {
        return indispensableRoles;
    }

    public Set<String> extensions() {
        return extensions;
    }

    /** The databases that it creates or connects to, by their names. */
    public Set<String> databases() {
        return databases;
    }

    public Set<String> tablespaces() {
        return tablespaces;
    }

    /** The options of the CREATE DATABASE statement, if there is one. */
    Optional<String> databaseOptions() {
        return Optional.ofNullable(databaseOptions);
    }

    /** Whether a materialized view is filled. */
    boolean hasRefresh() {
        return hasRefresh;
    }

    /** The tables that it creates, with their schemas. */
    public Set<String> tables() {
        return tables;
    }

    public long rowCount() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    public long insertCount() {
        return inserts;
    }

    public int tableCount() {
        return tables.size();
    }

    /**
     * Whether COPY blocks may be loaded at the same time: pg_dump or avdaily-backup wrote the dump, and nothing that
     * acts on rows comes before them.
     */
    boolean mayBeParallel() {
        return (isOurs || isFromPgDump) && !hasRowsAfterEvents && inserts == 0;
    }

    /** @throws avdaily.base.Failure (24) if this is not one whole dump, or not the one that the metadata describe */
    void check(Optional<BackupMetadata> metadata) {
        if (!isComplete)
            throw file.damaged(
                    BackupFile.HAS_NO_END,
                    "use another backup ('avdaily-backup list'): this one was cut off, or is no dump.",
                    null);
        if (databases.size() > 1)
            throw file.damaged(
                    "it holds several databases: " + String.join(", ", databases),
                    "dump each of them with pg_dump, and restore one at a time.",
                    null);
        metadata.ifPresent(known -> compare(known.content().tables()));
        if (tables.isEmpty() && extensions.isEmpty() && !rows.isEmpty())
            throw file.damaged(
                    "it has rows (of " + rows.keySet().iterator().next() + ") but not the tables for them",
                    "restore a dump with the schema in it, not one of --data-only.",
                    null);
    }

    private void compare(List<BackupMetadata.Table> known) {
        Map<String, Long> expected = new HashMap<>();
        known.forEach(table -> expected.merge(table.toString(), table.rows(), Long::sum));
        expected.forEach((table, count) -> {
            long found = rows.getOrDefault(table, 0L);
            if (found != count)
                throw file.damaged(
                        table + " has " + Format.count(found, "row") + " in it and should have "
                                + Format.count(count, "row"),
                        "use another backup.",
                        null);
        });
        for (String table : rows.keySet())
            if (!expected.containsKey(table))
                throw file.damaged(
                        "it has rows of " + table + ", which its metadata does not know", "use another backup.", null);
    }

    /** A statement's first line, for a message. */
    static String head(SqlFile.Statement statement) {
        return head(statement.text());
    }

    static String head(String statement) {
        return Format.within(statement.lines().findFirst().orElse(""), MESSAGE_LENGTH, "...");
    }
}
