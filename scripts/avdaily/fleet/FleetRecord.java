package avdaily.fleet;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which targets a run has done, for the run that resumes it. It lies with the user who runs the command, and nobody
 * else may read or write it. It tells what need not be done again, and never that something is right: of migrations the
 * databases' own histories say that.
 */
public final class FleetRecord {
    private final Path file;
    private final String command;
    private final Set<String> done = new LinkedHashSet<>();

    private FleetRecord(Path file, String command) {
        this.file = file;
        this.command = command;
    }

    /**
     * A new record, in place of the one of the last run of the same command on the same sets.
     *
     * @param command the words that say what is done
     */
    public static FleetRecord begin(Settings settings, List<String> sets, String command) {
        return new FleetRecord(place(settings, sets, command), command);
    }

    /** @throws Failure (2) if no run is there to go on with */
    public static FleetRecord resume(Settings settings, List<String> sets, String command) {
        FleetRecord record = begin(settings, sets, command);
        if (!Files.isRegularFile(record.file))
            throw Failure.usage(
                    "there is no run of '" + command + "' on " + String.join(", ", sets) + " to resume",
                    "run it without --resume; a run with other options is another one.");
        try {
            JsonNode known = Json.tree(Files.readString(record.file));
            known.path("done").forEach(place -> record.done.add(place.asText()));
            return record;
        } catch (IOException | IllegalStateException e) {
            throw Failure.usage(record.file + " cannot be read", "delete it, and run it without --resume.");
        }
    }

    private static Path place(Settings settings, List<String> sets, String command) {
        String project = settings.project()
                .file()
                .map(path -> path.toAbsolutePath().normalize().toString())
                .orElse("");
        String identity = Sha256.of(project + "\n" + String.join("\n", sets) + "\n" + command);
        return settings.ownFolder().resolve("fleets").resolve(identity.substring(0, 32) + ".json");
    }

    public boolean has(Target target) {
        return done.contains(key(target));
    }

    /** Notes that it is done; a note that cannot be written costs no more than doing it again. */
    public void add(Target target) throws IOException {
        done.add(key(target));
        write();
    }

    private static String key(Target target) {
        return Sha256.of(String.valueOf(target.place()));
    }

    private void write() throws IOException {
        Files.createDirectories(file.getParent());
        AtomicFile.restrict(file.getParent(), "rwx------");
        AtomicFile.writePrivate(
                file,
                Json.page(Json.object(
                        "command", command, "at", Instant.now().toString(), "done", new ArrayList<>(done))));
    }

    /** Has nothing left to resume. */
    public void forget() throws IOException {
        Files.deleteIfExists(file);
    }
}
