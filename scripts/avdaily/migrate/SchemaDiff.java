package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.FetchedFiles;
import avdaily.base.FetchedLibrary;
import avdaily.base.Settings;
import avdaily.schema.Schema;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The statements that turn one schema into another, by pgCodeKeeper. Its 7 MB are fetched with the first use, without
 * the drivers of other databases.
 */
final class SchemaDiff implements AutoCloseable {
    private static final String VERSION = "13.1.0";
    private static final String PACKAGE = "org.pgcodekeeper.core.";
    private static final FetchedLibrary LIBRARY = new FetchedLibrary(
            "pgCodeKeeper, which compares the schemas,",
            List.of("org.pgcodekeeper:pgcodekeeper-core:" + VERSION),
            List.of(
                    "com.microsoft.sqlserver:mssql-jdbc",
                    "com.clickhouse:clickhouse-jdbc",
                    "org.lz4:lz4-java",
                    "org.postgresql:postgresql",
                    "org.slf4j:slf4j-api"),
            new FetchedFiles(SchemaDiff.class, "schema-diff.sha256"),
            "'generate --check' does without it.");

    /** Literals, names in quotes, dollar-quoted texts and comments: what looks like SQL in them is none. */
    static final String OPAQUE = "'[^']*'|\"[^\"]*\"|\\$(\\w*)\\$(?s:.*?)\\$\\1\\$|--[^\\r\\n]*|/\\*(?s:.*?)\\*/";

    private static final Pattern OPENED = Pattern.compile("['\"]|\\$\\w*\\$|/\\*");
    private static final Map<String, Boolean> OPTIONS = Map.of(
            "setIgnoreColumnOrder", true,
            "setGenerateConstraintNotValid", true,
            "setPrintUsing", true,
            "setDisableCheckFunctionBodies", false);

    private final URLClassLoader loader;

    private SchemaDiff(URLClassLoader loader) {
        this.loader = loader;
    }

    /**
     * @throws Failure (20) if pgCodeKeeper is not in the local repository and cannot be fetched; (21) if a jar is not
     *     what this version knows
     */
    static SchemaDiff fetch(Settings settings) throws IOException {
        return new SchemaDiff(LIBRARY.load(settings));
    }

    /**
     * The statements that turn the schema {@code from} into {@code to}, each with the comment before it.
     *
     * @throws Failure (1) if pgCodeKeeper cannot read one of them
     */
    List<String> statements(List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        Path folder = Files.createTempDirectory("avdaily-generate-");
        Path before = Files.writeString(folder.resolve("before.sql"), DiffInput.of(from));
        Path after = Files.writeString(folder.resolve("after.sql"), DiffInput.of(to));
        try {
            return split(DiffInput.own(compare(before, after)));
        } catch (InvocationTargetException e) {
            throw new Failure(
                    Failure.Kind.ERROR,
                    "pgCodeKeeper cannot compare the schemas: " + brief(e.getCause(), folder) + "; nothing was written",
                    "write the pair by hand: 'avdaily-migrate new NAME'.",
                    e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("pgCodeKeeper " + VERSION + " is not as it was", e);
        } finally {
            Files.deleteIfExists(before);
            Files.deleteIfExists(after);
            Files.deleteIfExists(folder);
        }
    }

    /** The script of pgCodeKeeper's that turns one dump into the other. */
    private String compare(Path before, Path after) throws ReflectiveOperationException {
        Class<?> settings = loader.loadClass(PACKAGE + "settings.CoreSettings");
        Class<?> options = loader.loadClass(PACKAGE + "settings.ISettings");
        Class<?> database = loader.loadClass(PACKAGE + "schema.AbstractDatabase");
        Class<?> factory = loader.loadClass(PACKAGE + "api.DatabaseFactory");
        Object chosen = settings.getConstructor().newInstance();
        for (Map.Entry<String, Boolean> option : OPTIONS.entrySet())
            settings.getMethod(option.getKey(), boolean.class).invoke(chosen, option.getValue());
        Object maker = factory.getConstructor(options).newInstance(chosen);
        Object old = factory.getMethod("loadFromDump", String.class).invoke(maker, before.toString());
        Object wanted = factory.getMethod("loadFromDump", String.class).invoke(maker, after.toString());
        return (String) loader.loadClass(PACKAGE + "api.PgCodeKeeperApi")
                .getMethod("diff", options, database, database)
                .invoke(null, chosen, old, wanted);
    }

    /** The first of the mistakes that it names, without the temporary files, which are gone. */
    private static String brief(Throwable e, Path folder) {
        List<String> lines = String.valueOf(e.getMessage())
                .replace(folder + "/", "\n")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        return String.join(" ", lines.subList(0, Math.min(2, lines.size())))
                + (lines.size() > 2 ? " (and " + (lines.size() - 2) + " more)" : "");
    }

    /** Splits at the empty lines behind statements, but not at those in a function's body or a literal. */
    private static List<String> split(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        String plain = script.replaceAll("([,;]) /\\* TYPE change .*? \\*/(?=\n|$)", "$1")
                .replaceAll("-- DEPCY: (.*)\n\n", "-- $1\n");
        for (String part : plain.split("(?<=;\n)\n")) {
            open.append(open.isEmpty() ? "" : "\n").append(part);
            if (!isWhole(open)) continue;
            String text = open.toString().strip();
            if (!text.isEmpty() && !text.startsWith("SET ")) statements.add(text);
            open.setLength(0);
        }
        return statements;
    }

    private static boolean isWhole(CharSequence text) {
        return !OPENED.matcher(text.toString().replaceAll(OPAQUE, "")).find();
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
