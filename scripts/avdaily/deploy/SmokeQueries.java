package avdaily.deploy;

import avdaily.base.StrictYaml;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.ForeignCode;
import avdaily.db.SingleStatement;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Queries that must be true after a deployment: each returns one value, by default true. They only read. */
final class SmokeQueries {
    private record Query(String name, String sql, String expected) {}

    private final List<Query> queries = new ArrayList<>();

    /** @throws Failure (2) naming file and line of a mistake */
    static SmokeQueries read(Optional<BoundText> file) {
        SmokeQueries smoke = new SmokeQueries();
        if (file.isEmpty()) return smoke;
        for (StrictYaml map : StrictYaml.readList(file.get().file(), file.get().text())) {
            String name = map.text("name")
                    .orElseThrow(() -> map.mistake(
                            "name", "a query has no name", "say in a few words what it shows, as name: ..."));
            String sql = map.text("query")
                    .orElseThrow(
                            () -> map.mistake("name", "'" + name + "' has no query", "write it as query: SELECT ..."));
            smoke.queries.add(new Query(name, sql, map.text("expect").orElse("t")));
            map.done();
        }
        return smoke;
    }

    int size() {
        return queries.size();
    }

    /** Each query whose value is not the expected one, or that fails. A query may take 60 seconds. */
    List<String> findings(Database db) throws SQLException {
        List<String> findings = new ArrayList<>();
        if (queries.isEmpty()) return findings;
        try (Connection c = db.connectForProject()) {
            Database.run(c, "SET default_transaction_read_only = on");
            c.setReadOnly(true);
            c.setAutoCommit(false);
            for (Query query : queries) {
                try {
                    finding(c, query).ifPresent(what -> findings.add("smoke query '" + query.name + "': " + what));
                } catch (SQLException e) {
                    if (SqlState.isConnectionLost(e)) throw e;
                    findings.add("smoke query '" + query.name + "': " + Failures.message(e));
                }
                c.rollback();
            }
        }
        return findings;
    }

    /** What is not as it should be, or nothing. */
    private static Optional<String> finding(Connection c, Query query) throws SQLException {
        if (!SingleStatement.isQuery(c, query.sql)) return Optional.of("it is not one query, and was not run");
        Database.run(c, "SET LOCAL statement_timeout = '60s'");
        List<String> obstacles = ForeignCode.inQuery(c, query.sql);
        if (!obstacles.isEmpty())
            return Optional.of("it could run a stranger's code, and was not run: " + String.join("; ", obstacles));
        List<String> values = SingleStatement.rows(c, query.sql, row -> row.getString(1));
        String actual = values.isEmpty() ? "no row" : values.get(0);
        return isSame(query.expected, actual)
                ? Optional.empty()
                : Optional.of(actual + " instead of " + query.expected.replaceFirst("^t$", "true"));
    }

    private static boolean isSame(String expected, String actual) {
        return expected.equals(actual)
                || "t".equals(actual) && expected.equals("true")
                || "f".equals(actual) && expected.equals("false");
    }
}
