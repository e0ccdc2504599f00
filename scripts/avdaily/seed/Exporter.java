package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the rows of tables as seed files that bring the same rows back; a row passes through, and references are said
 * by natural key.
 */
public final class Exporter {
    /** The form of a file, as its name ends. */
    public enum Format {
        yaml,
        csv
    }

    public record Written(String table, long rows) {}

    /**
     * What a field of the file comes from: a column of the query, or for a reference the parts of the natural key that
     * it leads to.
     */
    private record Field(
            String name,
            TableCatalog.Table table,
            TableCatalog.Column column,
            int place,
            TableCatalog.Table target,
            List<Field> parts) {
        Field called(String other) {
            return new Field(other, table, column, place, target, parts);
        }
    }

    /** One query: a table, joined with all that its references name. */
    private final class Query {
        private final List<String> columns = new ArrayList<>();
        private final List<String> joins = new ArrayList<>();

        Field field(TableCatalog.Table table, String alias, String name) {
            SeedPlan.Binding binding = choice.plan(table).binding(name, NOWHERE);
            columns.add(alias + "." + Sql.quoted(binding.column().name()) + "::text");
            int place = columns.size();
            if (binding.target() == null) return new Field(name, table, binding.column(), place, null, List.of());
            TableCatalog.Table target = tables.find(binding.target()).orElseThrow();
            String other = "r" + joins.size();
            joins.add(" LEFT JOIN " + target.sql() + " " + other + " ON " + other + "."
                    + Sql.quoted(target.id().name()) + " = " + alias + "."
                    + Sql.quoted(binding.column().name()));
            List<Field> parts = new ArrayList<>();
            for (String part : choice.key(target).orElseThrow()) parts.add(field(target, other, part));
            return new Field(name, table, binding.column(), place, target, parts);
        }
    }

    static final SeedRow NOWHERE = new SeedRow(Path.of("export"), 0, Map.of());
    private static final int ROWS_AT_A_TIME = 1000;

    private final Connection c;
    private final TableCatalog tables;
    private final SeedFiles.Manifest manifest;
    private final Format format;
    private final Masks masks;
    private final ExportChoice choice;
    private final ExportValues values;

    /** @param masks what to put in the place of personal data, or null: leave it */
    public Exporter(Connection c, TableCatalog tables, SeedFiles.Manifest manifest, Format format, Masks masks)
            throws SQLException {
        SessionFormat.set(c, ZoneOffset.UTC); // times come with their zone
        Database.run(c, "SET row_security = off"); // rows that are hidden are an error, and not left out
        this.c = c;
        this.tables = tables;
        this.manifest = manifest;
        this.format = format;
        this.masks = masks;
        this.values = new ExportValues(manifest, format, masks);
        this.choice = new ExportChoice(c, tables, manifest, format, masks != null);
    }

    /** Which tables can be written. */
    public ExportChoice choice() {
        return choice;
    }

    /** How many values each column of the tables has that is written as it is, by table and column. */
    public Map<String, Long> open(List<String> names) throws SQLException {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String name : names) {
            TableCatalog.Table table = tables.find(name).orElseThrow();
            for (TableCatalog.Column column : choice.open(table)) {
                long count = count(table, column);
                if (count > 0) counts.put(name + "." + column.name(), count);
            }
        }
        return counts;
    }

    private long count(TableCatalog.Table table, TableCatalog.Column column) throws SQLException {
        try {
            return Database.one(c, "SELECT count(" + Sql.quoted(column.name()) + ") FROM " + table.sql(), Long.class);
        } catch (SQLException e) {
            throw refused(table, e);
        }
    }

    /** Writes a folder that {@code --seeds} takes: base/ with a file a table, and the manifest. */
    public List<Written> write(List<String> names, Path folder) throws SQLException, IOException {
        List<Written> written = new ArrayList<>();
        Map<String, Object> keys = new LinkedHashMap<>();
        Files.createDirectories(folder.resolve("base"));
        for (String name : names) {
            TableCatalog.Table table = tables.find(name).orElseThrow();
            SeedFiles.Table said = manifest.table(name);
            written.add(new Written(name, writeWhole(table, folder.resolve("base/" + name + "." + format))));
            Map<String, Object> entry = Json.object("key", choice.plan(table).key());
            if (!said.references().isEmpty()) entry.put("references", said.references());
            if (hasLookAlikes(table)) entry.put("case_sensitive", true);
            keys.put(name, entry);
        }
        new YAMLMapper()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .writeValue(
                        folder.resolve("seeds.yaml").toFile(),
                        Json.object("timezone", manifest.timezone(), "tables", keys));
        return written;
    }

    private long writeWhole(TableCatalog.Table table, Path file) throws SQLException, IOException {
        try {
            return write(table, file);
        } catch (SQLException e) {
            throw refused(table, e);
        }
    }

    /** The failure (21) if row-level security hides rows of the table; throws any other error as it is. */
    private static Failure refused(TableCatalog.Table table, SQLException e) throws SQLException {
        if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
        return Failure.refused(
                "the role may not read all rows of " + table.name() + ", or of a table that it refers to: "
                        + Failures.message(e),
                "if it is row-level security, use a role with BYPASSRLS, or the owner without FORCE; or name "
                        + "other tables with --tables.");
    }

    private boolean hasLookAlikes(TableCatalog.Table table) throws SQLException {
        String key = choice.plan(table).keyColumns(NOWHERE).stream()
                .map(column -> "lower(" + Sql.quoted(column.name()) + "::text)")
                .collect(Collectors.joining(", "));
        return Database.one(
                c,
                "SELECT EXISTS (SELECT FROM " + table.sql() + " GROUP BY " + key + " HAVING count(*) > 1)",
                Boolean.class);
    }

    private long write(TableCatalog.Table table, Path file) throws SQLException, IOException {
        Query query = new Query();
        List<Field> fields = new ArrayList<>();
        boolean keepsIds = keepsIds(table);
        for (String name : names(table, keepsIds)) {
            Field field = query.field(table, "t", name);
            boolean isMarked = keepsIds && format == Format.csv && field.column.equals(table.id());
            fields.add(isMarked ? field.called(CsvRows.createOnly(name)) : field);
        }
        List<String> order = choice.plan(table).key().stream()
                .map(field -> "t."
                        + Sql.quoted(choice.plan(table)
                                .binding(field, NOWHERE)
                                .column()
                                .name()))
                .toList();
        long rows = 0;
        try (PreparedStatement statement =
                        c.prepareStatement("SELECT " + String.join(", ", query.columns) + " FROM " + table.sql() + " t"
                                + String.join("", query.joins)
                                + " ORDER BY " + String.join(", ", order));
                SequenceWriter out = writer(file, fields, keepsIds ? table.id().name() : null)) {
            statement.setFetchSize(ROWS_AT_A_TIME);
            try (ResultSet row = statement.executeQuery()) {
                for (; row.next(); rows++) {
                    ObjectNode object = JsonNodeFactory.instance.objectNode();
                    for (Field field : fields) put(object, field, value(row, field));
                    out.write(object);
                }
            }
        }
        SeedFile.refuseTooLarge(file);
        return rows;
    }

    /**
     * Whether new rows are to get the ids that are there, beside the natural key: so the same rows come back. Ids that
     * seeding makes from the key are not written; if the key is masked, they would give it away.
     */
    private boolean keepsIds(TableCatalog.Table table) throws SQLException {
        SeedPlan plan = choice.plan(table);
        boolean isBeside = table.id() != null
                && ExportChoice.isMade(table)
                && !plan.keyColumns(NOWHERE).contains(table.id());
        if (!isBeside || !Database.one(c, "SELECT EXISTS (SELECT FROM " + table.sql() + ")", Boolean.class))
            return false;
        if (!table.id().base().equals("uuid")) return true;
        Query query = new Query();
        List<Field> key = new ArrayList<>();
        for (String field : plan.key()) key.add(query.field(table, "t", field));
        if (masks != null && key.stream().anyMatch(field -> field.parts.size() > 1)) return false;
        Set<Boolean> areMade = new HashSet<>();
        try (PreparedStatement statement = c.prepareStatement("SELECT " + String.join(", ", query.columns) + ", t."
                + Sql.quoted(table.id().name()) + "::text FROM " + table.sql() + " t"
                + String.join("", query.joins))) {
            statement.setFetchSize(ROWS_AT_A_TIME);
            ResultSet row = statement.executeQuery();
            while (row.next() && areMade.size() < 2)
                areMade.add(made(table, key, row).equals(row.getString(query.columns.size() + 1)));
        }
        return areMade.contains(false) && (masks == null || areMade.size() == 1);
    }

    /** The id that seeding makes from a row's natural key. */
    private String made(TableCatalog.Table table, List<Field> key, ResultSet row) throws SQLException {
        List<Object> parts = new ArrayList<>();
        for (Field field : key) parts.add(field.parts.size() > 1 ? value(row, field) : row.getString(field.place));
        return SeedValues.id(table.name(), SeedPlan.text(parts)).toString();
    }

    /**
     * The fields of a table's file, in the order of its columns; what the database makes by itself is left out, and so
     * are secrets.
     */
    private List<String> names(TableCatalog.Table table, boolean keepsIds) {
        SeedPlan plan = choice.plan(table);
        List<TableCatalog.Column> key = plan.keyColumns(NOWHERE);
        List<String> names = new ArrayList<>();
        for (TableCatalog.Column column : table.columns().values()) {
            boolean made =
                    column.equals(table.id()) && ExportChoice.isMade(table) && !key.contains(column) && !keepsIds;
            if (column.generated()
                    || made
                    || SeedChange.secret(table.name(), column.name())
                    || choice.isLeftOut(table, column)) continue;
            names.add(name(plan, column));
        }
        return names;
    }

    private String name(SeedPlan plan, TableCatalog.Column column) {
        for (String field : plan.key())
            if (plan.binding(field, NOWHERE).column().equals(column)) return field;
        String base = column.name().replaceFirst("_id$", "");
        for (String field : List.of(base, column.name())) {
            boolean known = plan.table().columns().containsKey(field)
                    || plan.table().columns().containsKey(field + "_id");
            SeedPlan.Binding binding = known && (plan.references().containsKey(field) || column.target() != null)
                    ? plan.binding(field, NOWHERE)
                    : null;
            if (binding == null || binding.target() == null || !binding.column().equals(column)) continue;
            Optional<TableCatalog.Table> target = tables.find(binding.target());
            if (target.isPresent()
                    && target.get().id() != null
                    && choice.key(target.get()).isPresent()) return field;
        }
        return column.name();
    }

    /** @param id the column that only new rows get; null if there is none */
    private SequenceWriter writer(Path file, List<Field> fields, String id) throws IOException {
        if (format == Format.yaml) {
            Writer text = Files.newBufferedWriter(file);
            if (id != null) text.write("create_only: [" + Json.text(id) + "]\nrows:\n");
            return new YAMLMapper()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .writer()
                    .writeValuesAsArray(text);
        }
        CsvSchema.Builder schema = CsvSchema.builder().setUseHeader(true).setColumnSeparator(',');
        headers(fields, "").forEach(schema::addColumn);
        return new CsvMapper()
                .enable(CsvGenerator.Feature.ALWAYS_QUOTE_EMPTY_STRINGS)
                .writer(schema.build())
                .writeValues(file.toFile());
    }

    private static List<String> headers(List<Field> fields, String prefix) {
        List<String> headers = new ArrayList<>();
        for (Field field : fields)
            if (field.parts.size() > 1) headers.addAll(headers(field.parts, prefix + field.name + "."));
            else headers.add(prefix + field.name);
        return headers;
    }

    private void put(ObjectNode row, Field field, JsonNode value) {
        if (format == Format.yaml) row.set(field.name, value);
        else flatten(row, field.name, field, value);
    }

    private static void flatten(ObjectNode row, String name, Field field, JsonNode value) {
        if (field.parts.size() > 1 && value.isObject())
            field.parts.forEach(part -> flatten(row, name + "." + part.name, part, value.get(part.name)));
        else if (field.parts.size() > 1)
            field.parts.forEach(part -> flatten(row, name + "." + part.name, part, NullNode.instance));
        else row.set(name, value.isContainerNode() ? TextNode.valueOf(value.toString()) : value);
    }

    private JsonNode value(ResultSet row, Field field) throws SQLException {
        String text = row.getString(field.place);
        if (text == null) return NullNode.instance;
        if (field.target == null) return values.of(field.table, field.column, text);
        ObjectNode parts = JsonNodeFactory.instance.objectNode();
        for (Field part : field.parts) {
            JsonNode value = value(row, part);
            boolean mayBeNull = field.parts.size() > 1 && part.column.isNullable();
            if (value.isNull() && !mayBeNull)
                throw Failure.findings(
                        "a row of " + field.table.name() + " refers by " + field.column.name() + " to a row of "
                                + field.target.name() + " that is not there, or has no key",
                        "repair it first ('avdaily-seed --validate' counts such rows), or name other tables with "
                                + "--tables.");
            parts.set(part.name, value);
        }
        return parts.size() == 1 ? parts.elements().next() : parts;
    }
}
