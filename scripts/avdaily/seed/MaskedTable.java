package avdaily.seed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What people see of a table's values who need not know whose they are: the masks of an export, and no secret. */
public final class MaskedTable {
    private static final String SECRET = "(secret)";
    private static final String PERSONAL = "(personal)";

    /**
     * A column by name.
     *
     * @param base its type, or what is beneath its domain
     */
    public record Column(String name, String base) {}

    private final TableCatalog.Table table;
    private final SeedFiles.Manifest manifest;
    private final Masks masks;
    private final Set<String> personal;
    private final Set<String> secret;

    /** @param key the secret of the masks: with another one, they are others */
    public MaskedTable(String schema, String name, List<Column> columns, SeedFiles.Manifest manifest, String key) {
        Map<String, TableCatalog.Column> known = new LinkedHashMap<>();
        for (Column each : columns)
            known.put(
                    each.name,
                    new TableCatalog.Column(
                            each.name, each.base, each.base, false, null, true, false, false, true, null));
        String called = schema.equals("public") ? name : schema + "." + name;
        this.table = new TableCatalog.Table(schema, name, called, known, null, List.of(), List.of(), false);
        this.manifest = manifest;
        this.masks = new Masks(key, Optional.empty());
        this.personal = known.keySet().stream()
                .filter(column -> Masks.isPersonal(table, column) || isSaid(column))
                .collect(Collectors.toSet());
        this.secret = known.keySet().stream()
                .filter(column -> SeedChange.secret(called, column))
                .collect(Collectors.toSet());
    }

    /** Whether its name, or the seeds' manifest, says that a column is of a person or a secret. */
    public boolean isPersonal(String column) {
        return personal.contains(column);
    }

    /** Whether some value of the column is not shown as it is. */
    public boolean mayHide(String column) {
        return personal.contains(column)
                || Masks.leavesOpen(table, table.columns().get(column), false);
    }

    /** Whether a value is shown as it is. */
    public boolean isOpen(String column, String value) {
        if (personal.contains(column) || secret.contains(column)) return false;
        TableCatalog.Column known = table.columns().get(column);
        if (!known.isJson()) return masks.masked(table, known, false, value).equals(value);
        try {
            JsonNode document = ExportValues.parsed(value);
            return masks.masked(column, false, document).equals(document);
        } catch (IllegalArgumentException cut) {
            return false;
        }
    }

    private boolean isSaid(String column) {
        return manifest.table(table.name()).personal().contains(column);
    }

    /** What is shown in place of a value. */
    public String masked(String column, String value) {
        if (value == null) return null;
        if (secret.contains(column)) return SECRET;
        TableCatalog.Column known = table.columns().get(column);
        if (personal.contains(column) && Masks.leavesOut(table, known, isSaid(column))) return PERSONAL;
        if (!known.isJson()) return masks.masked(table, known, isSaid(column), value);
        try {
            JsonNode document = ExportValues.parsed(value);
            return masks.masked(column, isSaid(column), document).toString();
        } catch (IllegalArgumentException cut) {
            return PERSONAL;
        }
    }
}
