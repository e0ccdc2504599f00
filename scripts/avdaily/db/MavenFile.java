package avdaily.db;

import avdaily.base.Failure;
import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.TransferListener;

/**
 * A file of the user's Maven repositories (settings.xml counts), without the libraries that it names.
 *
 * @param called as messages call it
 * @param otherwise how to do without it
 */
public record MavenFile(Artifact artifact, String called, String otherwise) {
    /**
     * @param home the user's, which has .m2
     * @throws Failure (20) if it is not in the local repository and cannot be fetched
     */
    public Path fetch(Path home, TransferListener listener) {
        ContextOverrides overrides = ContextOverrides.create()
                .withUserSettings(true)
                .withMavenUserHomeOverride(home.resolve(".m2"))
                .transferListener(listener)
                .build();
        try (Context maven = Runtimes.INSTANCE.getRuntime().create(overrides)) {
            return maven.repositorySystem()
                    .resolveArtifact(
                            maven.repositorySystemSession(),
                            new ArtifactRequest(artifact, maven.remoteRepositories(), null))
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException e) {
            throw new Failure(
                    Failure.Kind.UNREACHABLE,
                    called + " cannot be fetched: " + e.getMessage(),
                    "check the network and ~/.m2/settings.xml, or " + otherwise,
                    e);
        }
    }
}
