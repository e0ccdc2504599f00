import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The lists by which migrations and seed files travel with the scripts: a line //FILES for each, in their room. */
record TravelLists(Path project) {
    private static final Map<String, String> ROOMS = Map.of("migrations", "migrate", "seeds", "seed");

    /** Writes the lists anew as the folders are; returns the files that it changed. */
    List<Path> fix() throws IOException {
        List<Path> changed = new ArrayList<>();
        for (String folder : ROOMS.keySet()) {
            Path room = room(folder);
            List<String> lines = new ArrayList<>(Files.readAllLines(room));
            int first = 0;
            while (!lines.get(first).startsWith("//FILES " + folder + "/")) first++;
            lines.removeIf(line -> line.startsWith("//FILES " + folder + "/"));
            lines.addAll(first, wanted(folder));
            if (lines.equals(Files.readAllLines(room))) continue;
            Files.write(room, lines);
            changed.add(room);
        }
        return changed;
    }

    private Path room(String folder) {
        return project.resolve("scripts/avdaily/" + ROOMS.get(folder) + "/package-info.java");
    }

    private List<String> wanted(String folder) throws IOException {
        // the desired schema in migrations/schema is no migration
        try (Stream<Path> walk = Files.walk(project.resolve(folder), folder.equals("migrations") ? 1 : 9)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> project.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .map(name -> "//FILES " + name + "=../../../" + name)
                    .toList();
        }
    }
}
