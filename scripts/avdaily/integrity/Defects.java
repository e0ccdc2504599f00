package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Breaks rules on purpose, as defects.yaml says: so often as is asked for, and no other rule with it. */
public final class Defects {
    /**
     * How a rule is broken.
     *
     * @param without constraints of tables that stand in the way
     * @param given names of statements that add sound data first
     * @param plant statements that break the rule; the last returns the keys of what breaks it
     * @param settings that turn the rule on
     * @param also rules that see the same
     * @param most how often the rule can be broken at all
     */
    private record Defect(
            Map<String, List<String>> without,
            List<String> given,
            List<String> plant,
            Map<String, String> settings,
            Set<String> also,
            int most) {}

    private final Map<String, Defect> byRule = new LinkedHashMap<>();
    private final Map<String, String> given;
    private final String planted;

    private Defects(Map<String, Object> file) {
        given = map(file.get("given"));
        planted = (String) file.get("planted");
        Defects.<Map<String, Object>>map(file.get("defects"))
                .forEach((rule, defect) -> byRule.put(
                        rule,
                        new Defect(
                                map(defect.get("without")),
                                list(defect.get("given")),
                                list(defect.get("plant")),
                                map(defect.get("settings")),
                                Set.copyOf(list(defect.get("also"))),
                                (Integer) defect.getOrDefault("most", Integer.MAX_VALUE))));
    }

    public static Defects read() {
        Path file = ResourceFolder.shipped("scripts/avdaily/integrity").resolve("defects.yaml");
        try (Reader reader = Files.newBufferedReader(file)) {
            return new Defects(new Yaml(new SafeConstructor(new LoaderOptions())).load(reader));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + ResourceFolder.show(file), e);
        }
    }

    @SuppressWarnings("unchecked") // the file is ours, and each rule of it is tried by a test
    private static <V> Map<String, V> map(Object node) {
        return node == null ? Map.of() : (Map<String, V>) node;
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(Object node) {
        return node == null ? List.of() : node instanceof List<?> list ? (List<String>) list : List.of((String) node);
    }

    /** The rules that can be broken. */
    public Set<String> rules() {
        return byRule.keySet();
    }

    /** Settings that turn the rule on; none for most. */
    public Map<String, String> settings(String rule) {
        return byRule.get(rule).settings;
    }

    /** Rules that say the same in another way, and so find the same. */
    public Set<String> also(String rule) {
        return byRule.get(rule).also;
    }

    /** @throws Failure (2) if no database lets the rule be broken so often */
    public void refuseMoreThanMost(String rule, int times) {
        if (times > most(rule))
            throw Failure.usage(rule + " cannot be broken " + times + " times", "ask for " + most(rule) + ".");
    }

    /** How often the rule can be broken in one database. */
    public int most(String rule) {
        return byRule.get(rule).most;
    }

    /** Drops the constraints that would not let the rule be broken; false if there are none. */
    public boolean loosen(Connection c, String rule) throws SQLException {
        for (Map.Entry<String, List<String>> table : byRule.get(rule).without.entrySet())
            for (String constraint : table.getValue())
                Database.run(
                        c,
                        "ALTER TABLE " + DerivedRules.sqlName(table.getKey()) + " DROP CONSTRAINT IF EXISTS "
                                + Sql.quoted(constraint));
        return !byRule.get(rule).without.isEmpty();
    }

    /**
     * Breaks the rule so many times, in the transaction that there is.
     *
     * @return the names of the findings, as a check gives them
     * @throws Failure (21) if there is too little to break; the transaction is to be rolled back
     */
    public List<String> plant(Connection c, String rule, int times) throws SQLException {
        Defect defect = byRule.get(rule);
        if (defect == null)
            throw Failure.usage(
                    "nothing is known of how to break " + rule, "there are " + String.join(", ", rules()) + ".");
        refuseMoreThanMost(rule, times);
        loosen(c, rule);
        List<String> statements =
                new ArrayList<>(defect.given.stream().map(given::get).toList());
        statements.addAll(defect.plant);
        String last = statements.remove(statements.size() - 1);
        for (String statement : statements) Database.run(c, bound(statement, rule, times));
        List<String> keys = RuleSql.rows(c, bound(last, rule, times)).stream()
                .map(row -> row.values().stream().map(String::valueOf).collect(Collectors.joining(", ")))
                .sorted()
                .toList();
        if (keys.size() != times)
            throw Failure.refused(
                    rule + " would be broken " + Format.count(keys.size(), "time") + " here, not " + times,
                    "ask for what is possible, or mend the data and the schema first.");
        return keys;
    }

    private String bound(String sql, String rule, int times) {
        return sql.replace(":planted", planted)
                .replace(":rule", Sql.literal(rule))
                .replaceAll("(?<!:):n\\b", String.valueOf(times));
    }
}
