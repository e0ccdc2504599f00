package avdaily.generate;

import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.MigrationTool;
import avdaily.seed.Masks;
import avdaily.seed.TableCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A recipe that is proposed for the tables of a database: every column that needs a value gets one that its type, its
 * keys and its references allow. Statistics of the server give the shares of values and their spans; values of columns
 * that hold something of a person are not taken from there.
 */
public final class RecipeDraft {
    /** A foreign key, column by column. */
    private record Reference(long constraint, String table, String target, List<String> columns, List<String> targets) {
        boolean isToItself() {
            return table.equals(target);
        }

        /** Whether both are of several columns, and of one of them alike. */
        boolean sharesWith(Reference other) {
            return constraint != other.constraint
                    && table.equals(other.table)
                    && columns.size() > 1
                    && other.columns.size() > 1
                    && !Collections.disjoint(columns, other.columns);
        }
    }

    private final TableCatalog catalog;
    private final CheckTrial trial;
    private final long rows;
    private final Map<String, Map<String, DraftColumn>> tables = new LinkedHashMap<>();
    private final List<Reference> references = new ArrayList<>();
    private final Map<String, String> leftOut = new TreeMap<>();
    private final Set<String> written = new LinkedHashSet<>();
    private final StringBuilder text = new StringBuilder();

    private RecipeDraft(TableCatalog catalog, CheckTrial trial, long rows) {
        this.catalog = catalog;
        this.trial = trial;
        this.rows = rows;
    }

    /** @param rows how many rows each table gets */
    public static RecipeDraft of(Database db, long rows) throws SQLException {
        Connection c = db.projectConnection();
        TableCatalog catalog = TableCatalog.of(c);
        RecipeDraft draft = new RecipeDraft(catalog, new CheckTrial(db, catalog), rows);
        draft.read(c);
        draft.write();
        return draft;
    }

    /** The recipe as YAML. */
    public String text() {
        return text.toString();
    }

    public Set<String> tables() {
        return written;
    }

    /** The tables that the recipe does not fill, each with the reason. */
    public Map<String, String> leftOut() {
        return leftOut;
    }

    private void read(Connection c) throws SQLException {
        Database.list(c, SqlResource.of(RecipeDraft.class, "recipe-columns.sql"), row -> {
            Optional<TableCatalog.Table> table = catalog.find(row.getString(1) + "." + row.getString(2));
            if (table.isEmpty() || MigrationTool.TABLES.contains(row.getString(2))) return null;
            boolean isOpen = !Masks.isPersonal(table.get(), row.getString(3));
            return tables.computeIfAbsent(table.get().name(), name -> new LinkedHashMap<>())
                    .put(row.getString(3), DraftColumn.of(row, isOpen));
        });
        Database.list(c, SqlResource.of(RecipeDraft.class, "recipe-references.sql"), row -> {
            Optional<TableCatalog.Table> from = catalog.find(row.getString(2) + "." + row.getString(3));
            Optional<TableCatalog.Table> to = catalog.find(row.getString(4) + "." + row.getString(5));
            return from.isPresent()
                    && to.isPresent()
                    && references.add(new Reference(
                            row.getLong(1),
                            from.get().name(),
                            to.get().name(),
                            List.of((String[]) row.getArray(6).getArray()),
                            List.of((String[]) row.getArray(7).getArray())));
        });
    }

    private void write() throws SQLException {
        text.append("# Proposed from the database: look at it, then 'avdaily-seed generate ENV --recipe FILE'.\n");
        text.append("tables:\n");
        Set<String> open = new LinkedHashSet<>(tables.keySet());
        while (!open.isEmpty()) {
            String next = next(open);
            open.remove(next);
            add(next);
        }
    }

    /** One whose parents are there; else one of a circle that can do without those that are not. */
    private String next(Set<String> open) {
        return open.stream()
                .filter(table -> waiting(table, open).isEmpty())
                .findFirst()
                .or(() -> open.stream()
                        .filter(table -> waiting(table, open).stream().allMatch(this::isOptional))
                        .findFirst())
                .orElseGet(() -> open.iterator().next());
    }

    private List<Reference> waiting(String table, Set<String> open) {
        return references.stream()
                .filter(reference ->
                        reference.table.equals(table) && !reference.isToItself() && open.contains(reference.target))
                .toList();
    }

    private boolean isOptional(Reference reference) {
        return reference.columns.stream()
                .map(column -> tables.get(reference.table).get(column))
                .anyMatch(column -> !column.isNotNull());
    }

    private void add(String table) throws SQLException {
        Map<String, String> makers = new LinkedHashMap<>();
        Set<String> nothing = new HashSet<>();
        Set<String> distinct = new HashSet<>();
        chooseKeys(table, makers, nothing, distinct);
        refer(table, makers, nothing, distinct);
        obey(table, makers, nothing);
        for (DraftColumn column : tables.get(table).values()) {
            if (column.isGenerated() || makers.containsKey(column.name()) || nothing.contains(column.name())) continue;
            boolean isWanted = isTarget(table, column.name());
            boolean isKnown =
                    !column.isCounted() && !column.statistics().common().isEmpty();
            if (column.isFilled() && !isWanted && !isKnown) continue;
            Optional<String> maker =
                    isShared(table, column.name()) && column.distinct(rows).isPresent()
                            ? column.distinct(rows)
                            : column.maker();
            if (maker.isPresent()) makers.put(column.name(), maker.get());
            else if (column.isNotNull() && !column.isFilled())
                leftOut.put(table, "no way is known to make its column " + column.name() + " (" + column.type() + ")");
        }
        if (makers.isEmpty()) leftOut.putIfAbsent(table, "the database fills all of its columns");
        if (!leftOut.containsKey(table)) print(table, makers);
    }

    /** Columns that checks ask something of get values that the server let through, or stay empty. */
    private void obey(String table, Map<String, String> makers, Set<String> nothing) throws SQLException {
        Map<String, DraftColumn> free = new LinkedHashMap<>(tables.get(table));
        free.values()
                .removeIf(column -> column.isGenerated()
                        || makers.containsKey(column.name())
                        || nothing.contains(column.name())
                        || column.isFilled() && !isTarget(table, column.name()));
        List<String> obstacles = new ArrayList<>();
        trial.values(table, free, obstacles).forEach((column, values) -> {
            if (values.isEmpty()) nothing.add(column);
            else
                makers.put(
                        column, "{pick: [" + values.stream().map(Json::text).collect(Collectors.joining(", ")) + "]}");
        });
        if (!obstacles.isEmpty())
            leftOut.put(table, "no value is known that fits " + obstacles.get(0).replaceAll("\\s+", " "));
    }

    private boolean isTarget(String table, String column) {
        return references.stream()
                .anyMatch(reference -> reference.target.equals(table) && reference.targets.contains(column));
    }

    /** Of each key one column has another value in every row: its own, or that of another row that it refers to. */
    private void chooseKeys(String table, Map<String, String> makers, Set<String> nothing, Set<String> distinct) {
        for (List<String> key : catalog.find(table).orElseThrow().keyColumns()) {
            if (key.stream().anyMatch(distinct::contains)) continue;
            List<DraftColumn> columns = key.stream().map(tables.get(table)::get).toList();
            if (columns.stream().anyMatch(column -> column.isGenerated())) continue;
            Optional<DraftColumn> own = columns.stream()
                    .filter(column -> of(table, column.name()).isEmpty()
                            && column.distinct(rows).isPresent())
                    .findFirst();
            Optional<DraftColumn> other = columns.stream()
                    .filter(column -> of(table, column.name()).isPresent())
                    .findFirst();
            if (own.isPresent()) {
                distinct.add(own.get().name());
                boolean isLeft =
                        own.get().isCounted() && !isTarget(table, own.get().name());
                if (!isLeft)
                    makers.put(own.get().name(), own.get().distinct(rows).get());
            } else if (other.isPresent()) distinct.add(other.get().name());
            else if (columns.stream().anyMatch(column -> !column.isNotNull()))
                columns.stream()
                        .filter(column -> !column.isNotNull())
                        .map(DraftColumn::name)
                        .forEach(nothing::add);
            else leftOut.put(table, "no way is known to make its key (" + String.join(", ", key) + ") unique");
        }
    }

    private Optional<Reference> of(String table, String column) {
        return references.stream()
                .filter(reference -> reference.table.equals(table) && reference.columns.contains(column))
                .findFirst();
    }

    /** References of several columns come first: what leads to one row must not be parted. */
    private void refer(String table, Map<String, String> makers, Set<String> nothing, Set<String> distinct) {
        List<Reference> all = references.stream()
                .filter(reference -> reference.table.equals(table))
                .sorted((one, other) -> other.columns.size() - one.columns.size())
                .toList();
        for (Reference reference : all) {
            String group = group(reference, all);
            if (reference.columns.stream().allMatch(column -> makers.containsKey(column) || nothing.contains(column)))
                continue;
            boolean isThere = written.contains(reference.target);
            boolean isMatched = isOneOfSeveral(reference)
                    || all.stream()
                            .filter(other -> group(other, all).equals(group))
                            .anyMatch(other -> other.columns.stream().anyMatch(distinct::contains));
            if (!isThere && (!reference.isToItself() || isOptional(reference))) {
                if (isOptional(reference)) addOptional(reference, nothing);
                else leftOut.put(table, "it refers to " + reference.target + ", which is not filled before it");
                continue;
            }
            for (int i = 0; i < reference.columns.size(); i++) {
                String target = reference.target + "." + reference.targets.get(i);
                DraftColumn column = tables.get(table).get(reference.columns.get(i));
                String by = reference.columns.size() > 1 ? ", by: " + group : "";
                String maker = reference.isToItself()
                        ? "{copy: " + quoted(target) + "}"
                        : isMatched
                                ? "{match: " + quoted(target) + "}"
                                : "{reference: " + quoted(target) + by + (by.isEmpty() ? column.nulls() : "") + "}";
                makers.putIfAbsent(column.name(), maker);
            }
        }
    }

    /** References of several columns that share one lead to rows that agree in it: those of the same number. */
    private static String group(Reference reference, List<Reference> all) {
        long first = all.stream()
                .filter(other -> other.sharesWith(reference))
                .mapToLong(Reference::constraint)
                .min()
                .orElse(reference.constraint);
        return String.valueOf(Math.min(first, reference.constraint));
    }

    /** Whether another table needs this one's rows to follow those that they lead to. */
    private boolean isOneOfSeveral(Reference reference) {
        return reference.columns.stream().anyMatch(column -> isShared(reference.table, column));
    }

    /** Whether several references of another table lead to this column and agree in it with another table's. */
    private boolean isShared(String table, String column) {
        return references.stream()
                .filter(reference -> reference.target.equals(table) && reference.targets.contains(column))
                .anyMatch(reference -> references.stream()
                        .anyMatch(other -> other.sharesWith(reference)
                                && other.columns.contains(reference.columns.get(reference.targets.indexOf(column)))));
    }

    private void addOptional(Reference reference, Set<String> nothing) {
        reference.columns.stream()
                .filter(column -> !tables.get(reference.table).get(column).isNotNull())
                .forEach(nothing::add);
    }

    private void print(String table, Map<String, String> makers) {
        written.add(table);
        text.append("  ")
                .append(quoted(table))
                .append(":\n    rows: ")
                .append(rows)
                .append("\n    columns:\n");
        List<String> order = new ArrayList<>(tables.get(table).keySet());
        order.removeIf(column -> !makers.containsKey(column));
        order.sort((one, other) -> Boolean.compare(
                makers.get(one).startsWith("{copy: "), makers.get(other).startsWith("{copy: ")));
        for (String column : order) {
            tables.get(table).get(column).open().forEach(check -> text.append("      # must fit ")
                    .append(check.replaceAll("\\s+", " "))
                    .append('\n'));
            text.append("      ")
                    .append(quoted(column))
                    .append(": ")
                    .append(makers.get(column))
                    .append('\n');
        }
    }

    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_.]*") && !name.matches("y|n|yes|no|on|off|true|false|null")
                ? name
                : Json.text(name);
    }
}
