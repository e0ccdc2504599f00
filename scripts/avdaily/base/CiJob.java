package avdaily.base;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The job of a CI system in which a command runs, and how such a system is told of a line of a file.
 *
 * @param root the folder of the repository, from which the system names files
 */
public record CiJob(Kind kind, Path root) {
    /** Whose job it is. */
    public enum Kind {
        /** Reads annotations from the log. */
        GITHUB,
        /** Reads none: people read the log. */
        GITLAB
    }

    /** The job that runs; none on a person's machine. */
    public static Optional<CiJob> of(Settings settings) {
        if (isTrue(settings, "GITHUB_ACTIONS")) return Optional.of(onGitHub(settings));
        if (isTrue(settings, "GITLAB_CI")) return Optional.of(job(Kind.GITLAB, settings, "CI_PROJECT_DIR"));
        return Optional.empty();
    }

    /** As {@link #of} on GitHub Actions, wherever this runs. */
    public static CiJob onGitHub(Settings settings) {
        return job(Kind.GITHUB, settings, "GITHUB_WORKSPACE");
    }

    private static boolean isTrue(Settings settings, String variable) {
        return settings.real(variable).filter("true"::equals).isPresent();
    }

    private static CiJob job(Kind kind, Settings settings, String rootVariable) {
        Path here = settings.path(Path.of("")).toAbsolutePath().normalize();
        return new CiJob(kind, settings.real(rootVariable).map(here::resolve).orElse(here));
    }

    /**
     * The line of the log that says {@code text} of a place.
     *
     * @param level {@code error}, {@code warning} or {@code notice}
     * @param title in a few words, who says it
     */
    public String annotation(String level, Place place, String title, String text) {
        String file = fromRoot(place.file());
        if (kind == Kind.GITLAB)
            return Visible.line(
                    file + (place.line() == 0 ? "" : ":" + place.line()) + ": " + level + ": " + title + ": " + text);
        return "::" + level + " file=" + property(file) + (place.line() == 0 ? "" : ",line=" + place.line()) + ",title="
                + property(title) + "::" + data(text);
    }

    private String fromRoot(String file) {
        Path path = Path.of(file);
        Path inside = path.isAbsolute() ? path.normalize() : null;
        return inside == null || !inside.startsWith(root)
                ? file
                : root.relativize(inside).toString().replace(File.separatorChar, '/');
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
