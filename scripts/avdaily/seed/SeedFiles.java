package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.db.Environment;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The files of one environment: the manifest, and the rows of the layers base and environment, in this order. */
public record SeedFiles(Path folder, Manifest manifest, List<Map<String, SeedFile>> layers) {
    /** {@code seeds.yaml}: what the database cannot tell about the data. */
    public record Manifest(String timezone, String locale, Minimal minimal, Map<String, Table> tables) {
        static final Manifest EMPTY = new Manifest(null, null, null, null);

        public Manifest {
            timezone = timezone == null ? "UTC" : timezone;
            minimal = minimal == null ? new Minimal(List.of(), Set.of()) : minimal;
            tables = tables == null ? Map.of() : tables;
        }

        /** Names of people as the project's locale has them, if it says one. */
        public Optional<LocaleNames> names(Settings settings) {
            return Optional.ofNullable(locale).map(said -> LocaleNames.of(settings, said));
        }

        /** Whether tables that it names are there, all of them with the columns of their keys. */
        boolean fits(TableCatalog catalog) {
            List<Map.Entry<String, Table>> known = tables.entrySet().stream()
                    .filter(said -> catalog.find(said.getKey()).isPresent())
                    .toList();
            return !known.isEmpty()
                    && known.stream().allMatch(said -> said.getValue().key().stream()
                            .allMatch(field ->
                                    hasColumn(catalog.find(said.getKey()).orElseThrow(), field)));
        }

        private static boolean hasColumn(TableCatalog.Table table, String field) {
            return table.columns().containsKey(field) || table.columns().containsKey(field + "_id");
        }

        /** What it says of a table, with its schema or without. */
        Table table(String name) {
            Table said = tables.get(name);
            if (said == null) said = tables.get(name.replaceFirst("^[^.]*\\.", ""));
            return said != null ? said : new Table(null, null, null, null, null);
        }

        /**
         * The fields by which a table's rows are recognised: those that are named here, else its only unique key, with
         * references by their own keys.
         */
        Optional<List<String>> keyOf(TableCatalog catalog, TableCatalog.Table table) {
            List<String> said = table(table.name()).key();
            if (!said.isEmpty()) return Optional.of(said);
            return unique(table).map(key -> key.stream()
                    .map(column -> field(catalog, table, table.columns().get(column)))
                    .toList());
        }

        private static Optional<List<String>> unique(TableCatalog.Table table) {
            return table.uniques().size() == 1 ? Optional.of(table.uniques().get(0)) : Optional.empty();
        }

        /** A column that leads to rows with a key of their own is called without its _id. */
        private String field(TableCatalog catalog, TableCatalog.Table table, TableCatalog.Column column) {
            String base = column.name().replaceFirst("_id$", "");
            Optional<TableCatalog.Table> target =
                    column.target() == null ? Optional.empty() : catalog.find(column.target());
            boolean isKnown = target.isPresent()
                    && target.get().id() != null
                    && !table.columns().containsKey(base)
                    && (!table(column.target()).key().isEmpty()
                            || unique(target.get()).isPresent());
            return isKnown && !leadsRound(catalog, target.get(), Set.of(table.name())) ? base : column.name();
        }

        /** Whether a key refers to a key that refers to it again, so that neither can be said. */
        private boolean leadsRound(TableCatalog catalog, TableCatalog.Table table, Set<String> path) {
            if (path.contains(table.name())) return true;
            if (!table(table.name()).key().isEmpty()) return false;
            Set<String> further = new HashSet<>(path);
            further.add(table.name());
            return unique(table).orElse(List.of()).stream()
                    .map(column -> table.columns().get(column).target())
                    .filter(Objects::nonNull)
                    .flatMap(target -> catalog.find(target).stream())
                    .anyMatch(target -> leadsRound(catalog, target, further));
        }
    }

    /** The tables of a minimal seed, and those of them that give their first row only. */
    record Minimal(List<String> tables, Set<String> first) {
        Minimal {
            tables = tables == null ? List.of() : tables;
            first = first == null ? Set.of() : first;
        }
    }

    /**
     * A table's natural key, the references for which the database has no foreign key (field to table), columns that
     * tell who somebody is, and columns of which somebody says that they tell nothing.
     */
    record Table(
            List<String> key,
            Map<String, String> references,
            Set<String> personal,
            @JsonProperty("case_sensitive") Boolean caseSensitive,
            @JsonProperty("public") Set<String> open) {
        Table {
            personal = personal == null ? Set.of() : personal;
            open = open == null ? Set.of() : open;
            key = key == null ? List.of() : key;
            references = references == null ? Map.of() : references;
        }

        /** Whether keys that differ in upper and lower case only are two. */
        boolean isCaseSensitive() {
            return Boolean.TRUE.equals(caseSensitive);
        }
    }

    private static final String MANIFEST = "seeds.yaml";

    /** @throws Failure (2) naming file, line and what is wrong */
    public static SeedFiles read(Settings settings, Path option, Environment environment) {
        Path folder = ResourceFolder.ofSeeds(settings, option);
        for (Path file : ResourceFolder.files(folder))
            if (!file.getFileName().toString().matches("seeds\\.yaml|.*\\.md|\\..*"))
                throw Failure.usage(
                        ResourceFolder.show(file) + " would not be read: it lies beside the layers",
                        "put it into base/ or a folder of an environment.");
        refuseUnknownLayers(folder);
        List<Map<String, SeedFile>> layers =
                List.of(layer(folder.resolve("base")), layer(folder.resolve(environment.toString())));
        if (layers.stream().allMatch(Map::isEmpty))
            throw Failure.usage(
                    "there are no seed files for " + environment + " in " + ResourceFolder.show(folder),
                    "put them in " + environment + "/ there, one file a table, or name another folder with --seeds.");
        return new SeedFiles(folder, manifest(folder.resolve(MANIFEST)), layers);
    }

    private static void refuseUnknownLayers(Path folder) {
        List<String> known = Stream.concat(
                        Stream.of("base"), Stream.of(Environment.values()).map(Environment::toString))
                .toList();
        for (Path layer : ResourceFolder.subfolders(folder)) {
            String name = layer.getFileName().toString().replace("/", "");
            if (!name.startsWith(".") && !known.contains(name))
                throw Failure.usage(
                        ResourceFolder.show(layer) + " would not be read: " + name + " is no environment",
                        "call it as one of them (" + String.join(", ", known) + "), or move it out of the folder.");
        }
    }

    ZoneId zone() {
        try {
            return ZoneId.of(manifest.timezone());
        } catch (DateTimeException e) {
            throw Failure.usage(
                    ResourceFolder.show(folder.resolve(MANIFEST)) + ": '" + manifest.timezone() + "' is no time zone",
                    "name one as in Europe/Lisbon.");
        }
    }

    /** The manifest alone, of the folder that {@link #read} would read; an empty one if there is no such folder. */
    public static Manifest manifestOf(Settings settings, Path option) {
        return ResourceFolder.ofSeedsIfAny(settings, option)
                .map(folder -> manifest(folder.resolve(MANIFEST)))
                .orElse(Manifest.EMPTY);
    }

    /** As {@link #manifestOf(Settings, Path)}; if nobody named AV-Daily's, it counts only for tables that fit it. */
    public static Manifest manifestOf(Settings settings, Path option, TableCatalog tables) {
        Manifest manifest = manifestOf(settings, option);
        boolean isNamed = option != null
                || settings.path("AVDAILY_SEEDS").isPresent()
                || !settings.project().isShipped();
        return isNamed || manifest.fits(tables) ? manifest : Manifest.EMPTY;
    }

    private static Manifest manifest(Path file) {
        if (!Files.exists(file)) return Manifest.EMPTY;
        ResourceFolder.refuseLinkOut(file, file.getParent());
        try {
            String text = SeedFile.text(file);
            return text.isBlank()
                    ? Manifest.EMPTY
                    : new YAMLMapper()
                            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                            .readValue(text, Manifest.class);
        } catch (IOException e) {
            throw SeedFile.unreadable(
                    file,
                    e,
                    "the manifest knows timezone, locale, minimal: {tables, first} and tables: {NAME: {key, "
                            + "references, personal, public, case_sensitive}}.");
        }
    }

    /** A link may lead to another place within the seeds, and not to any file of this machine. */
    private static void refuseWhatIsNoFile(Path layer) {
        if (!Files.isDirectory(layer)) return;
        ResourceFolder.refuseLinkOut(layer, layer.getParent());
        try (Stream<Path> list = Files.list(layer)) {
            for (Path path : list.sorted().toList()) {
                if (!Files.isRegularFile(path))
                    throw Failure.usage(
                            ResourceFolder.show(path) + " is no file, or a link that leads nowhere",
                            "put a file in its place, or take it away.");
                ResourceFolder.refuseLinkOut(path, layer.getParent());
            }
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + ResourceFolder.show(layer) + ": " + Reason.of(e),
                    "make it readable, or name another folder.");
        }
    }

    private static Map<String, SeedFile> layer(Path folder) {
        Map<String, SeedFile> tables = new LinkedHashMap<>();
        ResourceFolder.refuseSubfolders(folder);
        refuseWhatIsNoFile(folder);
        for (Path file : ResourceFolder.files(folder, folder.getParent())) {
            String name = file.getFileName().toString();
            if (name.startsWith(".") || name.endsWith(".md")) continue;
            if (tables.put(name.substring(0, Math.max(name.lastIndexOf('.'), 0)), SeedFile.read(file)) != null)
                throw Failure.usage(
                        ResourceFolder.show(file) + ": there are two files for this table in "
                                + ResourceFolder.show(folder),
                        "put their rows into one.");
        }
        return tables;
    }
}
