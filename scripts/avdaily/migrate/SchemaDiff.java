package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.schema.Schema;
import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.Exclusion;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;

/**
 * The statements that turn one schema into another, by pgCodeKeeper. It is fetched when it is first needed, without the drivers of other
 * databases that it brings along: 7 MB that no other command has to download or load. So it is called by name.
 */
final class SchemaDiff implements AutoCloseable {
    private static final String VERSION = "13.1.0";
    private static final String PACKAGE = "org.pgcodekeeper.core.";
    private static final List<Exclusion> NEEDLESS = Stream.of(
                    "com.microsoft.sqlserver:mssql-jdbc",
                    "com.clickhouse:clickhouse-jdbc",
                    "org.lz4:lz4-java",
                    "org.postgresql:postgresql",
                    "org.slf4j:slf4j-api")
            .map(name -> name.split(":"))
            .map(name -> new Exclusion(name[0], name[1], "*", "*"))
            .toList();

    private final URLClassLoader loader;

    private SchemaDiff(URLClassLoader loader) {
        this.loader = loader;
    }

    static SchemaDiff fetch(Settings settings) throws IOException {
        ContextOverrides overrides = ContextOverrides.create()
                .withUserSettings(true)
                .withMavenUserHomeOverride(settings.home().resolve(".m2"))
                .build();
        try (Context maven = Runtimes.INSTANCE.getRuntime().create(overrides)) {
            Dependency root = new Dependency(
                    new DefaultArtifact("org.pgcodekeeper", "pgcodekeeper-core", "jar", VERSION),
                    "runtime",
                    false,
                    NEEDLESS);
            List<URL> jars = new ArrayList<>();
            for (ArtifactResult result : maven.repositorySystem()
                    .resolveDependencies(
                            maven.repositorySystemSession(),
                            new DependencyRequest(new CollectRequest(root, maven.remoteRepositories()), null))
                    .getArtifactResults())
                jars.add(result.getArtifact().getFile().toURI().toURL());
            return new SchemaDiff(new URLClassLoader(jars.toArray(URL[]::new), SchemaDiff.class.getClassLoader()));
        } catch (DependencyResolutionException e) {
            throw new Failure(
                    Failure.Kind.UNREACHABLE,
                    "pgCodeKeeper, which compares the schemas, cannot be fetched: " + e.getMessage(),
                    "check the network and ~/.m2/settings.xml; 'generate --check' does without it.",
                    e);
        }
    }

    /** What turns the schema of {@code from} into that of {@code to}: statements, each with the comment before it. */
    List<String> statements(List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        Path folder = Files.createTempDirectory("avdaily-generate-");
        Path before = write(folder.resolve("before.sql"), from);
        Path after = write(folder.resolve("after.sql"), to);
        try {
            Class<?> settings = loader.loadClass(PACKAGE + "settings.CoreSettings");
            Class<?> options = loader.loadClass(PACKAGE + "settings.ISettings");
            Class<?> database = loader.loadClass(PACKAGE + "schema.AbstractDatabase");
            Object chosen = settings.getConstructor().newInstance();
            for (Map.Entry<String, Boolean> option : Map.of(
                            "setIgnoreColumnOrder",
                            true,
                            "setGenerateConstraintNotValid",
                            true,
                            "setPrintUsing",
                            true,
                            "setDisableCheckFunctionBodies",
                            false)
                    .entrySet())
                settings.getMethod(option.getKey(), boolean.class).invoke(chosen, option.getValue());
            Class<?> factory = loader.loadClass(PACKAGE + "api.DatabaseFactory");
            Object maker = factory.getConstructor(options).newInstance(chosen);
            Object old = factory.getMethod("loadFromDump", String.class).invoke(maker, before.toString());
            Object wanted = factory.getMethod("loadFromDump", String.class).invoke(maker, after.toString());
            String script = (String) loader.loadClass(PACKAGE + "api.PgCodeKeeperApi")
                    .getMethod("diff", options, database, database)
                    .invoke(null, chosen, old, wanted);
            return split(script);
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

    /** What it says of files that nobody will find any more, of many mistakes the first. */
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

    /** At the empty lines behind statements, but for those in a function's body or a literal. */
    private static List<String> split(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        String plain =
                script.replaceAll("; /\\* TYPE change .*? \\*/\n", ";\n").replaceAll("-- DEPCY: (.*)\n\n", "-- $1\n");
        for (String part : plain.split("(?<=;\n)\n")) {
            open.append(open.isEmpty() ? "" : "\n").append(part);
            if (!isWhole(open)) continue;
            String text = open.toString().strip();
            if (!text.isEmpty() && !text.startsWith("SET ")) statements.add(text);
            open.setLength(0);
        }
        return statements;
    }

    /** Literals, names in quotes, dollar-quoted texts and comments: what looks like SQL in them is none. */
    static final String OPAQUE = "'[^']*'|\"[^\"]*\"|\\$(\\w*)\\$(?s:.*?)\\$\\1\\$|--[^\\n]*|/\\*(?s:.*?)\\*/";

    private static final Pattern OPENED = Pattern.compile("['\"]|\\$\\w*\\$|/\\*");

    private static boolean isWhole(CharSequence text) {
        return !OPENED.matcher(text.toString().replaceAll(OPAQUE, "")).find();
    }

    /** As pg_dump writes it; a materialized view is wanted with its rows. */
    private static Path write(Path file, List<Schema.Item> items) throws IOException {
        return Files.writeString(
                file,
                "SET search_path = pg_catalog;\n\n"
                        + items.stream()
                                .filter(item -> !item.kind().equals("NOT READ"))
                                .map(item -> item.ddl().replaceFirst("\n  WITH NO DATA;$", ";"))
                                .collect(Collectors.joining("\n\n"))
                        + "\n");
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
