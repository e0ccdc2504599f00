package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.FetchedFiles;
import avdaily.base.Settings;
import avdaily.db.MavenFile;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.transfer.AbstractTransferListener;

/**
 * Names of people and places as a language has them, by Datafaker. Its 3 MB are fetched with the first use, so that no
 * other command has to download or load them. Its classes are therefore called by name.
 */
public final class LocaleNames {
    /** What a name is one of, with Datafaker's word for it. */
    public enum Part {
        FIRST("name.first_name"),
        FAMILY("name.last_name"),
        CITY("address.city"),
        STREET("address.street_name");

        private final String expression;

        Part(String expression) {
            this.expression = expression;
        }
    }

    private static final String VERSION = "2.7.0";
    /** So often is drawn, and each name kept once: enough for nearly all that Datafaker has. */
    private static final int DRAWS = 10_000;

    private final Map<Part, List<String>> names = new EnumMap<>(Part.class);

    private LocaleNames(ClassLoader loader, Locale locale) throws ReflectiveOperationException {
        Class<?> faker = loader.loadClass("net.datafaker.Faker");
        Method resolve = faker.getMethod("resolve", String.class);
        for (Part part : Part.values()) {
            Object source = faker.getConstructor(Locale.class, Random.class).newInstance(locale, new Random(1));
            TreeSet<String> each = new TreeSet<>();
            for (int i = 0; i < DRAWS; i++) each.add((String) resolve.invoke(source, part.expression));
            names.put(part, List.copyOf(each));
        }
    }

    /**
     * The names of a locale as in de or pt-BR.
     *
     * @throws Failure (2) if Datafaker has none of it; (20) if it is not in the local repository and cannot be fetched;
     *     (21) if it is not what this version knows
     */
    public static LocaleNames of(Settings settings, String locale) {
        Path jar = new MavenFile(
                        new DefaultArtifact("net.datafaker", "datafaker", "jar", VERSION),
                        "Datafaker, which knows the names of " + locale + ",",
                        "leave 'locale' out of seeds.yaml.")
                .fetch(settings.home(), new AbstractTransferListener() {});
        new FetchedFiles(LocaleNames.class, "locale-names.sha256").check(jar);
        Locale known = Locale.forLanguageTag(locale.replace('_', '-'));
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, LocaleNames.class.getClassLoader())) {
            if (Stream.of(known.toLanguageTag(), known.getLanguage())
                    .allMatch(tag -> loader.getResource(tag + ".yml") == null))
                throw Failure.usage(
                        "nobody knows the names of the locale '" + locale + "', which seeds.yaml names",
                        "name one as in de, fr, pt-BR or en-GB.");
            return new LocaleNames(loader, known);
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("Datafaker " + VERSION + " is not as it was", e);
        }
    }

    /** One of the names; the same for the same number. */
    public String pick(Part part, long number) {
        List<String> all = names.get(part);
        return all.get((int) Math.floorMod(number, (long) all.size()));
    }
}
