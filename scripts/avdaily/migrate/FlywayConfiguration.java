package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Project;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files in which a project of Flyway's has its settings. The commands do not obey them: what says the same as the
 * commands do is passed over, and what would have Flyway run something else is refused by name.
 */
final class FlywayConfiguration {
    private static final List<String> NAMES =
            List.of("flyway.conf", "flyway.toml", "flyway.user.toml", "conf/flyway.conf");
    private static final Pattern SECTION = Pattern.compile("\\[+([^\\]]+)\\]+");
    private static final Pattern SETTING = Pattern.compile("([\\w.\"-]+)\\s*[=:]\\s*(.*)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[^}\\s]+\\}");
    private static final Pattern BUILT_IN = Pattern.compile("\\$\\{flyway:[^}\\s]+\\}");

    /** Say where the database is, how Flyway behaves towards people, or what it refuses: none changes what runs. */
    private static final Set<String> HARMLESS = Set.of(
            ("url user password driver connectretries connectretriesinterval cleandisabled locations group installedby "
                            + "loggers outputtype lockretrycount validateonmigrate baselineonmigrate baselineversion "
                            + "baselinedescription validatemigrationnaming failonmissinglocations createschemas "
                            + "stream batch reportenabled reportfilename environment name id databasetype email token "
                            + "cleanonvalidationerror licensekey displayname detectencoding")
                    .split(" "));
    /** What the commands do, and any other value is refused. */
    private static final Map<String, String> SAME = Map.ofEntries(
            Map.entry("table", "flyway_schema_history"),
            Map.entry("defaultschema", "public"),
            Map.entry("schemas", "public"),
            Map.entry("encoding", "utf-8"),
            Map.entry("sqlmigrationprefix", "v"),
            Map.entry("undosqlmigrationprefix", "u"),
            Map.entry("repeatablesqlmigrationprefix", "r"),
            Map.entry("sqlmigrationseparator", "__"),
            Map.entry("sqlmigrationsuffixes", ".sql"),
            Map.entry("outoforder", "false"),
            Map.entry("target", "latest"),
            Map.entry("skipdefaultcallbacks", "false"),
            Map.entry("skipdefaultresolvers", "false"),
            Map.entry("executeintransaction", "true"));

    /** What Flyway is to stumble over. */
    private static final Set<String> OF_BATCHES = Set.of("${from}", "${to}", "${size}");

    private static final String REPLACEMENT = "placeholderreplacement";

    private final List<Path> files;
    private boolean replacesPlaceholders;
    private final Set<String> replaced;
    private boolean hasBatches;

    private FlywayConfiguration(List<Path> files, boolean ofSchemas) {
        this.files = files;
        this.replaced = ofSchemas
                ? Set.of(MigrationScript.DEFAULT_SCHEMA, MigrationScript.SCHEMA)
                : Set.of(MigrationScript.DEFAULT_SCHEMA);
        this.replacesPlaceholders = !files.isEmpty();
    }

    /**
     * Sees that what Flyway is told for a folder changes nothing of what runs.
     *
     * @param scripts the folder's files
     * @param ofSchemas whether they run for single schemas
     * @throws Failure (2) naming file and setting, or file and line of a placeholder
     */
    static void refuseOthers(Project project, Path folder, Stream<MigrationScript> scripts, boolean ofSchemas) {
        if (project.isShipped()) return;
        Path place = project.file().orElse(folder).toAbsolutePath().getParent();
        FlywayConfiguration configuration = new FlywayConfiguration(Stream.of(place, folder)
                .flatMap(each -> NAMES.stream().map(each::resolve))
                .filter(Files::isRegularFile)
                .distinct()
                .toList(), ofSchemas);
        List<MigrationScript> sql =
                scripts.filter(script -> script.name().endsWith(".sql")).toList();
        configuration.hasBatches =
                sql.stream().anyMatch(script -> script.batches().isPresent());
        configuration.files.forEach(configuration::read);
        sql.forEach(configuration::refusePlaceholders);
    }

    private void read(Path file) {
        String section = "";
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher opened = SECTION.matcher(line);
            Matcher setting = SETTING.matcher(line);
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("!")) continue;
            if (opened.matches() && file.toString().endsWith(".toml")) section = opened.group(1) + ".";
            else if (!setting.matches())
                throw Failure.usage(
                        file + " line " + (i + 1) + " is no setting that can be read", // it may hold a secret
                        "write 'key = value' on one line.");
            else obey(file, i + 1, section + setting.group(1), setting.group(2));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw Failure.usage(file + " is not UTF-8", "save it as UTF-8.");
        } catch (IOException e) {
            throw Failure.usage(file + " cannot be read: " + Reason.of(e), "make it readable for you.");
        }
    }

    private void obey(Path file, int line, String called, String written) {
        String key = called.replace("\"", "")
                .toLowerCase(Locale.ROOT)
                .replaceFirst("^environments\\.[^.]+\\.", "")
                .replaceFirst("^flyway\\.", "");
        String value = written.replaceFirst("\\s+#.*$", "")
                .replaceAll("[\\[\\]\"']", "")
                .strip();
        String plain = value.toLowerCase(Locale.ROOT);
        if (key.equals(REPLACEMENT)) replacesPlaceholders = !plain.equals("false");
        if (hasBatches && OF_BATCHES.contains("${" + key.replaceFirst("^placeholders\\.", "") + "}"))
            throw Failure.usage(
                    file + " line " + line + ": " + called
                            + " would have Flyway run a data migration as if it were one " + "statement",
                    "give the placeholder another name.");
        boolean isSaid = key.matches("placeholder.*|jdbcproperties\\..*|postgresql\\..*|plugins\\..*")
                || HARMLESS.contains(key)
                || plain.isEmpty()
                || Arrays.stream(plain.split("\\s*,\\s*")).allMatch(each -> each.equals(SAME.get(key)));
        if (!isSaid)
            throw Failure.usage(
                    file + " line " + line + ": " + called
                            + (SAME.containsKey(key)
                                    ? " = " + value + " is not obeyed here, where it is " + SAME.get(key)
                                    : " is not obeyed here"), // its value may be a secret
                    "bring the files and the database to what is obeyed, and take the setting out.");
    }

    private void refusePlaceholders(MigrationScript script) {
        Matcher found = (replacesPlaceholders ? PLACEHOLDER : BUILT_IN).matcher(script.text());
        boolean runsInBatches = script.batches().isPresent();
        do if (!found.find()) return;
        while (replaced.contains(found.group()) || runsInBatches && OF_BATCHES.contains(found.group()));
        long line = script.text().substring(0, found.start()).lines().count();
        boolean isAtStart = found.start() == 0 || script.text().charAt(found.start() - 1) == '\n';
        throw Failure.usage(
                ResourceFolder.show(script.file()) + " line " + (line + (isAtStart ? 1 : 0)) + " has the placeholder "
                        + found.group() + ", which Flyway replaces and the commands do not",
                "write its value in its place, then 'avdaily-migrate repair' if the file is applied already"
                        + (replacesPlaceholders
                                ? "; if it is no placeholder, say placeholderReplacement = false in " + files.get(0)
                                : "")
                        + ".");
    }
}
