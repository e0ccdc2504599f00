package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a draft in the folder of migrations. */
record DraftFiles(Path folder) {
    private static final String UNFINISHED = ".generate-";

    /** First the undo, then the migration: a kill between the two leaves no migration without its undo. */
    List<Path> write(Draft draft) throws IOException {
        Map<Path, Path> undone = new LinkedHashMap<>();
        Map<Path, Path> forward = new LinkedHashMap<>();
        for (Draft.Step step : draft.steps()) {
            undone.put(unfinished(step.undoName(), draft.undo(step)), folder.resolve(step.undoName()));
            forward.put(unfinished(step.forwardName(), draft.forward(step)), folder.resolve(step.forwardName()));
        }
        List<Path> written = new ArrayList<>();
        for (Map<Path, Path> moves : List.of(undone, forward))
            for (Map.Entry<Path, Path> move : moves.entrySet())
                Files.move(move.getKey(), move.getValue(), StandardCopyOption.ATOMIC_MOVE);
        for (Draft.Step step : draft.steps()) {
            written.add(folder.resolve(step.forwardName()));
            written.add(folder.resolve(step.undoName()));
        }
        return written;
    }

    private Path unfinished(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(UNFINISHED + name + ".tmp"), text, StandardOpenOption.CREATE_NEW);
    }

    /** Takes away what a killed run left. */
    void clear(Draft draft) throws IOException {
        for (Path file : ResourceFolder.files(folder))
            if (file.getFileName().toString().startsWith(UNFINISHED)) Files.delete(file);
        for (Draft.Step step : draft.steps()) clear(step);
    }

    private void clear(Draft.Step step) throws IOException {
        for (Path file : ResourceFolder.files(folder)) {
            if (!file.getFileName().toString().startsWith("U" + step.version() + "__")) continue;
            if (!Files.readString(file).startsWith("-- " + step.undoTitle()))
                throw Failure.usage(
                        "there is " + ResourceFolder.show(file) + " already, without its migration",
                        "move it away, or write its V" + step.version() + ".");
            Files.delete(file);
        }
    }
}
