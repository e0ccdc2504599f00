package avdaily.studio;

import avdaily.base.Failure;
import avdaily.sql.Sql;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A condition on the rows that are shown. */
record Filter(Column column, Operator operator, String value) {
    static final int MOST = 6;

    enum Operator {
        IS("is", "is", "= CAST(? AS %s)"),
        CONTAINS("has", "contains", null),
        BELOW("lt", "is less than", "< CAST(? AS %s)"),
        FROM("ge", "is at least", ">= CAST(? AS %s)"),
        NULL("null", "is null", "IS NULL"),
        SOME("some", "is not null", "IS NOT NULL");

        final String word;
        final String words;
        private final String sql;

        Operator(String word, String words, String sql) {
            this.word = word;
            this.words = words;
            this.sql = sql;
        }

        private boolean takesValue() {
            return this != NULL && this != SOME;
        }
    }

    /** Those that an address says: f0, o0 and v0 of the first one, and so on. */
    static List<Filter> of(Request request, List<Column> columns) {
        List<Filter> filters = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            Optional<String> name = request.get("f" + i);
            if (name.isEmpty()) continue;
            Column column = column(columns, name.get());
            String word = request.get("o" + i).orElse("is");
            Operator operator = Arrays.stream(Operator.values())
                    .filter(each -> each.word.equals(word))
                    .findFirst()
                    .orElseThrow(
                            () -> Failure.usage("there is no condition '" + word + "'", "choose one of the page's."));
            filters.add(new Filter(column, operator, request.parameters().getOrDefault("v" + i, "")));
        }
        return filters;
    }

    static Column column(List<Column> columns, String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Failure.usage("there is no column " + name, "choose one of the page's."));
    }

    /** The same link with the condition that these columns have these values. */
    static Link equal(Link link, List<String> columns, List<String> values) {
        Link with = link;
        for (int i = 0; i < columns.size(); i++)
            with = with.with("f" + i, columns.get(i)).with("v" + i, values.get(i));
        return with;
    }

    String sql() {
        String name = Sql.quoted(column.name());
        if (operator == Operator.CONTAINS)
            return "pg_catalog.strpos(pg_catalog.lower(CAST(" + name
                    + " AS pg_catalog.text)), pg_catalog.lower(?)) > 0";
        return name + " " + operator.sql.formatted(column.type());
    }

    List<String> parameters() {
        return operator.takesValue() ? List.of(value) : List.of();
    }
}
