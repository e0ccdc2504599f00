package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.ForeignOptions;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What becomes of objects that the schema's reader does not write, and pgCodeKeeper does not know: operators with their
 * classes and families, casts, conversions, transforms, languages, access methods, parsers and templates of text
 * search, foreign data wrappers, servers, user mappings, foreign tables.
 *
 * <ol>
 *   <li>Those that go are dropped with what depends on them, and so are those that no ALTER makes what they are to be.
 *   <li>Those that are missing are made, the others are altered, in the order in which the server takes it.
 *   <li>At the end, those that were made get their comments and privileges.
 * </ol>
 */
final class UnreadSteps {
    private static final String MAY_BE_WRITTEN =
            ForeignOptions.areShown("o.catalog", "x.option_name", "x.option_value");

    private static final String OBJECTS =
            SqlResource.of(UnreadSteps.class, "unread-steps.sql").formatted(MAY_BE_WRITTEN);
    private static final String PARTS =
            SqlResource.of(UnreadSteps.class, "unread-steps-parts.sql").formatted(MAY_BE_WRITTEN);

    /** Servers with a mapping of which the role sees neither options nor that there are none. */
    private static final String HIDDEN =
            """
            SELECT format('SERVER %I', m.srvname) FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid
            WHERE m.umoptions IS NULL AND current_setting('is_superuser') = 'off'
              AND NOT CASE m.umuser WHEN 0 THEN pg_has_role(s.srvowner, 'USAGE')
                      ELSE m.usename = current_user AND has_server_privilege(s.oid, 'USAGE') END""";

    /** The functions that are made anew or go, with other objects made of them. */
    private static final String FUNCTIONS =
            """
            SELECT DISTINCT d.refclassid, d.refobjid
            FROM pg_depend d JOIN unnest(?::text[]) f (name) ON d.refobjid = f.name::regprocedure
            WHERE d.refclassid = 'pg_proc'::regclass AND d.deptype = 'n' AND d.classid = ANY ('{pg_operator,pg_amproc,
              pg_cast,pg_conversion,pg_language,pg_transform,pg_am,pg_ts_parser,pg_ts_template,pg_foreign_data_wrapper}
              '::regclass[])""";

    /** The part that attaches a partition. */
    private static final String PARENT = "parent";

    private static final Pattern COLUMN = Pattern.compile("^(?:column|type of|expression of|null of) ");
    private static final Pattern SECRET =
            Pattern.compile("(?s)-- Set ([^\n]+) by hand behind this: ([^.]+)\\.\n(\\w+ [A-Z ]+ .+?) OPTIONS .*");

    private record Address(long catalog, long number) {}

    /**
     * An object.
     *
     * @param fixed what no ALTER changes
     */
    private record Made(Address address, String statement, String fixed) {}

    /**
     * What ALTER changes.
     *
     * @param whole the part that it is of, or null
     * @param isLater whether the object is made without it
     */
    private record Part(String whole, String value, String added, String changed, String dropped, boolean isLater) {
        boolean isIn(Map<String, Part> parts) {
            return whole == null || parts.containsKey(whole);
        }
    }

    private final Connection from;
    private final Connection to;
    private final Map<String, Made> wanted;
    private final Map<String, Map<String, Part>> wantedParts;
    private final Set<String> made = new HashSet<>();

    UnreadSteps(Connection from, Connection to) throws SQLException {
        this.from = from;
        this.to = to;
        this.wanted = objects(to);
        this.wantedParts = parts(to);
    }

    /** The objects of two databases of which all that changes is written here: their names as in {@link Drift}. */
    static Set<String> known(Connection one, Connection other) throws SQLException {
        Set<String> names = new TreeSet<>(objects(one).keySet());
        names.addAll(objects(other).keySet());
        for (Connection c : List.of(one, other)) names.removeAll(Database.list(c, HIDDEN, row -> row.getString(1)));
        return names;
    }

    /** Why it is not known what becomes of an object. */
    static String whyUnknown(String name) {
        return switch (name.replaceFirst(" .*", "")) {
            case "TYPE" -> "a base type and functions in C need one another";
            case "SERVER" -> "this role may not see the options of its user mappings";
            case "PUBLICATION" -> "this version does not know all of it";
            case "SUBSCRIPTION" -> "it reaches another server, with a password";
            case "SECURITY" -> "its meaning is that of its provider";
            default -> "it belongs to the system, or cannot be read whole";
        };
    }

    /** What has to be set by hand behind the statements, each without its full stop. */
    static List<String> secrets(List<String> statements) {
        return statements.stream()
                .map(SECRET::matcher)
                .filter(Matcher::matches)
                .map(m -> m.group(2) + ": set " + m.group(1) + " by hand behind " + m.group(3))
                .toList();
    }

    /** What comes before everything else. */
    List<String> first() throws SQLException {
        Map<String, Made> before = objects(from);
        Map<String, Map<String, Part>> parts = parts(from);
        Set<Address> gone = new HashSet<>(Database.list(
                from, FUNCTIONS, row -> new Address(row.getLong(1), row.getLong(2)), (Object)
                        HangingSteps.changedFunctions(from, to)));
        List<String> columns = new ArrayList<>();
        before.forEach((name, was) -> {
            Made is = wanted.get(name);
            if (is == null
                    || !is.fixed.equals(was.fixed)
                    || alter(name, parts, before).contains(null)) gone.add(was.address);
            else columns.addAll(changedColumns(name, of(name, parts), of(name, wantedParts)));
        });
        return EnumUndo.drops(
                from,
                columns,
                gone.stream().map(Address::catalog).toArray(Long[]::new),
                gone.stream().map(Address::number).toArray(Long[]::new));
    }

    /** What makes the objects that are missing now, and alters the others. */
    List<String> next() throws SQLException {
        Map<String, Made> before = objects(from);
        Map<String, Map<String, Part>> parts = parts(from);
        List<String> steps = new ArrayList<>();
        wanted.forEach((name, is) -> {
            if (before.containsKey(name)) {
                steps.addAll(alter(name, parts, before));
                return;
            }
            made.add(name);
            steps.add(is.statement);
            of(name, wantedParts).values().stream()
                    .filter(Part::isLater)
                    .map(Part::added)
                    .forEach(steps::add);
        });
        return steps.stream().filter(Objects::nonNull).toList();
    }

    /** What is said of the objects that were made: comments and privileges. */
    List<String> last() throws SQLException {
        return Schema.read(to, Schema.Options.WITHOUT_OWNERS).comparable().stream()
                .filter(item -> List.of(Drift.REMARKS, "ACL").contains(item.kind()) && made.contains(item.identity()))
                .flatMap(item -> item.ddl().lines())
                .toList();
    }

    /** The statements that give an object its parts; null stands for one that there is not. */
    private List<String> alter(String name, Map<String, Map<String, Part>> parts, Map<String, Made> before) {
        Map<String, Part> had = of(name, parts);
        Map<String, Part> has = of(name, wantedParts);
        if (had.containsKey(PARENT) && has.containsKey(PARENT)) {
            had = withoutColumns(had);
            has = withoutColumns(has);
        }
        return alter(had, has, before);
    }

    /** A partition gets the columns that its parent gets. */
    private static Map<String, Part> withoutColumns(Map<String, Part> parts) {
        Map<String, Part> others = new TreeMap<>(parts);
        others.keySet().removeIf(about -> COLUMN.matcher(about).find());
        return others;
    }

    private List<String> alter(Map<String, Part> had, Map<String, Part> has, Map<String, Made> before) {
        List<String> steps = new ArrayList<>();
        had.forEach((about, was) -> {
            Part is = has.get(about);
            boolean goesWithPartner = isPartner(about) && !wanted.containsKey(was.value);
            if (is == null && was.isIn(has) && !goesWithPartner) steps.add(was.dropped);
            else if (is != null && !is.value.equals(was.value) && !goesWithPartner) steps.add(is.changed);
        });
        has.forEach((about, is) -> {
            boolean comesWithPartner = isPartner(about) && !before.containsKey(is.value);
            if (!had.containsKey(about) && is.isIn(had) && !comesWithPartner) steps.add(is.added);
        });
        return steps;
    }

    /** An operator names its partner, which names it in turn when it is made. */
    private static boolean isPartner(String about) {
        return about.equals("COMMUTATOR") || about.equals("NEGATOR");
    }

    /** The columns of a foreign table that views and the like must let go. */
    private static List<String> changedColumns(String name, Map<String, Part> had, Map<String, Part> has) {
        List<String> columns = new ArrayList<>();
        had.forEach((about, was) -> {
            String column = COLUMN.matcher(about).replaceFirst("");
            Part is = has.get(about);
            if (!column.equals(about) && (is == null || !is.value.equals(was.value)))
                columns.add(name.replaceFirst("^FOREIGN TABLE ", "") + "." + column);
        });
        return columns;
    }

    private static Map<String, Part> of(String name, Map<String, Map<String, Part>> parts) {
        return parts.getOrDefault(name, Map.of());
    }

    private static Map<String, Made> objects(Connection c) throws SQLException {
        Map<String, Made> objects = new LinkedHashMap<>();
        Database.list(
                c,
                OBJECTS,
                row -> objects.put(
                        row.getString(3),
                        new Made(
                                new Address(row.getLong(1), row.getLong(2)), row.getString(4), row.getString(5))));
        return objects;
    }

    private static Map<String, Map<String, Part>> parts(Connection c) throws SQLException {
        Map<String, Map<String, Part>> parts = new HashMap<>();
        Database.list(
                c,
                PARTS,
                row -> parts.computeIfAbsent(row.getString(1), name -> new TreeMap<>())
                        .put(
                                row.getString(2),
                                new Part(
                                        row.getString(3),
                                        row.getString(4),
                                        row.getString(5),
                                        row.getString(6),
                                        row.getString(7),
                                        row.getBoolean(8))));
        return parts;
    }
}
