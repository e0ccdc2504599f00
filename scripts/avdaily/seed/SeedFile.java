package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Place;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.base.Sha256;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * One file of a layer.
 *
 * @param createOnly the columns that new rows get and existing ones keep
 * @param fields the fields of a CSV's header
 * @param rows none where the file is large: then they are read when they are needed, one after the other
 * @param again reads the rows of a large file; null of others
 */
public record SeedFile(Path path, Set<String> createOnly, List<String> fields, List<SeedRow> rows, RereadFile again) {
    /** What is read at once; more than this is a CSV that passes through, or an error. */
    private static final long MOST_BYTES = 16_000_000;

    private static final int MOST_DEPTH = 64;
    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder().maxNestingDepth(MOST_DEPTH).build();
    private static final String A_LIST =
            "begin each row with a dash, as in - {name: admin}, below rows: where the file has a head.";
    private static final String A_JSON_LIST =
            "write a list of objects, as in [{\"name\": \"admin\"}], below \"rows\" where the file has a head.";
    /** What the parser says of its own switches, which are nobody's here. */
    private static final Pattern SWITCHES =
            Pattern.compile(": enable `[^`]*` to allow|,? ?\\(not recognized as one since Feature [^)]*\\)");

    /** @throws Failure (2) naming file, line and what is wrong */
    public static SeedFile read(Path file) {
        String format = file.getFileName().toString().replaceFirst(".*\\.", "");
        try {
            return switch (format) {
                case "yaml", "yml" -> tree(file, yaml());
                case "json" ->
                    tree(
                            file,
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(CONSTRAINTS)
                                    .build());
                case "csv" -> csv(file);
                default ->
                    throw Failure.usage(
                            ResourceFolder.show(file) + " is none of .yaml, .json and .csv",
                            "write it in one of these, or move it out of the folder.");
            };
        } catch (IOException e) {
            throw unreadable(file, e, "correct the file: a list of rows, each row its fields and values.");
        }
    }

    private static JsonFactory yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit((int) MOST_BYTES);
        return new WrittenYaml(YAMLFactory.builder()
                .loaderOptions(options)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(CONSTRAINTS));
    }

    private static SeedFile csv(Path file) throws IOException {
        try (CsvRows lines = new CsvRows(file)) {
            boolean large = Files.size(file) > MOST_BYTES;
            List<SeedRow> rows = new ArrayList<>();
            while (!large && lines.hasNext()) rows.add(lines.next());
            return new SeedFile(
                    file, lines.createOnly(), lines.fields(), rows, large ? new RereadFile(file) : null);
        }
    }

    boolean large() {
        return again != null;
    }

    /** Of what it says. From now on a large file that says something else is refused when it is read. */
    public String hash() {
        String head = createOnly + "\n" + fields + "\n";
        return Sha256.of(head + (large() ? again.hash() : rows.stream().map(SeedRow::fields).toList()));
    }

    /** The file's text, without the mark that some editors begin it with. */
    static String text(Path file) throws IOException {
        refuseTooLarge(file);
        String text = Files.readString(file);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    static void refuseTooLarge(Path file) throws IOException {
        if (!file.toString().endsWith(".csv") && Files.size(file) > MOST_BYTES)
            throw Failure.usage(
                    ResourceFolder.show(file) + " has " + Format.bytes(Files.size(file))
                            + ", and YAML and JSON are read up to " + Format.bytes(MOST_BYTES),
                    "write that many rows as CSV.");
    }

    static Failure unreadable(Path file, IOException e, String next) {
        if (e instanceof AccessDeniedException)
            return unreadable(file, null, "it may not be read", "let the user who runs this read it.");
        if (e instanceof CharacterCodingException)
            return unreadable(file, lineOfBadByte(file), "it is not UTF-8", "save the file as UTF-8.");
        for (Throwable cause = e; cause != null; cause = cause.getCause())
            if (cause instanceof MarkedYAMLException yaml && yaml.getProblem() != null && yaml.getProblemMark() != null)
                return unreadable(
                        file,
                        yaml.getProblemMark().getLine() + 1,
                        yaml.getProblem(),
                        yaml.getProblem().contains("(TAB)") ? "indent with spaces: YAML knows no tabs." : next);
        return e instanceof JacksonException j
                ? unreadable(
                        file,
                        j.getLocation() == null ? null : j.getLocation().getLineNr(),
                        SWITCHES.matcher(j.getOriginalMessage()).replaceAll("").replaceFirst(" \\(class .*", ""),
                        next)
                : unreadable(file, null, Reason.of(e), next);
    }

    private static Failure unreadable(Path file, Integer line, String what, String next) {
        Place place = Place.of(file, line == null ? 0 : line);
        return Failure.usage(place + ": " + what.lines().findFirst().orElse("") + "; nothing was written", next)
                .at(place);
    }

    private static int lineOfBadByte(Path file) {
        int line = 1;
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
        try (ReadableByteChannel channel = Files.newByteChannel(file)) {
            for (boolean end = false; !end; ) {
                end = channel.read(bytes.compact()) < 0;
                bytes.flip();
                boolean bad =
                        decoder.decode(bytes, CharBuffer.allocate(1 << 16), end).isError();
                for (int i = 0; i < bytes.position(); i++) if (bytes.get(i) == '\n') line++;
                if (bad) break;
            }
        } catch (IOException unreadable) {
            return line;
        }
        return line;
    }

    /** YAML and JSON: a list of mappings, or a head with this list below {@code rows}. */
    private static SeedFile tree(Path file, JsonFactory format) throws IOException {
        SeedFile read = new SeedFile(file, new LinkedHashSet<>(), List.of(), new ArrayList<>(), null);
        try (JsonParser parser = format.createParser(new StringReader(text(file)))) {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) return read;
            if (first == JsonToken.START_ARRAY) read.rows(parser);
            else if (first == JsonToken.START_OBJECT) read.head(parser);
            else
                throw Failure.usage(ResourceFolder.show(file) + " is not a list of rows", aList(file))
                        .at(Place.of(file));
            if (parser.nextToken() != null)
                throw unreadable(
                        file,
                        parser.currentTokenLocation().getLineNr(),
                        "after the list of rows there is more",
                        "keep one list in the file.");
        }
        return read;
    }

    private static String aList(Path file) {
        return file.toString().endsWith(".json") ? A_JSON_LIST : A_LIST;
    }

    private void head(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int line = parser.currentTokenLocation().getLineNr();
            JsonToken token = parser.nextToken();
            if (name.equals("rows") && token == JsonToken.START_ARRAY) rows(parser);
            else if (name.equals("create_only"))
                WrittenValues.read(parser).forEach(column -> createOnly.add(column.asText()));
            else
                throw unreadable(
                        path,
                        line,
                        "this is no list of rows, and no head (create_only: [COLUMN], rows: LIST)",
                        aList(path));
        }
    }

    private void rows(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            SeedRow row = new SeedRow(path, parser.currentTokenLocation().getLineNr(), new LinkedHashMap<>());
            if (parser.currentToken() != JsonToken.START_OBJECT)
                throw row.mistake(null, "this is not a row", "write it as fields and values, as in - {name: admin}.");
            WrittenValues.read(parser).properties().forEach(field -> row.fields()
                    .put(field.getKey(), field.getValue()));
            rows.add(row);
        }
    }
}
