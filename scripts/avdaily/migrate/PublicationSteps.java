package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What becomes of publications, which pgCodeKeeper does not know:
 *
 * <ol>
 *   <li>Those that go are dropped, and those that become publications of all tables or no longer are: PostgreSQL does
 *       not alter that. A table leaves a publication while a column that the publication names changes.
 *   <li>At the end, those that are missing are made, and options, tables and schemas come and go.
 * </ol>
 */
final class PublicationSteps {
    private static final String PUBLICATIONS = SqlResource.of(PublicationSteps.class, "publication-steps.sql");
    private static final String MEMBERS = SqlResource.of(PublicationSteps.class, "publication-steps-members.sql");
    private static final String COLUMNS = SqlResource.of(PublicationSteps.class, "publication-steps-columns.sql");
    private static final String PART =
            """
            coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) || ')'
                      FROM pg_attribute a WHERE a.attrelid = pr.prrelid AND a.attnum = ANY (pr.prattrs)), '')
            || coalesce(' WHERE (' || pg_get_expr(pr.prqual, pr.prrelid) || ')', '')""";
    private static final String ALL_COLUMNS =
            """
            SELECT c.oid::regclass::text,
              format('%s.%I %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod))
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p')""";

    /**
     * A publication.
     *
     * @param options as WITH takes them
     * @param comment as COMMENT ON takes it
     * @param isKnown whether this is all of it
     * @param members each with which part of it
     */
    private record Publication(
            boolean isOfAll, String options, String comment, boolean isKnown, Map<String, String> members) {
        String created(String name) {
            List<String> what = new ArrayList<>();
            members.forEach((member, part) -> what.add(member + part));
            String of = isOfAll ? " FOR ALL TABLES" : what.isEmpty() ? "" : " FOR " + String.join(", ", what);
            return "CREATE PUBLICATION " + name + of + " WITH (" + options + ");";
        }
    }

    private PublicationSteps() {}

    /** The names of those of which not all is known, as in {@link Drift}. */
    static Set<String> unknown(Connection c) throws SQLException {
        Set<String> names = new TreeSet<>();
        read(c).forEach((name, publication) -> {
            if (!publication.isKnown) names.add("PUBLICATION " + name);
        });
        return names;
    }

    /** What comes before everything else. */
    static List<String> first(Connection from, Connection to) throws SQLException {
        Map<String, Publication> after = read(to);
        Set<String> gone = new TreeSet<>();
        read(from).forEach((name, was) -> {
            Publication is = after.get(name);
            if (is == null || is.isOfAll != was.isOfAll) gone.add(name);
        });
        Set<String> tables = new HashSet<>();
        Set<String> columns = new HashSet<>();
        Database.list(to, ALL_COLUMNS, row -> tables.add(row.getString(1)) | columns.add(row.getString(2)));
        Set<String> steps = new TreeSet<>();
        gone.forEach(name -> steps.add("DROP PUBLICATION " + name + ";"));
        Database.list(from, COLUMNS, row -> {
            boolean stays = gone.contains(row.getString(1))
                    || !tables.contains(row.getString(2))
                    || columns.contains(row.getString(3));
            return stays || steps.add(alter(row.getString(1), "DROP TABLE ONLY " + row.getString(2)));
        });
        return List.copyOf(steps);
    }

    /** What comes when everything else is done in {@code from}. */
    static List<String> last(Connection from, Connection to) throws SQLException {
        Map<String, Publication> before = read(from);
        List<String> steps = new ArrayList<>();
        read(to).forEach((name, is) -> {
            Publication was = before.get(name);
            if (was == null) steps.add(is.created(name));
            else steps.addAll(changes(name, was, is));
            if (!is.comment.equals(was == null ? "NULL" : was.comment))
                steps.add("COMMENT ON PUBLICATION " + name + " IS " + is.comment + ";");
        });
        return steps;
    }

    private static List<String> changes(String name, Publication was, Publication is) {
        List<String> steps = new ArrayList<>();
        if (!was.options.equals(is.options)) steps.add(alter(name, "SET (" + is.options + ")"));
        was.members.forEach((member, part) -> {
            if (!part.equals(is.members.get(member))) steps.add(alter(name, "DROP " + member));
        });
        is.members.forEach((member, part) -> {
            if (!part.equals(was.members.get(member))) steps.add(alter(name, "ADD " + member + part));
        });
        return steps;
    }

    private static String alter(String name, String what) {
        return "ALTER PUBLICATION " + name + " " + what + ";";
    }

    private static Map<String, Publication> read(Connection c) throws SQLException {
        boolean isOld = c.getMetaData().getDatabaseMajorVersion() < 15;
        String members = MEMBERS.formatted(
                isOld ? "''" : PART,
                isOld ? "SELECT 0, 0 WHERE false" : "SELECT pnpubid, pnnspid FROM pg_publication_namespace");
        Map<String, Publication> publications = new TreeMap<>();
        Database.list(
                c,
                PUBLICATIONS,
                row -> publications.put(
                        row.getString(1),
                        new Publication(
                                row.getBoolean(2),
                                row.getString(3),
                                row.getString(4),
                                row.getBoolean(5),
                                new TreeMap<>())));
        Database.list(
                c, members, row -> publications.get(row.getString(1)).members.put(row.getString(2), row.getString(3)));
        return publications;
    }
}
