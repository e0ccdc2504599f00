package avdaily.migrate;

import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Generated statements in the forms that let others read and write a table meanwhile, in three parts that must not
 * share a transaction:
 *
 * <ol>
 *   <li>The statements, with checks and foreign keys that are NOT VALID, NOT NULL as such a check.
 *   <li>Indexes are built CONCURRENTLY, one that replaces another beside it.
 *   <li>Checks and foreign keys are validated, columns become NOT NULL, indexes take the place of those that they
 *       replace.
 * </ol>
 *
 * Only tables that were there get them, and neither partitions nor tables with children: PostgreSQL builds no index of
 * those concurrently.
 */
final class OnlineForms {
    private static final String N = "(" + StatementText.NAME + ")";
    private static final Pattern INDEX = StatementText.pattern("CREATE (UNIQUE |)INDEX " + N + " ON " + N + "( .*);");
    private static final Pattern VALIDATION =
            StatementText.pattern("ALTER TABLE (?:ONLY )?" + N + "\\s+VALIDATE CONSTRAINT " + N + ";");
    private static final Pattern NOT_NULL =
            StatementText.pattern("ALTER TABLE (?:ONLY )?" + N + "\\s+ALTER COLUMN " + N + " SET NOT NULL;");

    /** What needs a column that is NOT NULL at once. */
    private static final Pattern KEY_OR_IDENTITY = Pattern.compile("PRIMARY KEY|ADD GENERATED|REPLICA IDENTITY");

    /** What an index may need. */
    private static final Pattern DROP = StatementText.pattern(
            "DROP (?:FUNCTION|TYPE|COLLATION|OPERATOR(?: CLASS| FAMILY)?) " + N + ".*;");


    private final List<String> main;
    private final Map<String, Schema.Item> before;
    private final Set<String> tables;
    private final Set<String> taken;
    private final List<String> indexes = new ArrayList<>();
    private final List<String> undoIndexes = new ArrayList<>();
    private final List<String> validations = new ArrayList<>();
    private final List<String> last = new ArrayList<>();
    private final List<String> undoLast = new ArrayList<>();

    private OnlineForms(List<String> statements, List<Schema.Item> before, Set<String> tables, Set<String> taken) {
        this.main = new ArrayList<>(statements);
        this.before = Drift.byName(before);
        this.tables = tables;
        this.taken = taken;
        tables.removeAll(StatementText.made(statements));
        statements.forEach(this::validate);
        statements.forEach(this::setNotNull);
        statements.forEach(this::build);
    }

    /**
     * The statements in their parts.
     *
     * @param from a database with the schema before them
     * @param to one with the schema that they lead to
     */
    static OnlineForms of(List<String> statements, List<Schema.Item> before, Connection from, Connection to)
            throws SQLException {
        Set<String> tables = new HashSet<>(tables(from));
        tables.retainAll(tables(to));
        Set<String> taken = new HashSet<>(names(from));
        taken.addAll(names(to));
        return new OnlineForms(statements, before, tables, taken);
    }

    private static List<String> tables(Connection c) throws SQLException {
        String query =
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'm') AND NOT EXISTS (
                  SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) AND\s"""
                        + Sql.userSchemas("n");
        return Database.list(c, query, row -> row.getString(1));
    }

    /** Of relations, and of constraints with the table before them. */
    private static List<String> names(Connection c) throws SQLException {
        String query =
                """
                SELECT format('%I.%I', n.nspname, c.relname) || coalesce(' ' || quote_ident(k.conname), '')
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                CROSS JOIN LATERAL (
                  SELECT NULL AS conname UNION ALL SELECT conname FROM pg_constraint WHERE conrelid = c.oid) k
                WHERE\s"""
                        + Sql.userSchemas("n");
        return Database.list(c, query, row -> row.getString(1));
    }

    List<String> migration() {
        return main;
    }

    List<String> indexes() {
        return indexes;
    }

    List<String> undoIndexes() {
        return undoIndexes;
    }

    /** What reads whole tables comes before what locks them. */
    List<String> last() {
        List<String> all = new ArrayList<>(validations);
        all.addAll(last);
        return all;
    }

    List<String> undoLast() {
        return undoLast;
    }

    /** What takes the last two parts back. */
    List<String> undo() {
        List<String> all = new ArrayList<>(undoLast);
        all.addAll(undoIndexes);
        return all;
    }

    private void validate(String text) {
        Optional<Matcher> validation = StatementText.match(VALIDATION, text).filter(m -> tables.contains(m.group(1)));
        if (validation.isEmpty()) return;
        String table = validation.get().group(1);
        String name = validation.get().group(2);
        List<String> about = main.stream().filter(other -> names(other, name)).toList();
        if (about.size() != 2 || !about.get(0).contains(" NOT VALID;")) return;
        main.remove(text);
        validations.add(text);
        undoLast.add("ALTER TABLE " + table + " DROP CONSTRAINT " + name + ";");
        undoLast.add(about.get(0));
    }

    private void setNotNull(String text) {
        Optional<Matcher> column = StatementText.match(NOT_NULL, text).filter(m -> tables.contains(m.group(1)));
        if (column.isEmpty()) return;
        String table = column.get().group(1);
        String name = column.get().group(2);
        boolean isNeededAtOnce = main.stream()
                .anyMatch(other ->
                        isOn(table, other) && KEY_OR_IDENTITY.matcher(other).find());
        if (isNeededAtOnce) return;
        String alter = "ALTER TABLE " + table + " ";
        String check = free(table + " ", name, "_is_not_null");
        String add = alter + "ADD CONSTRAINT " + check + " CHECK (" + name + " IS NOT NULL) NOT VALID;";
        main.set(main.indexOf(text), add);
        validations.add(alter + "VALIDATE CONSTRAINT " + check + ";");
        last.add(alter + "ALTER COLUMN " + name + " SET NOT NULL;");
        last.add(alter + "DROP CONSTRAINT " + check + ";");
        undoLast.add(add);
        undoLast.add(alter + "ALTER COLUMN " + name + " DROP NOT NULL;");
    }

    private void build(String text) {
        Optional<Matcher> index = StatementText.match(INDEX, text).filter(m -> tables.contains(m.group(3)));
        if (index.isEmpty()) return;
        String name = index.get().group(2);
        String table = index.get().group(3);
        String schema = table.substring(0, table.length() - unqualified(table).length());
        String drop = "DROP INDEX " + schema + name + ";";
        Schema.Item old = before.get("INDEX " + schema + name);
        List<String> about = main.stream()
                .filter(other -> names(other, name) && other != text && !isDrop(other, drop))
                .toList();
        boolean isReferenced = !index.get().group(1).isEmpty()
                && main.stream()
                        .anyMatch(other ->
                                refersTo(other, table, columns(index.get().group(4))));
        if (!about.isEmpty() || isReferenced) return;
        main.remove(text);
        boolean isReplaced = old != null
                && isAlone(old)
                && main.stream().anyMatch(other -> isDrop(other, drop))
                && main.stream().noneMatch(other -> isInWay(other, table, old));
        String built = isReplaced ? free(schema, name, "_new") : name;
        indexes.add("CREATE " + index.get().group(1) + "INDEX CONCURRENTLY " + built + " ON " + table
                + index.get().group(4) + ";");
        undoIndexes.add("DROP INDEX " + schema + built + ";");
        if (!isReplaced) return;
        main.removeIf(other -> isDrop(other, drop));
        last.add(drop);
        last.add("ALTER INDEX " + schema + built + " RENAME TO " + name + ";");
        undoLast.add("ALTER INDEX " + schema + name + " RENAME TO " + built + ";");
        undoLast.add(old.ddl());
    }

    /** The same with the comments that may stand before it. */
    private static boolean isDrop(String text, String drop) {
        return text.equals(drop) || text.endsWith("\n" + drop);
    }

    /** Whether nothing else belongs to the index, such as a comment. */
    private boolean isAlone(Schema.Item index) {
        return index.ddl().indexOf(';') == index.ddl().length() - 1
                && before.values().stream()
                        .noneMatch(item -> item != index && item.identity().endsWith("INDEX " + index.identity()));
    }

    /** Whether the old index has to be gone before the statement, or goes with it. */
    private static boolean isInWay(String text, String table, Schema.Item old) {
        Optional<Matcher> drop = StatementText.match(DROP, text);
        return isOn(table, text) && (text.contains("DROP COLUMN") || text.contains(" TYPE "))
                || drop.isPresent() && old.ddl().contains(drop.get().group(1));
    }

    /** Whether a foreign key leads to these columns, in whatever order. */
    private static boolean refersTo(String text, String table, Set<String> columns) {
        Matcher reference = Pattern.compile("REFERENCES " + Pattern.quote(table) + "\\s*(\\(.*?\\))")
                .matcher(text);
        return reference.find() && columns(reference.group(1)).equals(columns);
    }

    /** Those in the first parentheses. */
    private static Set<String> columns(String text) {
        return Set.copyOf(
                List.of(text.substring(text.indexOf('(') + 1, text.indexOf(')')).split(", ?")));
    }

    private static boolean isOn(String table, String text) {
        return StatementText.table(text).filter(table::equals).isPresent();
    }

    private static boolean names(String text, String name) {
        return Pattern.compile("(?<![\\w\"$])" + Pattern.quote(name) + "(?![\\w\"$])")
                .matcher(text)
                .find();
    }

    private static String unqualified(String name) {
        Matcher last = Pattern.compile("(?:\"(?:[^\"]|\"\")+\"|[^\".]+)$").matcher(name);
        return last.find() ? last.group() : name;
    }

    /** A name with an end of its own that nothing has yet. */
    private String free(String before, String name, String end) {
        String free = longer(name, end);
        for (int i = 2; !taken.add(before + free); i++) free = longer(name, end + i);
        return free;
    }

    /** What would be too long is cut before the end. */
    private static String longer(String name, String end) {
        boolean isQuoted = name.startsWith("\"");
        String plain = isQuoted ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
        String joined = Sql.joined(plain, end);
        return isQuoted ? Sql.quoted(joined) : joined;
    }
}
