package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An index of a column whose type changes.
 *
 * @param name as SQL names it
 * @param plainName its name, unquoted and without its schema
 * @param start of its definition, before its name
 * @param rest of its definition, behind the table's name
 * @param constraint the key that it is of, as SQL names it, or null
 * @param kind of the key, as the catalog has it
 * @param deferral as the key says it
 * @param definition of the key
 * @param isReplicaIdentity whether standbys of the table's rows go by it
 * @param comment what is said of it, or null
 * @param keyComment what is said of the key, or null
 * @param refusal why it cannot be built beside the other, or null
 */
record TypeChangeIndex(
        String name,
        String plainName,
        String start,
        String rest,
        String constraint,
        String kind,
        String deferral,
        String definition,
        boolean isReplicaIdentity,
        String comment,
        String keyComment,
        String refusal) {
    private static final String SELECT = SqlResource.of(TypeChangeIndex.class, "type-change-indexes.sql");
    private static final Pattern TOKEN = Pattern.compile(
            "'(?:[^']|'')*+'|\"(?:[^\"]|\"\")*+\"(?!\\.)|(?<![\\w$.])[\\p{L}_][\\p{L}\\p{N}_$]*(?!\\s*[(.])");

    static List<TypeChangeIndex> of(Connection c, ChangedColumn column) throws SQLException {
        return Database.list(
                c,
                SELECT,
                row -> new TypeChangeIndex(
                        row.getString("name"),
                        row.getString("relname"),
                        row.getString("start"),
                        row.getString("rest"),
                        row.getString("constraint"),
                        row.getString("kind"),
                        row.getString("deferral"),
                        row.getString("definition"),
                        row.getBoolean("indisreplident"),
                        row.getString("comment"),
                        row.getString("key_comment"),
                        row.getString("refusal")),
                column.oid(),
                column.number());
    }

    boolean isKey() {
        return constraint != null;
    }

    /** Gives it what is said of it and what it is to standbys, once it has the name. */
    List<String> looks(String table, String before) {
        List<String> all = new ArrayList<>();
        if (comment != null && !isKey()) all.add("COMMENT ON INDEX " + before + " IS NULL;");
        if (comment != null)
            all.add("COMMENT ON INDEX " + name + " IS " + Sql.literal(comment).strip() + ";");
        if (keyComment != null)
            all.add("COMMENT ON CONSTRAINT " + constraint + " ON " + table + " IS "
                    + Sql.literal(keyComment).strip() + ";");
        if (isReplicaIdentity)
            all.add("ALTER TABLE " + table + " REPLICA IDENTITY USING INDEX " + Sql.quoted(plainName) + ";");
        return all;
    }

    /** The words that make a key of an index. */
    String using(String index) {
        return (kind.equals("p") ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " + index + deferral;
    }

    /**
     * The same index of another column.
     *
     * @param built its name, and how it is built
     */
    String on(String table, String built, String column, String other) {
        String replaced = TOKEN.matcher(rest)
                .replaceAll(token -> Matcher.quoteReplacement(token.group().equals(column) ? other : token.group()));
        return start + built + " ON " + table + replaced + ";";
    }
}
