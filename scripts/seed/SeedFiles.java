//FILES seeds/base/permissions.yaml=../../seeds/base/permissions.yaml
//FILES seeds/base/role_permissions.yaml=../../seeds/base/role_permissions.yaml
//FILES seeds/base/roles.yaml=../../seeds/base/roles.yaml
//FILES seeds/demo/ajo_groups.yaml=../../seeds/demo/ajo_groups.yaml
//FILES seeds/demo/group_contributions.csv=../../seeds/demo/group_contributions.csv
//FILES seeds/demo/group_members.yaml=../../seeds/demo/group_members.yaml
//FILES seeds/demo/group_payouts.yaml=../../seeds/demo/group_payouts.yaml
//FILES seeds/demo/kyc_verification.yaml=../../seeds/demo/kyc_verification.yaml
//FILES seeds/demo/notification_preferences.yaml=../../seeds/demo/notification_preferences.yaml
//FILES seeds/demo/notifications.yaml=../../seeds/demo/notifications.yaml
//FILES seeds/demo/rewards.yaml=../../seeds/demo/rewards.yaml
//FILES seeds/demo/savings_milestones.yaml=../../seeds/demo/savings_milestones.yaml
//FILES seeds/demo/savings_plans.yaml=../../seeds/demo/savings_plans.yaml
//FILES seeds/demo/transactions.csv=../../seeds/demo/transactions.csv
//FILES seeds/demo/user.yaml=../../seeds/demo/user.yaml
//FILES seeds/demo/user_analytics.yaml=../../seeds/demo/user_analytics.yaml
//FILES seeds/demo/user_roles.yaml=../../seeds/demo/user_roles.yaml
//FILES seeds/demo/wallets.yaml=../../seeds/demo/wallets.yaml
//FILES seeds/development/ajo_groups.yaml=../../seeds/development/ajo_groups.yaml
//FILES seeds/development/group_contributions.csv=../../seeds/development/group_contributions.csv
//FILES seeds/development/group_invitations.yaml=../../seeds/development/group_invitations.yaml
//FILES seeds/development/group_members.yaml=../../seeds/development/group_members.yaml
//FILES seeds/development/group_payouts.yaml=../../seeds/development/group_payouts.yaml
//FILES seeds/development/kyc_verification.yaml=../../seeds/development/kyc_verification.yaml
//FILES seeds/development/notification_preferences.yaml=../../seeds/development/notification_preferences.yaml
//FILES seeds/development/notifications.yaml=../../seeds/development/notifications.yaml
//FILES seeds/development/permissions.yaml=../../seeds/development/permissions.yaml
//FILES seeds/development/role_permissions.yaml=../../seeds/development/role_permissions.yaml
//FILES seeds/development/roles.yaml=../../seeds/development/roles.yaml
//FILES seeds/development/savings_plans.yaml=../../seeds/development/savings_plans.yaml
//FILES seeds/development/transactions.csv=../../seeds/development/transactions.csv
//FILES seeds/development/user.yaml=../../seeds/development/user.yaml
//FILES seeds/development/user_analytics.yaml=../../seeds/development/user_analytics.yaml
//FILES seeds/development/user_roles.yaml=../../seeds/development/user_roles.yaml
//FILES seeds/development/wallets.yaml=../../seeds/development/wallets.yaml
//FILES seeds/seeds.yaml=../../seeds/seeds.yaml
//FILES seeds/staging/ajo_groups.yaml=../../seeds/staging/ajo_groups.yaml
//FILES seeds/staging/audit_log.yaml=../../seeds/staging/audit_log.yaml
//FILES seeds/staging/bank_accounts.yaml=../../seeds/staging/bank_accounts.yaml
//FILES seeds/staging/group_contributions.csv=../../seeds/staging/group_contributions.csv
//FILES seeds/staging/group_invitations.yaml=../../seeds/staging/group_invitations.yaml
//FILES seeds/staging/group_members.yaml=../../seeds/staging/group_members.yaml
//FILES seeds/staging/group_payouts.yaml=../../seeds/staging/group_payouts.yaml
//FILES seeds/staging/kyc_verification.yaml=../../seeds/staging/kyc_verification.yaml
//FILES seeds/staging/notification_preferences.yaml=../../seeds/staging/notification_preferences.yaml
//FILES seeds/staging/notifications.yaml=../../seeds/staging/notifications.yaml
//FILES seeds/staging/savings_plans.yaml=../../seeds/staging/savings_plans.yaml
//FILES seeds/staging/transactions.csv=../../seeds/staging/transactions.csv
//FILES seeds/staging/user.yaml=../../seeds/staging/user.yaml
//FILES seeds/staging/user_analytics.yaml=../../seeds/staging/user_analytics.yaml
//FILES seeds/staging/user_roles.yaml=../../seeds/staging/user_roles.yaml
//FILES seeds/staging/wallets.yaml=../../seeds/staging/wallets.yaml
//FILES seeds/testing/notification_preferences.yaml=../../seeds/testing/notification_preferences.yaml
//FILES seeds/testing/user.yaml=../../seeds/testing/user.yaml
//FILES seeds/testing/user_roles.yaml=../../seeds/testing/user_roles.yaml
//FILES seeds/testing/wallets.yaml=../../seeds/testing/wallets.yaml

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A row as its file has it: a field is a column's value or, by another table's natural key, a reference. */
record SeedRow(Path file, int line, Map<String, JsonNode> fields) {
    /** A mistake in this row. */
    Failure mistake(String field, String what, String next) {
        return Failure.usage(Folder.show(file) + " line " + line + (field == null ? "" : ", column " + field) + ": " + what + "; nothing was written", next);
    }
}

/** The files of one environment: the manifest, and the rows of the layers base and environment, in this order. */
record SeedFiles(Path folder, Manifest manifest, List<Map<String, List<SeedRow>>> layers) {
    /** {@code seeds.yaml}: what the database cannot tell about the data. */
    record Manifest(String timezone, Minimal minimal, Map<String, Table> tables) {
        Manifest {
            timezone = timezone == null ? "UTC" : timezone;
            minimal = minimal == null ? new Minimal(List.of(), Set.of()) : minimal;
            tables = tables == null ? Map.of() : tables;
        }

        Table table(String name) {
            return tables.getOrDefault(name, new Table(null, null));
        }
    }

    /** The tables of a minimal seed, and those of them that give their first row only. */
    record Minimal(List<String> tables, Set<String> first) {
        Minimal {
            tables = tables == null ? List.of() : tables;
            first = first == null ? Set.of() : first;
        }
    }

    /** A table's natural key, and the references for which the database has no foreign key: field to table. */
    record Table(List<String> key, Map<String, String> references) {
        Table {
            key = key == null ? List.of() : key;
            references = references == null ? Map.of() : references;
        }
    }

    private static final String MANIFEST = "seeds.yaml";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** @throws Failure (2) naming file, line and what is wrong */
    static SeedFiles read(Path option, Environment environment) {
        Path folder = Folder.of(option, "AVDAILY_SEEDS", "seeds");
        for (Path file : Folder.files(folder))
            if (!file.getFileName().toString().matches("seeds\\.yaml|.*\\.md|\\..*"))
                throw Failure.usage(Folder.show(file) + " would not be read: it lies beside the layers", "put it into base/ or a folder of an environment.");
        List<Map<String, List<SeedRow>>> layers = List.of(layer(folder.resolve("base")), layer(folder.resolve(environment.toString())));
        if (layers.stream().allMatch(Map::isEmpty))
            throw Failure.usage("there are no seed files for " + environment + " in " + Folder.show(folder), "put them in " + environment + "/ there, one file a table, or name another folder with --seeds.");
        return new SeedFiles(folder, manifest(folder.resolve(MANIFEST)), layers);
    }

    ZoneId zone() {
        try {
            return ZoneId.of(manifest.timezone());
        } catch (DateTimeException e) {
            throw Failure.usage(Folder.show(folder.resolve(MANIFEST)) + ": '" + manifest.timezone() + "' is no time zone", "name one as in Africa/Lagos.");
        }
    }

    private static Manifest manifest(Path file) {
        if (!Files.exists(file)) return new Manifest(null, null, null);
        try {
            String text = text(file);
            return text.isBlank() ? new Manifest(null, null, null)
                    : new YAMLMapper().enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY).readValue(text, Manifest.class);
        } catch (IOException e) {
            throw unreadable(file, e, "the manifest knows timezone, minimal: {tables, first} and tables: {NAME: {key, references}}.");
        }
    }

    private static Map<String, List<SeedRow>> layer(Path folder) {
        Map<String, List<SeedRow>> tables = new LinkedHashMap<>();
        Folder.refuseSubfolders(folder);
        for (Path file : Folder.files(folder)) {
            String name = file.getFileName().toString();
            if (name.startsWith(".") || name.endsWith(".md")) continue;
            int dot = name.lastIndexOf('.');
            List<SeedRow> rows = read(file, name.substring(dot + 1));
            if (tables.put(name.substring(0, Math.max(dot, 0)), rows) != null)
                throw Failure.usage(Folder.show(file) + ": there are two files for this table in " + Folder.show(folder), "put their rows into one.");
        }
        return tables;
    }

    private static List<SeedRow> read(Path file, String format) {
        try {
            return switch (format) {
                case "yaml", "yml" -> tree(file, YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
                case "json" -> tree(file, JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
                case "csv" -> csv(file);
                default -> throw Failure.usage(Folder.show(file) + " is none of .yaml, .json and .csv", "write it in one of these, or move it out of the folder.");
            };
        } catch (IOException e) {
            throw unreadable(file, e, "correct the file: a list of rows, each row its fields and values.");
        }
    }

    /** The file's text, without the mark that some editors begin it with. */
    private static String text(Path file) throws IOException {
        String text = Files.readString(file);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Failure unreadable(Path file, IOException e, String next) {
        boolean located = e instanceof JacksonException j && j.getLocation() != null;
        String what = e instanceof CharacterCodingException ? "it is not UTF-8" : e instanceof JacksonException j ? j.getOriginalMessage().replaceFirst(" \\(class .*", "") : e.toString();
        return Failure.usage(Folder.show(file) + (located ? " line " + ((JacksonException) e).getLocation().getLineNr() : "") + ": " + what.lines().findFirst().orElse("") + "; nothing was written",
                next);
    }

    /** YAML and JSON: a list of mappings. */
    private static List<SeedRow> tree(Path file, JsonFactory format) throws IOException {
        List<SeedRow> rows = new ArrayList<>();
        try (JsonParser parser = format.createParser(text(file))) {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) return rows;
            if (first != JsonToken.START_ARRAY) throw Failure.usage(Folder.show(file) + " is not a list of rows", "begin each row with a dash, as in - {name: admin}.");
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                SeedRow row = new SeedRow(file, parser.currentTokenLocation().getLineNr(), new LinkedHashMap<>());
                if (parser.currentToken() != JsonToken.START_OBJECT) throw row.mistake(null, "this is not a row", "write it as fields and values, as in - {name: admin}.");
                value(parser).properties().forEach(field -> row.fields().put(field.getKey(), field.getValue()));
                rows.add(row);
            }
            if (parser.nextToken() != null)
                throw Failure.usage(Folder.show(file) + " line " + parser.currentTokenLocation().getLineNr() + ": after the list of rows there is more; nothing was written", "keep one list in the file.");
        }
        return rows;
    }

    /** A number that does not look like one as it is written (+234801..., 007) stays text. */
    private static JsonNode value(JsonParser parser) throws IOException {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) throw new JsonParseException(parser, "aliases (*" + parser.getText() + ") are not understood here");
        switch (parser.currentToken()) {
            case START_OBJECT:
                ObjectNode object = NODES.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.set(name, value(parser));
                }
                return object;
            case START_ARRAY:
                ArrayNode array = NODES.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) array.add(value(parser));
                return array;
            case VALUE_NULL:
                return NullNode.instance;
            case VALUE_TRUE, VALUE_FALSE:
                return NODES.booleanNode(parser.getBooleanValue());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT:
                JsonNode number = parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? NODES.numberNode(parser.getBigIntegerValue()) : DecimalNode.valueOf(parser.getDecimalValue());
                return number.asText().equals(parser.getText()) ? number : TextNode.valueOf(parser.getText());
            default:
                return TextNode.valueOf(parser.getText());
        }
    }

    /** CSV with a header; an empty cell is null, an empty one in quotes is an empty text; plan.user belongs to the reference plan. */
    private static List<SeedRow> csv(Path file) throws IOException {
        List<SeedRow> rows = new ArrayList<>();
        String text = text(file);
        try (MappingIterator<String[]> lines = new CsvMapper().readerFor(String[].class)
                .withFeatures(CsvParser.Feature.WRAP_AS_ARRAY, CsvParser.Feature.EMPTY_UNQUOTED_STRING_AS_NULL, CsvParser.Feature.SKIP_EMPTY_LINES)
                .readValues(text)) {
            List<String> header = lines.hasNext() ? Arrays.asList(lines.next()) : List.of();
            checkHeader(file, header);
            for (int line = lines.getCurrentLocation().getLineNr(); lines.hasNextValue(); line = lines.getCurrentLocation().getLineNr()) {
                String[] cells = lines.nextValue();
                SeedRow row = new SeedRow(file, line, new LinkedHashMap<>());
                if (cells.length != header.size()) throw row.mistake(null, cells.length + " cells under " + header.size() + " columns", "put texts with a comma in quotes.");
                for (int i = 0; i < cells.length; i++) put(row, header.get(i), cells[i] == null ? NullNode.instance : TextNode.valueOf(cells[i]));
                row.fields().replaceAll((name, value) -> value.isObject() && value.valueStream().allMatch(JsonNode::isNull) ? NullNode.instance : value);
                rows.add(row);
            }
        }
        return rows;
    }

    private static void checkHeader(Path file, List<String> header) {
        Set<String> seen = new HashSet<>();
        for (String name : header) {
            String what = name == null || name.isBlank() ? "the header has an empty column"
                    : !seen.add(name) ? "the header names " + name + " twice"
                    : name.contains(".") && header.contains(name.substring(0, name.indexOf('.'))) ? "the header names both " + name + " and " + name.substring(0, name.indexOf('.')) : null;
            if (what != null) throw Failure.usage(Folder.show(file) + " line 1: " + what + "; nothing was written", "name every column, and each once.");
        }
    }

    private static void put(SeedRow row, String header, JsonNode value) {
        int dot = header.indexOf('.');
        if (dot < 0) row.fields().put(header, value);
        else ((ObjectNode) row.fields().computeIfAbsent(header.substring(0, dot), name -> NODES.objectNode())).set(header.substring(dot + 1), value);
    }
}
