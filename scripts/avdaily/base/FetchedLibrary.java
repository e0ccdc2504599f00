package avdaily.base;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.Exclusion;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;

/**
 * A library that is fetched with its first use, so that no other command has to download or load it. Its classes are
 * therefore called by name.
 *
 * @param title the library and what it is for, as in "pgCodeKeeper, which compares the schemas,"
 * @param artifacts as in "org.pgcodekeeper:pgcodekeeper-core:13.1.0"
 * @param needless what they depend on and can do without, as in "org.lz4:lz4-java"
 * @param known the sums of all of their files
 * @param without how to do without the library
 */
public record FetchedLibrary(
        String title, List<String> artifacts, List<String> needless, FetchedFiles known, String without) {
    /**
     * The classes of the library, from the user's Maven repositories.
     *
     * @throws Failure (20) if it is not in the local repository and cannot be fetched; (21) if a jar is not what this
     *     version knows
     */
    public URLClassLoader load(Settings settings) throws IOException {
        ContextOverrides overrides = ContextOverrides.create()
                .withUserSettings(true)
                .withMavenUserHomeOverride(settings.home().resolve(".m2"))
                .build();
        try (Context maven = Runtimes.INSTANCE.getRuntime().create(overrides)) {
            List<URL> jars = new ArrayList<>();
            for (ArtifactResult result : maven.repositorySystem()
                    .resolveDependencies(
                            maven.repositorySystemSession(),
                            new DependencyRequest(
                                    new CollectRequest(dependencies(), List.of(), maven.remoteRepositories()), null))
                    .getArtifactResults()) {
                Path jar = result.getArtifact().getFile().toPath();
                known.check(jar);
                jars.add(jar.toUri().toURL());
            }
            return new URLClassLoader(jars.toArray(URL[]::new), FetchedLibrary.class.getClassLoader());
        } catch (DependencyResolutionException e) {
            throw new Failure(
                    Failure.Kind.UNREACHABLE,
                    title + " cannot be fetched: " + e.getMessage(),
                    "check the network and ~/.m2/settings.xml; " + without,
                    e);
        }
    }

    private List<Dependency> dependencies() {
        List<Exclusion> exclusions = needless.stream()
                .map(name -> name.split(":"))
                .map(name -> new Exclusion(name[0], name[1], "*", "*"))
                .toList();
        return artifacts.stream()
                .map(name -> name.split(":"))
                .map(name -> new Dependency(
                        new DefaultArtifact(name[0], name[1], "jar", name[2]), "runtime", false, exclusions))
                .toList();
    }
}
