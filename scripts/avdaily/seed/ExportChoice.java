package avdaily.seed;

import avdaily.db.Database;
import avdaily.db.MigrationTool;
import java.sql.Connection;
import java.sql.SQLException;
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
    private final Set<String> partitions;

    ExportChoice(
            Connection c, TableCatalog tables, SeedFiles.Manifest manifest, Exporter.Format format, boolean isMasked)
            throws SQLException {
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
            if (!isHistory(name)) obstacle(name).ifPresent(why -> reasons.put(name, why));
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
        if (manifest.keyOf(tables, table.get()).isEmpty())
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

    /** Whether the id is made by the database or from the natural key. */
    static boolean isMade(TableCatalog.Table table) {
        return table.id() != null
                && (table.id().base().equals("uuid") || table.id().isFilled());
    }

    SeedPlan plan(TableCatalog.Table table) {
        return new SeedPlan(
                table,
                manifest.keyOf(tables, table).orElse(List.of()),
                manifest.table(table.name()).references(),
                Set.of(),
                Map.of(),
                Map.of(),
                null,
                Set.of());
    }
}
