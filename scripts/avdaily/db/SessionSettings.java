package avdaily.db;

import avdaily.base.Out;
import avdaily.base.SqlResource;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What role, database and server say of a session. The driver sets some of it by the machine that it runs on; the
 * project's SQL has to mean the same on every machine, and what it means in psql.
 */
public final class SessionSettings {
    private static final String SAID = SqlResource.of(SessionSettings.class, "said-settings.sql");
    private static final Pattern ORDER = Pattern.compile("(?i)\\b(DMY|MDY|YMD|NONEURO|EURO|US|GERMAN)");
    private static final String TIME_ZONE = "timezone";
    private static final String DATE_STYLE = "datestyle";
    private static final String FLOAT_DIGITS = "extra_float_digits";

    /** What would change who runs a trial, or keep it from doing anything. */
    private static final Set<String> NOT_FOR_TRIALS =
            Set.of("role", "session_authorization", "default_transaction_read_only");

    private static final Set<String> DRIVERS = Set.of(TIME_ZONE, DATE_STYLE, FLOAT_DIGITS);
    private static final Pattern OPTION =
            Pattern.compile("(?s)(?<!\\S)-(?:c\\s*|-)([\\w-]+)=((?:[^\\s\\\\]++|\\\\.)*+)");

    private final Map<String, String> said;

    private SessionSettings(Map<String, String> said) {
        this.said = said;
    }

    /** What an address's options say of that which the driver sets: for the server the driver has the last word. */
    static Map<String, String> saidBy(String options) {
        Map<String, String> said = new LinkedHashMap<>();
        OPTION.matcher(options).results().forEach(option -> {
            String name = option.group(1).replace('-', '_').toLowerCase(Locale.ROOT);
            String value = option.group(2).replaceAll("(?s)\\\\(.)", "$1");
            if (DRIVERS.contains(name)) said.put("avdaily.said_" + name, value);
        });
        return said;
    }

    static SessionSettings of(Connection c) throws SQLException {
        Map<String, String> said = new LinkedHashMap<>();
        Database.list(c, SAID, row -> said.put(row.getString(1), row.getString(2)));
        if (said.get(TIME_ZONE) == null) said.put(TIME_ZONE, serversTimeZone(c));
        said.put(DATE_STYLE, readable(said.get(DATE_STYLE)));
        return new SessionSettings(said);
    }

    /**
     * The server's file says it, which only few may read. For others the zone of its log stands in: a server is set up
     * with the same zone for both.
     */
    private static String serversTimeZone(Connection c) throws SQLException {
        String query =
                """
                SELECT has_table_privilege('pg_file_settings', 'SELECT')
                  AND has_function_privilege('pg_show_all_file_settings()', 'EXECUTE')""";
        String file = Database.one(c, query, Boolean.class)
                ? Database.one(
                        c,
                        """
                        SELECT setting FROM pg_file_settings WHERE lower(name) = 'timezone' AND error IS NULL
                        ORDER BY seqno DESC LIMIT 1""",
                        String.class)
                : null;
        return file != null ? file : Database.one(c, "SELECT current_setting('log_timezone')", String.class);
    }

    /** In which the project's sessions write a time that has no zone, as Flyway's history does. */
    public static ZoneId zone(Connection c) throws SQLException {
        String name = of(c).said.get(TIME_ZONE);
        return ZoneId.getAvailableZoneIds().contains(name) ? ZoneId.of(name) : ZoneId.systemDefault();
    }

    /** Gives the session the time zone of the project's sessions, in place of this machine's. */
    public static void enterZone(Connection c) throws SQLException {
        Database.run(c, "SELECT " + set("TimeZone", of(c).said.get(TIME_ZONE)));
    }

    /** What gives a session what the driver kept from it. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("TimeZone", said.get(TIME_ZONE));
        values.put("DateStyle", said.get(DATE_STYLE));
        values.put(FLOAT_DIGITS, said.get(FLOAT_DIGITS) == null ? "1" : said.get(FLOAT_DIGITS));
        return values;
    }

    /** Calls that set them, in their order, for a SELECT. */
    static String set(Map<String, String> values) {
        return values.entrySet().stream()
                .map(each -> set(each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String set(String name, String value) {
        return "pg_catalog.set_config(" + Sql.literal(name) + ", " + Sql.literal(value) + ", false)";
    }

    /** Of a date style the order of day and month; the driver reads dates in ISO form alone. */
    private static String readable(String dateStyle) {
        Matcher order = ORDER.matcher(String.valueOf(dateStyle));
        if (!order.find()) return "ISO";
        return switch (order.group(1).toUpperCase(Locale.ROOT)) {
            case "NONEURO", "US", "MDY" -> "ISO, MDY";
            case "YMD" -> "ISO, YMD";
            default -> "ISO, DMY";
        };
    }

    /**
     * Makes them the settings of another database, as far as the role may.
     *
     * @param admin a session on the other database's server, without a transaction
     * @return the statements with which its sessions have to begin: names that no extension knows can only be set by a
     *     superuser there, and by everybody in a session
     */
    String give(Connection admin, String database, Out out) throws SQLException {
        List<String> start = new ArrayList<>();
        admin.setAutoCommit(false);
        try {
            for (Map.Entry<String, String> setting : said.entrySet()) {
                String name = setting.getKey();
                String value = setting.getValue();
                if (value == null || NOT_FOR_TRIALS.contains(name) || give(admin, database, name, value, out)) continue;
                if (name.contains(".")) start.add("SELECT " + set(name, value));
            }
        } finally {
            admin.rollback();
            admin.setAutoCommit(true);
        }
        return String.join("; ", start);
    }

    /**
     * The value goes from a session's setting to the database's: so it need not be written as a list or a text.
     *
     * @return whether the database has it now
     */
    private static boolean give(Connection admin, String database, String name, String value, Out out)
            throws SQLException {
        try {
            Database.one(admin, "SELECT pg_catalog.set_config(?, ?, true)", String.class, name, value);
            String quoted = name.replaceAll("[^.]+", "\"$0\"");
            Database.run(admin, "ALTER DATABASE " + Sql.quoted(database) + " SET " + quoted + " FROM CURRENT");
            admin.commit();
            return true;
        } catch (SQLException e) {
            admin.rollback();
            out.detail("The scratch database goes without " + name + " = " + value + ": " + Failures.message(e));
            return false;
        }
    }
}
