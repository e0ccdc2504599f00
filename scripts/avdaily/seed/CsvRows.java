package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Place;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of a CSV with a header, one after the other: an empty cell is null, an empty one in quotes is an empty text;
 * plan.user belongs to the reference plan; {@code balance (create-only)} is a column that existing rows keep.
 */
final class CsvRows implements AutoCloseable {
    private static final String CREATE_ONLY = " (create-only)";

    private final Path file;
    private final MappingIterator<String[]> lines;
    private final List<String> header = new ArrayList<>();
    private final Set<String> createOnly = new LinkedHashSet<>();
    /** The row that comes next, or null, and the line on which it begins. */
    private String[] next;

    private int line;

    CsvRows(Path file) throws IOException {
        this(file, Files.newInputStream(file));
    }

    /** @param in the file's bytes; closed with the rows, and if there are none to be had */
    CsvRows(Path file, InputStream in) throws IOException {
        this.file = file;
        try {
            refuseOtherSeparators(file);
            this.lines = new CsvMapper()
                    .readerFor(String[].class)
                    .withFeatures(CsvParser.Feature.WRAP_AS_ARRAY, CsvParser.Feature.EMPTY_UNQUOTED_STRING_AS_NULL)
                    .readValues(reader(in));
            readHeader();
        } catch (IOException | RuntimeException e) {
            try (in) {
                throw e;
            }
        }
    }

    private void readHeader() throws IOException {
        if (!hasNext()) return;
        for (String cell : cells()) {
            boolean marked = cell != null && cell.endsWith(CREATE_ONLY);
            header.add(marked ? cell.substring(0, cell.length() - CREATE_ONLY.length()) : cell);
            if (marked) createOnly.add(header.get(header.size() - 1));
        }
        checkHeader();
    }

    /** Spreadsheets of many countries write semicolons where others write commas. */
    private static void refuseOtherSeparators(Path file) throws IOException {
        try (BufferedReader reader = new BufferedReader(reader(Files.newInputStream(file)))) {
            String header = reader.readLine();
            if (header == null || header.replaceAll("\"[^\"]*\"", "").contains(",")) return;
            String bare = header.replaceAll("\"[^\"]*\"", "x");
            for (String separator : new String[] {";", "\t", "|"})
                if (bare.contains(separator))
                    throw wrongHeader(
                            file,
                            "the columns are separated by "
                                    + (separator.equals("\t") ? "tabs" : "'" + separator + "'")
                                    + ", and not by commas",
                            "save it as CSV with commas.");
        }
    }

    /** Strict about UTF-8, and past the mark that some programs begin it with. */
    private static Reader reader(InputStream in) throws IOException {
        Reader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        reader.mark(1);
        if (reader.read() != 0xFEFF) reader.reset();
        return reader;
    }

    /** Whether a header can name the column: nothing in it means something else. */
    static boolean canName(String column) {
        return !column.contains(".") && !column.endsWith(CREATE_ONLY) && !column.isBlank();
    }

    /** How a column is called that only new rows get. */
    static String createOnly(String column) {
        return column + CREATE_ONLY;
    }

    Set<String> createOnly() {
        return createOnly;
    }

    List<String> fields() {
        return header.stream()
                .map(name -> name.replaceFirst("\\..*", ""))
                .distinct()
                .toList();
    }

    /** How much of the file is behind the reader. */
    long characters() {
        return lines.getCurrentLocation().getCharOffset();
    }

    /** Passes over empty lines. (The parser's own way to do so takes the first cell's spaces with them.) */
    boolean hasNext() throws IOException {
        while (next == null) {
            line = lines.getCurrentLocation().getLineNr();
            try {
                if (!lines.hasNextValue()) return false;
                next = lines.nextValue();
            } catch (JacksonException e) {
                throw new SeedRow(file, line, Map.of())
                        .mistake(
                                null,
                                e.getOriginalMessage().replaceFirst("Unexpected character .*?: ", ""),
                                "close the quotes that this row opens, and double those within a cell.");
            }
            if (next.length == 0 || next.length == 1 && next[0] == null) next = null;
        }
        return true;
    }

    private String[] cells() {
        String[] cells = next;
        next = null;
        return cells;
    }

    /** To be asked for after {@link #hasNext} only. */
    SeedRow next() {
        SeedRow row = new SeedRow(file, line, new LinkedHashMap<>());
        String[] cells = cells();
        if (cells.length != header.size())
            throw row.mistake(
                    null,
                    Format.count(cells.length, "cell") + " under " + Format.count(header.size(), "column"),
                    "put texts with a comma in quotes.");
        for (int i = 0; i < cells.length; i++)
            put(row, header.get(i), cells[i] == null ? NullNode.instance : TextNode.valueOf(cells[i]));
        row.fields().replaceAll((name, value) -> isEmpty(value) ? NullNode.instance : value);
        return row;
    }

    /** A reference without any part is none. */
    private static boolean isEmpty(JsonNode value) {
        return value.isObject() ? value.valueStream().allMatch(CsvRows::isEmpty) : value.isNull();
    }

    private static void put(SeedRow row, String header, JsonNode value) {
        int dot = header.indexOf('.');
        if (dot < 0) row.fields().put(header, value);
        else
            put(
                    (ObjectNode) row.fields()
                            .computeIfAbsent(header.substring(0, dot), name -> JsonNodeFactory.instance.objectNode()),
                    header.substring(dot + 1),
                    value);
    }

    private static void put(ObjectNode reference, String header, JsonNode value) {
        int dot = header.indexOf('.');
        if (dot < 0) reference.set(header, value);
        else put(reference.withObjectProperty(header.substring(0, dot)), header.substring(dot + 1), value);
    }

    private void checkHeader() {
        Set<String> seen = new HashSet<>();
        for (String name : header) {
            String what = headerMistake(name, seen);
            if (what != null) throw wrongHeader(file, what, "name every column, and each once.");
        }
    }

    private static Failure wrongHeader(Path file, String what, String next) {
        Place place = Place.of(file, 1);
        return Failure.usage(place + ": " + what + "; nothing was written", next)
                .at(place);
    }

    /** What is wrong with a column's name, or null. */
    private String headerMistake(String name, Set<String> seen) {
        if (name == null || name.isBlank()) return "the header has an empty column";
        if (!seen.add(name)) return "the header names " + name + " twice";
        int dot = name.indexOf('.');
        if (dot >= 0 && header.contains(name.substring(0, dot)))
            return "the header names both " + name + " and " + name.substring(0, dot);
        return null;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
