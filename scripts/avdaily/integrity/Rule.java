package avdaily.integrity;

import avdaily.base.Json;
import avdaily.base.Place;
import avdaily.sql.Sql;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must be true of the data, and how to see whether it is.
 *
 * @param tables what must be there, as in "wallets" or "transactions.plan_id"; without it the rule is skipped
 * @param enforcedBy constraints that prove the rule together if they are valid and enabled
 * @param fix how findings are put right, or null
 */
public record Rule(
        String id, Description description, List<String> tables, List<String> enforcedBy, Query query, Fix fix) {

    /** Where a rule is from that no file has. */
    private static final Place OF_THE_DATABASE = new Place("the database", 0);

    /** What kind of trouble a rule looks for. */
    public enum Category {
        ORPHANS,
        BUSINESS,
        CONSISTENCY,
        PERFORMANCE,
        PHYSICAL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The gravest first. */
    public enum Severity {
        CRITICAL,
        WARNING,
        INFO;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What people read about a rule, and by what they choose it.
     *
     * @param quick the quick check has it too
     * @param means what must be true, in one sentence
     * @param cure what a person does about findings, or null
     * @param off why the rule is switched off, or null
     * @param from where it stands
     * @param about what only a database has of which the rule says something, as in {@link Rule#tables}
     */
    record Description(
            Category category,
            Severity severity,
            boolean quick,
            String means,
            String cure,
            String off,
            Place from,
            List<String> about) {
        Description with(RuleFiles.Values settings) {
            return new Description(category, severity, quick, settings.into(means), cure, off, from, about);
        }
    }

    /**
     * How findings are found: by a predicate over the rows of a table, or by a query.
     *
     * @param table the table of a predicate; else null
     * @param where the predicate: true for a row that breaks the rule; the row is {@code t}; else null
     * @param values what columns may hold, by column, if the predicate is about nothing else; else empty
     * @param select in place of table and where: returns the keys of what breaks the rule; else null
     * @param shared what the query starts with if other rules start with it too; else null
     * @param key the columns that name a finding; empty for all of the query's, or the table's primary key
     * @param probe a statement to be run for each row of the query, its columns as {@code ${column}}; one that reports
     *     damage makes the row a finding; or null
     * @param skipIf a query that says why the rule cannot be checked here, or null
     */
    record Query(
            String table,
            String where,
            Map<String, List<String>> values,
            String select,
            Shared shared,
            List<String> key,
            String probe,
            String skipIf) {
        static Query of(String select, List<String> key) {
            return new Query(null, null, Map.of(), select, null, key, null, null);
        }

        Query with(RuleFiles.Values settings) {
            return new Query(
                    table,
                    settings.into(where),
                    values,
                    settings.into(select),
                    shared == null ? null : shared.with(settings),
                    key,
                    probe,
                    settings.into(skipIf));
        }
    }

    /**
     * A costly query that several rules start with; it is run once for all of them.
     *
     * @param with it gives the query a name: WITH name AS (...)
     * @param rest what the rule makes of it
     */
    record Shared(String with, String rest) {
        Shared with(RuleFiles.Values settings) {
            return new Shared(settings.into(with), settings.into(rest));
        }
    }

    /**
     * How findings are put right.
     *
     * @param table whose rows are changed
     * @param where which of the findings, over the row {@code t}; the others stay; null for all
     * @param set for an update: column to expression over the row {@code t}
     * @param insert for an insert: the statement, which returns the keys of what it inserted
     * @param statement for ddl: the query's column that holds the statement; it runs outside of a transaction
     * @param undo for ddl: the query's column that holds the statement that takes it back, or null
     * @param money it changes money or evidence: only done if the rule is named
     */
    public record Fix(
            Kind kind,
            String table,
            String where,
            Map<String, String> set,
            String insert,
            String statement,
            String undo,
            boolean money) {
        public enum Kind {
            /** The rows are kept as jsonb and deleted. */
            QUARANTINE,
            /** Columns are computed anew; the old values are kept. */
            UPDATE,
            /** Missing rows are added. */
            INSERT,
            /** Definitions are changed without stopping those who write. */
            DDL,
            /** Only shown. */
            SQL;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** Statements that the query itself returns. */
        static Fix ddl(String statement, String undo) {
            return new Fix(Kind.DDL, null, null, Map.of(), null, statement, undo, false);
        }

        Fix with(RuleFiles.Values settings) {
            return new Fix(
                    kind,
                    table,
                    settings.into(where),
                    settings.into(set),
                    settings.into(insert),
                    statement,
                    undo,
                    money);
        }
    }

    /** A rule that the database itself gives: critical, quick, about one table, and never off. */
    static Derived derived(String id, Category category) {
        return new Derived(id, category);
    }

    static final class Derived {
        private final String id;
        private final Category category;
        private String means;
        private String table;
        private List<String> enforcedBy = List.of();
        private Query query;
        private String cure;
        private Fix fix;

        private Derived(String id, Category category) {
            this.id = id;
            this.category = category;
        }

        Derived table(String table) {
            this.table = table;
            return this;
        }

        Derived means(String means) {
            this.means = means;
            return this;
        }

        Derived enforcedBy(String claim) {
            this.enforcedBy = List.of(claim);
            return this;
        }

        Derived query(String select, List<String> key) {
            this.query = Query.of(select, key);
            return this;
        }

        Derived cure(String cure) {
            this.cure = cure;
            return this;
        }

        Derived fix(Fix fix) {
            this.fix = fix;
            return this;
        }

        Rule build() {
            Description description =
                    new Description(category, Severity.CRITICAL, true, means, cure, null, OF_THE_DATABASE, List.of());
            return new Rule(id, description, List.of(table), enforcedBy, query, fix);
        }
    }

    public Category category() {
        return description.category;
    }

    public Severity severity() {
        return description.severity;
    }

    public boolean quick() {
        return description.quick;
    }

    public String means() {
        return description.means;
    }

    public String cure() {
        return description.cure;
    }

    public String off() {
        return description.off;
    }

    public Place from() {
        return description.from;
    }

    /** Whether it asks the server's catalogs alone, in our words, and not the project's tables. */
    boolean isOfTheServer() {
        return RuleFiles.isOfTheServer(description.from);
    }

    /** Whether one of the project's rule files has it. */
    boolean isOfTheProject() {
        return !isOfTheServer() && !from().equals(OF_THE_DATABASE);
    }

    List<String> about() {
        return description.about;
    }

    /** Whether it is about each row of a table, its first one. */
    public boolean isRowRule() {
        return query.select == null;
    }

    public boolean isFixable() {
        return fix != null && fix.kind() != Fix.Kind.SQL;
    }

    /** Every table that must be there, and every column. */
    public List<String> wanted() {
        if (query.table == null) return tables;
        Stream<String> columns = query.values.keySet().stream().map(column -> query.table + "." + column);
        return Stream.of(Stream.of(query.table), columns, tables.stream())
                .flatMap(all -> all)
                .distinct()
                .toList();
    }

    /** What it finds, by the columns of {@code key}. */
    String offending(List<String> key, DerivedRules catalog) {
        if (!isRowRule()) return query.select;
        return "SELECT " + key.stream().map(Sql::quoted).collect(Collectors.joining(", ")) + " FROM "
                + catalog.table(query.table).orElseThrow().sql() + " t WHERE (" + query.where + "\n)";
    }

    /** The query as a person would run it. */
    public String sql() {
        return isRowRule()
                ? "SELECT * FROM " + DerivedRules.sqlName(query.table) + " t WHERE " + query.where.strip()
                : query.select;
    }

    /** A copy with the settings' values in its SQL. */
    Rule with(RuleFiles.Values settings) {
        return new Rule(
                id,
                description.with(settings),
                tables,
                enforcedBy,
                query.with(settings),
                fix == null ? null : fix.with(settings));
    }

    /** What programs read of a rule, and {@code more}, names and values in turn. */
    public Map<String, Object> json(Object... more) {
        Map<String, Object> all = Json.object(
                "id", id, "category", category().toString(), "severity", severity().toString(), "means", means());
        all.putAll(Json.object(more));
        all.putAll(Json.object(
                "query", sql(), "cure", cure(), "fix", fix == null ? null : fix.kind().toString()));
        return all;
    }
}
