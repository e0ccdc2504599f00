package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes the rows of tables as seed files that bring the same rows back; a row passes through, and references are said
 * by natural key.
 */
public final class Exporter {
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
            List<Field> parts) {}

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
            for (String part : manifest.keyOf(tables, target).orElseThrow()) parts.add(field(target, other, part));
            return new Field(name, table, binding.column(), place, target, parts);
        }
    }

    static final SeedRow NOWHERE = new SeedRow(Path.of("export"), 0, Map.of());
    /** What the reader of seed files takes in any case. */
    private static final int MOST_DEPTH = 32;

    private static final int LONGEST_NAME = 100;
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNestingDepth(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final int ROWS_AT_A_TIME = 1000;

    private final Connection c;
    private final TableCatalog tables;
    private final SeedFiles.Manifest manifest;
    private final Format format;
    private final Masks masks;
    private final ExportChoice choice;

    /** @param masks what to put in the place of personal data, or null: leave it */
    public Exporter(Connection c, SeedFiles.Manifest manifest, Format format, Masks masks) throws SQLException {
        SessionFormat.set(c, ZoneOffset.UTC); // times come with their zone
        Database.run(c, "SET row_security = off"); // rows that are hidden are an error, and not left out
        this.c = c;
        this.tables = TableCatalog.of(c);
        this.manifest = manifest;
        this.format = format;
        this.masks = masks;
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
        for (String name : names(table)) fields.add(query.field(table, "t", name));
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
                SequenceWriter out = writer(file, fields)) {
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
     * The fields of a table's file, in the order of its columns; what the database makes by itself is left out, and so
     * are secrets.
     */
    private List<String> names(TableCatalog.Table table) {
        SeedPlan plan = choice.plan(table);
        List<TableCatalog.Column> key = plan.keyColumns(NOWHERE);
        List<String> names = new ArrayList<>();
        for (TableCatalog.Column column : table.columns().values()) {
            boolean made = column.equals(table.id()) && ExportChoice.isMade(table) && !key.contains(column);
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
                    && manifest.keyOf(tables, target.get()).isPresent()) return field;
        }
        return column.name();
    }

    private SequenceWriter writer(Path file, List<Field> fields) throws IOException {
        if (format == Format.yaml)
            return new YAMLMapper()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .writer()
                    .writeValuesAsArray(file.toFile());
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
        if (field.target == null) return literal(field, text);
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

    private JsonNode literal(Field field, String text) {
        boolean said = manifest.table(field.table.name()).personal().contains(field.column.name());
        String type = field.column.base();
        if (field.column.isJson()) {
            // json keeps its spaces and the order of its fields
            if (masks == null && (format == Format.csv || type.equals("json"))) return TextNode.valueOf(text);
            JsonNode document = parsed(text);
            if (masks != null) document = masks.masked(field.column.name(), said, document);
            return isPlain(document) ? document : TextNode.valueOf(document.toString());
        }
        String value = masks == null ? text : masks.masked(field.table, field.column, said, text);
        if (type.equals("boolean")) return BooleanNode.valueOf(value.equals("true"));
        if (type.equals("smallint") || type.equals("integer") || type.equals("bigint"))
            return BigIntegerNode.valueOf(new BigInteger(value));
        if (type.startsWith("numeric") && value.matches("-?\\d+(\\.\\d+)?"))
            return DecimalNode.valueOf(new BigDecimal(value));
        return TextNode.valueOf(value);
    }

    /** Whether a document comes back from YAML as it is: on the top, text and null would be understood as JSON. */
    private static boolean isPlain(JsonNode document) {
        return !document.isTextual() && !document.isNull() && isPlain(document, MOST_DEPTH);
    }

    private static boolean isPlain(JsonNode value, int depth) {
        if (value.isContainerNode())
            return depth > 0
                    && value.properties().stream()
                            .allMatch(field -> field.getKey().length() <= LONGEST_NAME)
                    && value.valueStream().allMatch(inner -> isPlain(inner, depth - 1));
        return !value.isNumber() || value.asText().matches("-?\\d{1,100}(\\.\\d{1,100})?");
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
