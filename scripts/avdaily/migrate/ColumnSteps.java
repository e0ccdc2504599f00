package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has to be out of the way before columns change, on the way from one schema to another:
 *
 * <ul>
 *   <li>policies on a column that gets another type,
 *   <li>functions whose body names a column that gets another type or goes, with what depends on them,
 *   <li>views whose columns get another order, with what depends on them,
 *   <li>the expression of a column that was generated and keeps its values from now on,
 *   <li>the sequence of a column whose numbers come from an identity from now on, or the other way round. The numbers
 *       go on.
 * </ul>
 */
final class ColumnSteps {
    private static final String COLUMNS = SqlResource.of(ColumnSteps.class, "column-steps.sql");
    private static final String POLICIES =
            """
            SELECT DISTINCT format('DROP POLICY %I ON %s;', p.polname, p.polrelid::regclass)
            FROM pg_policy p
              JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                AND d.refclassid = 'pg_class'::regclass
              JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            WHERE format('%s.%I', a.attrelid::regclass, a.attname) = ANY (?) ORDER BY 1""";

    private static final String USED_BY_BODIES =
            """
            SELECT DISTINCT format('%s.%I', a.attrelid::regclass, a.attname)
            FROM pg_depend d
              JOIN pg_attribute a ON d.refclassid = 'pg_class'::regclass AND a.attrelid = d.refobjid
                AND a.attnum = d.refobjsubid
            WHERE d.classid = 'pg_proc'::regclass AND format('%s.%I', a.attrelid::regclass, a.attname) = ANY (?)
            ORDER BY 1""";

    /**
     * A column.
     *
     * @param kind of its relation, as the catalog has it
     * @param place its number
     * @param sequence from which its default takes numbers, or null
     * @param identity the words of its identity, or null
     * @param generated as the catalog has it
     */
    private record Column(
            String relation,
            String name,
            String kind,
            int place,
            String type,
            String sequence,
            String identity,
            String generated) {
        String whole() {
            return relation + "." + name;
        }

        String alter(String what) {
            return "ALTER TABLE " + relation + " ALTER COLUMN " + name + " " + what + ";";
        }

        /** The numbers go on behind the highest. */
        String goOn() {
            return "SELECT setval(pg_get_serial_sequence(" + Sql.literal(relation) + ", "
                    + Sql.literal(unquoted()) + "), coalesce(max(" + name + "), 0) + 1, false) FROM "
                    + relation + ";";
        }

        private String unquoted() {
            return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
        }
    }

    private final Connection from;
    private final Map<String, Column> before;
    private final Map<String, Column> after;

    ColumnSteps(Connection from, Connection to) throws SQLException {
        this.from = from;
        this.before = columns(from);
        this.after = columns(to);
    }

    private static Map<String, Column> columns(Connection c) throws SQLException {
        Map<String, Column> columns = new HashMap<>();
        Database.list(c, COLUMNS, row -> {
            Column column = new Column(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getInt(4),
                    row.getString(5),
                    row.getString(6),
                    row.getString(7),
                    row.getString(8));
            return columns.put(column.whole(), column);
        });
        return columns;
    }

    /** What comes before everything else. */
    List<String> first() throws SQLException {
        List<String> plain = new ArrayList<>();
        List<String> retyped = new ArrayList<>();
        List<String> named = new ArrayList<>();
        List<String> reordered = new ArrayList<>();
        List<String> identities = new ArrayList<>();
        for (Column was : before.values()) {
            Column is = after.get(was.whole());
            if (is != null && !is.type.equals(was.type) && !was.kind.equals("v")) retyped.add(was.whole());
            if (is == null || !is.type.equals(was.type)) named.add(was.whole());
            if (is != null && was.generated.equals("s") && is.generated.isEmpty())
                plain.add(was.alter("DROP EXPRESSION"));
            boolean isView =
                    was.kind.equals("v") && after.values().stream().anyMatch(c -> c.relation.equals(was.relation));
            if (isView && (is == null || is.place != was.place)) reordered.add(was.relation);
            if (is != null && was.sequence != null && is.sequence == null && is.identity != null) {
                identities.add(was.alter("DROP DEFAULT"));
                identities.add("DROP SEQUENCE " + was.sequence + ";");
                identities.add(was.alter("ADD " + is.identity));
                identities.add(is.goOn());
            }
        }
        becomingSerial().forEach(was -> identities.add(was.alter("DROP IDENTITY")));
        List<String> all = new ArrayList<>(plain);
        all.addAll(EnumUndo.drops(from, usedByBodies(named), reordered.stream().distinct().toList()));
        all.addAll(Database.list(from, POLICIES, row -> row.getString(1), (Object) retyped.toArray(String[]::new)));
        all.addAll(identities);
        return all;
    }

    private List<String> usedByBodies(List<String> columns) throws SQLException {
        return Database.list(from, USED_BY_BODIES, row -> row.getString(1), (Object) columns.toArray(String[]::new));
    }

    /** What comes after everything else: a sequence that is made anew begins behind the numbers that are there. */
    List<String> last() {
        return becomingSerial().stream().map(Column::goOn).toList();
    }

    private List<Column> becomingSerial() {
        return before.values().stream()
                .filter(was -> was.identity != null
                        && after.containsKey(was.whole())
                        && after.get(was.whole()).sequence != null)
                .toList();
    }
}
