package avdaily.integrity;

import avdaily.sql.Sql;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must be true of the data, and how to see where it is not.
 *
 * @param quick it is also part of the quick check
 * @param means what must be true, in one sentence
 * @param needs settings without which the rule has no meaning: it is skipped while one of them is not set
 * @param tables what must be there, as in "wallets" or "transactions.plan_id", or the rule is skipped
 * @param enforcedBy constraints that prove the rule together, where they are valid and enabled
 * @param table the table of a rule that is a predicate over its rows
 * @param where the predicate: true for a row that breaks the rule; the row is {@code t}
 * @param values what columns may hold, by column, where that is all that the predicate is about; else none
 * @param query in place of table and where: returns the keys of what breaks the rule
 * @param shared what the query starts with, where other rules start with it too; or null
 * @param key the columns of query or table that name a finding; none for the query's own, or the table's primary key
 * @param probe a statement to be run for each row of the query, its columns as {@code ${column}}; one that reports damage makes the row a finding
 * @param skipIf a query that says why the rule cannot be checked here, or null
 * @param cure what a person does about findings
 * @param off why the rule is switched off, or null
 * @param from where it stands, for messages
 */
public record Rule(
        String id,
        Category category,
        Severity severity,
        boolean quick,
        String means,
        List<String> needs,
        List<String> tables,
        List<String> enforcedBy,
        String table,
        String where,
        Map<String, List<String>> values,
        String query,
        Shared shared,
        List<String> key,
        String probe,
        String skipIf,
        String cure,
        Fix fix,
        String off,
        String from) {

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
     * A costly query that several rules start with; it is run once for all of them.
     *
     * @param with it gives the query a name: WITH name AS (...)
     * @param rest what the rule makes of it
     */
    record Shared(String with, String rest) {}

    /**
     * How findings are put right.
     *
     * @param table whose rows are changed
     * @param where which of the findings, over the row {@code t}; the others stay; null for all
     * @param set for an update: column to expression over the row {@code t}
     * @param insert for an insert: the statement, which returns the keys of what it inserted
     * @param statement for ddl: the query's column that holds the statement; it runs outside of a transaction
     * @param undo for ddl: the query's column that holds the statement that takes it back, or null
     * @param money it changes money or evidence: only done when the rule is named
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
    }

    boolean isRowRule() {
        return query == null;
    }

    public boolean isFixable() {
        return fix != null && fix.kind() != Fix.Kind.SQL;
    }

    /** Every table that must be there. */
    public List<String> wanted() {
        return table == null
                ? tables
                : Stream.of(
                                Stream.of(table),
                                values.keySet().stream().map(column -> table + "." + column),
                                tables.stream())
                        .flatMap(all -> all)
                        .distinct()
                        .toList();
    }

    /** What it finds, by the columns of {@code key}. */
    String offending(List<String> key, DerivedRules catalog) {
        return isRowRule()
                ? "SELECT " + key.stream().map(Sql::quoted).collect(Collectors.joining(", ")) + " FROM "
                        + catalog.table(table).orElseThrow().sql() + " t WHERE (" + where + "\n)"
                : query;
    }

    /** The query as a person would run it. */
    public String sql() {
        return isRowRule() ? "SELECT * FROM " + DerivedRules.sqlName(table) + " t WHERE " + where.strip() : query;
    }

    /** A copy with the settings' values in its SQL. */
    Rule with(RuleFiles.Values settings) {
        Fix bound = fix == null
                ? null
                : new Fix(
                        fix.kind(),
                        fix.table(),
                        settings.into(fix.where()),
                        settings.into(fix.set()),
                        settings.into(fix.insert()),
                        fix.statement(),
                        fix.undo(),
                        fix.money());
        Shared start = shared == null ? null : new Shared(settings.into(shared.with()), settings.into(shared.rest()));
        return new Rule(
                id,
                category,
                severity,
                quick,
                settings.into(means),
                needs,
                tables,
                enforcedBy,
                table,
                settings.into(where),
                values,
                settings.into(query),
                start,
                key,
                probe,
                settings.into(skipIf),
                cure,
                bound,
                off,
                from);
    }
}
