package avdaily.integrity;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The columns that tell one finding of a rule from another, and the name that their values give it. */
final class FindingKey {
    /** The columns that name a finding. */
    static List<String> of(Connection c, Rule rule) throws SQLException {
        if (!rule.query().key().isEmpty()) return rule.query().key();
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            String query = "SELECT * FROM (" + rule.query().select() + "\n) q LIMIT 0";
            RuleSql.mustRead(c, query);
            ResultSet none = statement.executeQuery(query);
            List<String> columns = new ArrayList<>();
            for (int i = 1; i <= none.getMetaData().getColumnCount(); i++)
                columns.add(none.getMetaData().getColumnName(i));
            if (rule.fix() != null)
                columns.removeAll(
                        Arrays.asList(rule.fix().statement(), rule.fix().undo()));
            return columns;
        }
    }

    /** How a finding is called: the values of its key. */
    static String name(List<String> key) {
        return "concat_ws(', ', "
                + key.stream()
                        .map(column -> "coalesce(q." + Sql.quoted(column) + "::text, 'null')")
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /** A condition: the finding {@code q} has none of these names. */
    static String isNone(List<String> key, List<String> names) {
        return name(key) + " <> ALL ("
                + names.stream().map(Sql::literal).collect(Collectors.joining(", ", "ARRAY[", "]::text[]")) + ")";
    }

    private FindingKey() {}
}
