package avdaily.migrate;

import avdaily.base.Format;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A session in the way: one that holds a lock, or asked for it before.
 *
 * @param pid 0 for a prepared transaction, which has no session
 * @param description who it is, since when, and its last statement without values
 */
record BlockingSession(int pid, String description) {
    /**
     * A quoted name, which stays, a comment, or a literal; behind a backslash in one that is not E'...', all the rest:
     * a setting of the session decides where that one ends.
     */
    private static final Pattern DATA = Pattern.compile("(?s)\"[^\"]*+\"?|--[^\\r\\n]*+|/\\*.*?(?:\\*/|$)"
            + "|(?<!\\w)[eE]'(?:[^'\\\\]|''|\\\\.)*+'?|'(?:[^'\\\\]|'')*+'?|\\$((?!\\d)\\w*)\\$.*?(?:\\$\\1\\$|$)"
            + "|\\\\.*");

    /** The sessions for which the given ones wait, without these themselves. */
    static List<BlockingSession> of(Connection c, Collection<Integer> waiting) throws SQLException {
        return list(
                c,
                """
                SELECT DISTINCT b.pid FROM pg_stat_activity mine
                  CROSS JOIN LATERAL unnest(pg_blocking_pids(mine.pid)) AS b (pid)
                WHERE mine.pid = ANY (?::int[]) AND mine.wait_event_type = 'Lock' AND b.pid <> ALL (?::int[])""",
                array(waiting),
                array(waiting));
    }

    /** The sessions of these numbers. */
    static List<BlockingSession> read(Connection c, Collection<Integer> pids) throws SQLException {
        return list(c, "SELECT DISTINCT unnest(?::int[])", array(pids));
    }

    private static List<BlockingSession> list(Connection c, String pids, Object... parameters) throws SQLException {
        return Database.list(
                c,
                """
                SELECT b.pid, CASE WHEN b.pid = 0 THEN 'a prepared transaction (see pg_prepared_xacts)' ELSE
                  format('pid %%s, %%s, user %%s', b.pid,
                         coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown program'),
                         coalesce(a.usename, 'unknown'))
                    || coalesce(to_char(coalesce(a.xact_start, a.backend_start), '", since "YYYY-MM-DD HH24:MI:SS'), '')
                    || coalesce(', ' || a.state, '')
                    || coalesce(
                         ', itself behind pid ' || nullif(array_to_string(pg_blocking_pids(b.pid), ', '), ''), '')
                  END, a.query
                FROM (%s) AS b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY a.xact_start"""
                        .formatted(pids),
                row -> new BlockingSession(row.getInt(1), row.getString(2) + lastStatement(row.getString(3))),
                parameters);
    }

    private static String array(Collection<Integer> pids) {
        return pids.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }

    /** The statement without what may be somebody's data: literals and comments. */
    static String lastStatement(String query) {
        if (query == null || query.isBlank() || query.startsWith("<")) return "";
        String bare = DATA.matcher(query)
                .replaceAll(data -> {
                    if (data.group().startsWith("\"")) return Matcher.quoteReplacement(data.group());
                    return data.group().matches("(?s)(--|/\\*).*") ? " " : "?";
                })
                .replaceAll("(?<![\\w$\"])[0-9][\\w.]*", "?")
                .replaceAll("\\s+", " ")
                .replaceAll("[;\\s]+$", "")
                .strip();
        return ", last statement: " + Format.within(bare, 200, "...");
    }

    /** As the end of a message; empty if there are none. */
    static String inTheWay(List<BlockingSession> sessions) {
        if (sessions.isEmpty()) return "";
        return "; in the way: "
                + sessions.stream().map(BlockingSession::description).collect(Collectors.joining("; "));
    }
}
