package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.TrialScripts;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/** A folder of migrations: V files go forward, U files take one V back, R files run again whenever they change. */
public final class MigrationFiles {
    private static final Pattern NAME = Pattern.compile("(?:[VU]([0-9]+(?:[._][0-9]+)*)|R)__.+\\.sql");
    private static final Pattern TITLE = Pattern.compile("(?:[VU]([0-9]+(?:[._][0-9]+)*)|R)__(.+)\\.sql(?:\\.conf)?");
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);

    /** Stands for each of many until one is worked on. */
    private static final String ANY_SCHEMA = "any_schema";

    private static final String IGNORED = "lint.ignore";
    private static final String README = "README.md";
    private static final Pattern CALLBACK = Pattern.compile("(before|after)[A-Z].*\\.sql");

    private final List<Path> files;
    /**
     * Each file is read once: whatever becomes of it meanwhile, what runs is what was planned, and so are the
     * checksums.
     */
    private final Map<Path, MigrationScript> scripts;

    private final NavigableMap<MigrationVersion, Path> forward = new TreeMap<>();
    private final Map<MigrationVersion, Path> undo = new TreeMap<>();
    /** By their events: each statement asks for them. */
    private final Map<String, List<MigrationScript>> callbacks;

    private MigrationFiles(List<Path> files, Map<Path, MigrationScript> scripts) {
        this.files = files;
        this.scripts = scripts;
        this.callbacks = files.stream()
                .filter(file -> CALLBACK.matcher(name(file)).matches())
                .collect(Collectors.groupingBy(
                        file -> name(file).split("__|\\.sql$", 2)[0],
                        Collectors.mapping(this::script, Collectors.toUnmodifiableList())));
        for (Path file : files) {
            Path twin = version(file, "V")
                    .map(version -> forward.put(version, file))
                    .or(() -> version(file, "U").map(version -> undo.put(version, file)))
                    .orElse(null);
            if (twin != null)
                throw Failure.usage(
                        ResourceFolder.show(file) + " and " + ResourceFolder.show(twin) + " have the same version",
                        "give one of them another version.");
        }
    }

    /**
     * The files of {@code folder}; if it is null, of AVDAILY_MIGRATIONS, else of the project.
     *
     * @throws Failure (2) naming a file that Flyway would pass over in silence, that has the version of another one or
     *     that is not UTF-8
     */
    public static MigrationFiles in(Settings settings, Path folder) {
        return read(settings, folder, false);
    }

    /** The same, for schemas of which each has a history of its own. */
    public static MigrationFiles ofSchemas(Settings settings, Path folder) {
        return read(settings, folder, true);
    }

    /** The files as they run for one schema; for the whole database if there is none. */
    MigrationFiles in(Optional<String> schema) {
        if (schema.isEmpty()) return this;
        Map<Path, MigrationScript> own = new ConcurrentHashMap<>();
        scripts.forEach((file, script) -> own.put(file, script.in(schema.get())));
        return new MigrationFiles(files, own);
    }

    private static MigrationFiles read(Settings settings, Path folder, boolean ofSchemas) {
        Function<Path, MigrationScript> reading =
                ofSchemas ? file -> MigrationScript.read(file).in(ANY_SCHEMA) : MigrationScript::read;
        Path place = ResourceFolder.ofMigrations(settings, folder);
        ResourceFolder.refuseSubfolders(place, "schema");
        List<Path> files = ResourceFolder.files(place);
        Map<Path, MigrationScript> scripts = new ConcurrentHashMap<>();
        for (Path file : files) {
            String name = name(file);
            if (name.equals(IGNORED) || name.endsWith(".sql.conf")) scripts.put(file, reading.apply(file));
            if (!name.toLowerCase(Locale.ROOT).endsWith(".sql")) {
                refuseCode(file);
                continue;
            }
            refuseUnknownEvent(file);
            if (!NAME.matcher(name).matches() && !CALLBACK.matcher(name).matches())
                throw Failure.usage(
                        ResourceFolder.show(file) + " would never run: its name is not a migration's",
                        "call it V<n>__<name>.sql (two underscores), U<n>__<name>.sql for its undo or R__<name>.sql, "
                                + "or move it out of the folder.");
            scripts.put(file, reading.apply(file));
            refuseBatches(scripts.get(file));
            refusePhase(scripts.get(file));
        }
        FlywayConfiguration.refuseOthers(settings.project(), place, scripts.values().stream(), ofSchemas);
        MigrationScript ignored = scripts.get(place.resolve(IGNORED));
        scripts.replaceAll((file, script) -> script.ignoring(ignored == null ? "" : ignored.text())
                .with(Optional.ofNullable(scripts.get(file.resolveSibling(name(file) + ".conf")))
                        .map(MigrationScript::text)
                        .orElse(null)));
        return new MigrationFiles(files, scripts);
    }

    /** The file of a migration that Flyway found in this folder. */
    MigrationScript of(Migration m) {
        return find(m).orElseThrow();
    }

    /** Nothing if its file is gone. */
    Optional<MigrationScript> find(Migration m) {
        return (m.version() != null ? forward(m.version()) : repeatable(m.description())).map(this::script);
    }

    private Optional<Path> repeatable(String description) {
        return files.stream()
                .filter(file -> {
                    String name = name(file);
                    return name.startsWith("R__")
                            && name.substring(3, name.length() - 4)
                                    .replace('_', ' ')
                                    .equals(description);
                })
                .findFirst();
    }

    /** Flyway would run it as a migration or a callback: a class, or a script of a shell. */
    private static void refuseCode(Path file) {
        if (name(file).matches("(?:[VUB][0-9][0-9._]*|R)__.+") && !name(file).endsWith(".sql.conf"))
            throw Failure.usage(
                    ResourceFolder.show(file) + " has the name of a migration, and only SQL is run",
                    "write what it does as SQL, or move it out of the folder.");
    }

    /** What runs in batches is a version, which the history has or has not. */
    private static void refuseBatches(MigrationScript script) {
        if (script.batches().isPresent() && !script.name().startsWith("V"))
            throw Failure.usage(
                    ResourceFolder.show(script.file()) + " has '-- batch:', and only V<n>__<name>.sql runs in batches",
                    script.name().startsWith("U")
                            ? "write it without: an undo script is part of one transaction."
                            : "give it a version.");
    }

    private static void refusePhase(MigrationScript script) {
        if (ContractPhase.after(script).isPresent() && !script.name().startsWith("V"))
            throw Failure.usage(
                    ResourceFolder.show(script.file()) + " has '-- phase: contract', and only V<n>__<name>.sql waits",
                    "take the line out.");
    }

    private static void refuseUnknownEvent(Path file) {
        if (!CALLBACK.matcher(name(file)).matches()) return;
        String event = name(file).replaceFirst("(__.*)?\\.sql$", "");
        if (!Callbacks.EVENTS.contains(event))
            throw Failure.usage(
                    ResourceFolder.show(file) + " would never run: nothing here has the event " + event,
                    "move what it does into one of " + String.join(", ", Callbacks.EVENTS)
                            + ", or the file out of the folder.");
    }

    /** Whether a file of that name may lie in a folder of migrations. */
    static boolean isKnown(Path file) {
        String name = name(file);
        return NAME.matcher(name).matches()
                || CALLBACK.matcher(name).matches()
                || name.endsWith(".sql.conf")
                || name.startsWith(".")
                || name.equals(IGNORED)
                || name.equals(README);
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /** Whether the file of that name can run in a transaction as a whole. */
    boolean isTransactional(String name) {
        return named(name).map(file -> script(file).isTransactional()).orElse(true);
    }

    private Optional<Path> named(String name) {
        return files.stream().filter(file -> name(file).equals(name)).findFirst();
    }

    /** The SQL that runs around migrations: beforeMigrate.sql and the like. */
    List<String> callbacks() {
        return files.stream()
                .map(MigrationFiles::name)
                .filter(name -> CALLBACK.matcher(name).matches())
                .toList();
    }

    /** The files of one event, as in afterMigrate.sql and afterMigrate__grants.sql, in the order of their names. */
    List<MigrationScript> callbacks(String event) {
        return callbacks.getOrDefault(event, List.of());
    }

    /** The V files from the lowest version to the highest. */
    NavigableMap<MigrationVersion, Path> forward() {
        return Collections.unmodifiableNavigableMap(forward);
    }

    /** The script that makes a version. */
    public Optional<Path> forward(MigrationVersion version) {
        return Optional.ofNullable(forward.get(version));
    }

    /** The script that takes a version back. */
    public Optional<Path> undo(MigrationVersion version) {
        return Optional.ofNullable(undo.get(version));
    }

    /** A file of this folder as it was when it was read first. */
    public MigrationScript script(Path file) {
        return scripts.computeIfAbsent(file, MigrationScript::read); // only what Flyway would not ask for is new
    }

    /** The SHA-256 of a file's text, whatever its line ends; nothing if there is no such file. */
    Optional<String> sum(String name) {
        return named(name).map(this::sum);
    }

    /** The SHA-256 of every file that goes forward, by name. */
    Map<String, String> sums() {
        return files.stream()
                .filter(file -> name(file).matches("[VR].*\\.sql"))
                .collect(Collectors.toMap(MigrationFiles::name, this::sum));
    }

    /** The same for some migrations, as far as they have files. */
    public Map<String, String> sums(List<Migration> some) {
        return some.stream()
                .map(m -> m.version() != null ? forward(m.version()) : repeatable(m.description()))
                .flatMap(Optional::stream)
                .collect(Collectors.toMap(MigrationFiles::name, this::sum));
    }

    private String sum(Path file) {
        return script(file).sum();
    }

    /** The SHA-256 of each file as it was read, by name: whatever decides what runs, and how. */
    public Map<String, String> hashes() {
        Map<String, String> hashes = new TreeMap<>();
        scripts.forEach((file, script) -> hashes.put(name(file), Sha256.of(script.text())));
        return hashes;
    }

    /** A file's text as it was read; nothing if there is no such file. */
    public Optional<String> text(String name) {
        return named(name).map(scripts::get).map(MigrationScript::text);
    }

    /** All of them, as what will run in a scratch database; {@code others} runs in it too. */
    public TrialScripts forTrial(MigrationScript... others) {
        return new TrialScripts(Stream.concat(scripts.values().stream(), Stream.of(others))
                .map(MigrationScript::text)
                .toList());
    }

    /** The texts of what runs if the migrations of these titles are pending, and of what takes them back. */
    public Map<String, String> texts(List<String> titles) {
        Map<String, String> texts = new TreeMap<>();
        scripts.forEach((file, script) -> {
            String name = name(file);
            if (CALLBACK.matcher(name).matches() || titles.contains(title(name))) texts.put(name, script.text());
        });
        return texts;
    }

    /** The title of the migration that a file makes, takes back or has settings for. */
    private static String title(String name) {
        Matcher parts = TITLE.matcher(name);
        if (!parts.matches()) return "";
        String version = parts.group(1) == null ? "R" : "V" + MigrationVersion.fromVersion(parts.group(1));
        return version + " " + parts.group(2).replace('_', ' ');
    }

    /** The highest version there is a file for, or nothing. */
    Optional<MigrationVersion> latest() {
        return forward.isEmpty() ? Optional.empty() : Optional.of(forward.lastKey());
    }

    /** The next free version, a whole number: the time if the newest one is a time too, as in 20240115123000. */
    public BigInteger next() {
        if (forward.isEmpty()) return BigInteger.ONE;
        BigInteger last = forward.lastKey().getMajor();
        BigInteger next = last.add(BigInteger.ONE);
        return last.toString().matches("20[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-5][0-9][0-5][0-9]")
                ? next.max(new BigInteger(TIMESTAMP.format(Instant.now())))
                : next;
    }

    /** The version that a V file makes. */
    static Optional<MigrationVersion> version(Path file) {
        return version(file, "V");
    }

    private static Optional<MigrationVersion> version(Path file, String prefix) {
        Matcher name = NAME.matcher(name(file));
        return name.matches() && name.group().startsWith(prefix) && name.group(1) != null
                ? Optional.of(MigrationVersion.fromVersion(name.group(1)))
                : Optional.empty();
    }

    /** The files as Flyway reads them, without the undo scripts. */
    ResourceProvider provider() {
        return new ResourceProvider() {
            @Override
            public LoadableResource getResource(String name) {
                return named(name).map(file -> script(file).resource()).orElse(null);
            }

            @Override
            public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
                return files.stream()
                        .filter(file -> {
                            String name = name(file);
                            return name.startsWith(prefix)
                                    && List.of(suffixes).stream().anyMatch(name::endsWith)
                                    && !name.startsWith("U");
                        })
                        .map(file -> script(file).resource())
                        .toList();
            }
        };
    }
}
