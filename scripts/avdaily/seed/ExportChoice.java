package avdaily.seed;

import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.MigrationTool;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which tables can be written as seed files that bring the same rows back, and why others cannot. */
public final class ExportChoice {
    private final TableCatalog tables;
    private final SeedFiles.Manifest manifest;
    private final Exporter.Format format;
    private final boolean isMasked;
    private final Connection c;
    private final Set<String> partitions;
    private final Map<String, Optional<List<String>>> keys = new HashMap<>();

    ExportChoice(
            Connection c, TableCatalog tables, SeedFiles.Manifest manifest, Exporter.Format format, boolean isMasked)
            throws SQLException {
        this.c = c;
        this.tables = tables;
        this.manifest = manifest;
        this.format = format;
        this.isMasked = isMasked;
        this.partitions = Set.copyOf(Database.list(
                c,
                """
                SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || relname END
                FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relispartition""",
                row -> row.getString(1)));
    }

    /** The tables that can be written so that they come back. */
    public List<String> all() {
        Map<String, String> others = others();
        return tables.names().stream()
                .filter(name -> !others.containsKey(name) && obstacle(name).isEmpty())
                .toList();
    }

    /**
     * The tables that people might expect and {@link #all} does not have, each with the reason: itself cannot be
     * written, or it refers to one that cannot.
     */
    public Map<String, String> others() {
        Map<String, String> reasons = new TreeMap<>();
        for (String name : tables.names())
            if (!isHistory(name) && !partitions.contains(name)) obstacle(name).ifPresent(why -> reasons.put(name, why));
        for (boolean found = true; found; ) {
            found = false;
            for (String name : tables.names()) {
                if (isHistory(name) || reasons.containsKey(name)) continue;
                Optional<String> needed =
                        needs(name).stream().filter(reasons::containsKey).findFirst();
                needed.ifPresent(other -> reasons.put(name, "it refers to " + other + ", which is left out"));
                found = found || needed.isPresent();
            }
        }
        return reasons;
    }

    private static boolean isHistory(String name) {
        return MigrationTool.TABLES.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** The other tables to which a table's rows refer. */
    public Set<String> needs(String name) {
        TableCatalog.Table table = tables.find(name).orElseThrow();
        return tables.foreignKeys(table.name(), table.columns().keySet()).stream()
                .map(TableCatalog.ForeignKey::target)
                .filter(target -> !target.equals(table.name()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Why a table cannot be written, or nothing. */
    public Optional<String> obstacle(String name) {
        Optional<TableCatalog.Table> table = tables.find(name);
        if (table.isEmpty()) return Optional.of("there is no table " + name);
        if (isHistory(name)) return Optional.of("it is the migrations'");
        if (partitions.contains(name)) return Optional.of("it is a partition, and its rows are those of its table");
        if (name.matches("\\..*|.*[/\\\\].*|.*\\.(?i:md)")) return Optional.of("its name makes no file's name");
        if (key(table.get()).isEmpty())
            return Optional.of("it has no key, or more than one; name its natural key in seeds.yaml");
        for (String column : table.get().columns().keySet())
            if (column.equals(SeedRow.STATE)
                    || column.equals("#")
                    || format == Exporter.Format.csv && !CsvRows.canName(column))
                return Optional.of(
                        "its column " + column + " has a name that means something else in a " + format + " file");
        Set<String> parts = plan(table.get()).keyColumns(Exporter.NOWHERE).stream()
                .map(TableCatalog.Column::name)
                .collect(Collectors.toSet());
        for (TableCatalog.Column column : table.get().columns().values()) {
            boolean secret = SeedChange.secret(name, column.name());
            if (!secret && !isLeftOut(table.get(), column)) continue;
            if (parts.contains(column.name()) || !column.isNullable() && !column.isFilled())
                return Optional.of("it needs " + column.name() + ", which is "
                        + (secret
                                ? "a secret and never written"
                                : "personal and of a type that cannot be masked (" + column.type() + ")"));
        }
        return Optional.empty();
    }

    /** The columns of a table whose texts are written as they are, and of which the manifest says nothing. */
    List<TableCatalog.Column> open(TableCatalog.Table table) {
        SeedFiles.Table said = manifest.table(table.name());
        return table.columns().values().stream()
                .filter(column -> !column.generated()
                        && column.target() == null
                        && !SeedChange.secret(table.name(), column.name())
                        && !said.open().contains(column.name())
                        && !isLeftOut(table, column)
                        && Masks.leavesOpen(table, column, said.personal().contains(column.name())))
                .toList();
    }

    /** Whether it is personal, and cannot be masked. */
    boolean isLeftOut(TableCatalog.Table table, TableCatalog.Column column) {
        return isMasked
                && Masks.leavesOut(
                        table, column, manifest.table(table.name()).personal().contains(column.name()));
    }

    /**
     * The natural key of a table's rows, as seeds name it; the id if no other key tells all of the rows apart: one of
     * some rows, or one with parts that are null.
     */
    Optional<List<String>> key(TableCatalog.Table table) {
        return keys.computeIfAbsent(table.name(), name -> {
            Optional<List<String>> key = manifest.keyOf(tables, table);
            boolean isSaid = !manifest.table(name).key().isEmpty();
            if (table.id() == null || isSaid || key.isPresent() && tellsApart(table, key.get())) return key;
            return Optional.of(List.of(table.id().name()));
        });
    }

    private boolean tellsApart(TableCatalog.Table table, List<String> key) {
        List<String> columns = planned(table, key).keyColumns(Exporter.NOWHERE).stream()
                .map(TableCatalog.Column::name)
                .toList();
        boolean isCertain = table.key(columns).isPlain()
                && columns.stream()
                        .noneMatch(column -> table.columns().get(column).isNullable());
        if (isCertain) return true;
        String list = columns.stream().map(Sql::quoted).collect(Collectors.joining(", "));
        try {
            return !Database.one(
                    c,
                    "SELECT EXISTS (SELECT FROM " + table.sql() + " GROUP BY " + list + " HAVING count(*) > 1)",
                    Boolean.class);
        } catch (SQLException e) {
            throw Failures.explain(e);
        }
    }

    /** Whether the id is made by the database or from the natural key. */
    static boolean isMade(TableCatalog.Table table) {
        return table.id() != null
                && (table.id().base().equals("uuid") || table.id().isFilled());
    }

    SeedPlan plan(TableCatalog.Table table) {
        return planned(table, key(table).orElse(List.of()));
    }

    private SeedPlan planned(TableCatalog.Table table, List<String> key) {
        return new SeedPlan(
                table, key, manifest.table(table.name()).references(), Set.of(), Map.of(), Map.of(), null, Set.of());
    }
}
