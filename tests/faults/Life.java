import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Our commands in random order, with random faults, on one database for as long as one likes. Each is first run on a
 * copy without a fault, which says what must come of it; a model says what must be there besides.
 */
final class Life {
    private static final String NAME = "a_long_life";
    private static final int MOST_VERSIONS = 12;

    private final Random random;
    private final Consumer<String> progress;
    private final List<String> broken = new ArrayList<>();
    private final Map<String, Model> backups = new HashMap<>();
    private DatabaseUrl db;
    private Path folder;
    private Model model = new Model(1, 2000, false);
    private int steps;
    private int struck;

    /** What must be there: the version, the number of purchases, and whether those of the seeds are among them. */
    private record Model(int version, int purchases, boolean isSeeded) {}

    /** What one step does, and what must be there then. */
    private record Step(Subject subject, Model then) {}

    Life(long seed, Consumer<String> progress) {
        this.random = new Random(seed);
        this.progress = progress;
    }

    int steps() {
        return steps;
    }

    int struck() {
        return struck;
    }

    List<String> broken() {
        return broken;
    }

    /** Ends at the first promise that is not kept: what comes later stands on it. */
    void live(BooleanSupplier goesOn, List<Fault> faults) throws Exception {
        db = TestServer.newDatabase();
        folder = TestServer.temporary("life").resolve("project");
        Files.createDirectories(folder);
        Subjects.BIRTH.make(db, folder);
        while (goesOn.getAsBoolean() && broken.isEmpty()) {
            steps++;
            others();
            step(next(), faults);
        }
        TestServer.dropNamed(NAME);
    }

    /** What the application does in the meantime. */
    private void others() {
        if (random.nextInt(3) > 0) return;
        int sales = 1 + random.nextInt(20);
        DatabaseAccess.execute(
                db,
                "INSERT INTO purchase SELECT top + n, 1 + n % 50, n, 1 FROM (SELECT max(id) AS top FROM purchase) t, "
                        + "generate_series(1, " + sales + ") n");
        model = new Model(model.version, model.purchases + sales, model.isSeeded);
    }

    private Step next() {
        List<Path> files = Subjects.backups(folder);
        return switch (random.nextInt(10)) {
            case 0, 1 -> model.version < MOST_VERSIONS ? up() : rollback();
            case 2 -> model.version > 1 ? rollback() : up();
            case 3, 4 -> new Step(new Subject("backup create", null, "backup", "create"), model);
            case 5 -> new Step(Subjects.prune(null, 4), model);
            case 6 -> new Step(
                    Subjects.seed(null),
                    new Model(model.version, model.purchases + (model.isSeeded ? 0 : Subjects.SEEDED), true));
            case 7 -> files.isEmpty() ? up() : restore(files.get(random.nextInt(files.size())));
            case 8 -> new Step(
                    new Subject("integrity check", null, "integrity", "check", "--rules", "rules.yaml"), model);
            default -> new Step(new Subject("migrate validate", null, "migrate", "validate"), model);
        };
    }

    /** The file of a version is always the same. */
    private Step up() {
        int version = model.version + 1;
        String up = List.of(
                        "CREATE TABLE extra_%1$d (id int PRIMARY KEY); INSERT INTO extra_%1$d VALUES (1);",
                        "ALTER TABLE purchase ADD extra_%1$d text; UPDATE purchase SET extra_%1$d = 'x' WHERE id < 99;",
                        "CREATE INDEX CONCURRENTLY extra_%1$d ON purchase (total, id);")
                .get(version % 3);
        String undo = List.of(
                        "DROP TABLE extra_%1$d;", "ALTER TABLE purchase DROP extra_%1$d;", "DROP INDEX extra_%1$d;")
                .get(version % 3);
        ScriptTest.write(folder.resolve("migrations/V" + version + "__extra.sql"), up.formatted(version));
        ScriptTest.write(folder.resolve("migrations/U" + version + "__extra.sql"), undo.formatted(version));
        Subject subject = new Subject("migrate up", null, "migrate", "up", "--yes", "--to", String.valueOf(version))
                .leaving((after, state) -> up.startsWith("CREATE INDEX"));
        return new Step(subject, new Model(version, model.purchases, model.isSeeded));
    }

    private Step rollback() {
        Subject subject = new Subject("migrate rollback", null, "migrate", "rollback", "--yes");
        return new Step(subject, new Model(model.version - 1, model.purchases, model.isSeeded));
    }

    private Step restore(Path file) {
        Model then = backups.getOrDefault(file.getFileName().toString(), model);
        String mode = random.nextBoolean() ? "swap" : "in-place";
        Subject subject = new Subject("restore " + mode, null);
        Subject.Words words = (same, place) -> List.of(
                "restore", place.resolve("backups").resolve(file.getFileName()).toString(), "--mode", mode, "--yes");
        return new Step(subject.withWords(words), then);
    }

    private void step(Step step, List<Fault> faults) throws Exception {
        String name = step.subject.name();
        Ground ground = new Ground(step.subject, db, folder);
        Fault fault = faults.get(random.nextInt(faults.size()));
        int moment = 1 + random.nextInt(Math.max(1, ground.moments(fault)));
        Trial trial = new Trial(ground, fault, moment);
        Ground.Copy copy = ground.copy();
        trial.run(copy);
        if (trial.hasStruck()) struck++;
        String what = "step " + steps + ", " + name + (trial.hasStruck() ? ", " + fault + " at " + moment : "");
        progress.accept(what);
        trial.broken().forEach(promise -> say(what + ": " + promise));
        takeOver(copy);
        for (Path file : Subjects.backups(folder)) backups.putIfAbsent(file.getFileName().toString(), model);
        model = step.then;
        compare(what);
    }

    /** The copy on which the step was done is the world from now on. */
    private void takeOver(Ground.Copy copy) throws Exception {
        TestServer.drop(db);
        db = copy.keepAs(NAME);
        folder = copy.folder();
    }

    private void compare(String what) {
        String version = DatabaseAccess.value(
                db, "SELECT max(version::int) FROM flyway_schema_history WHERE success AND version IS NOT NULL");
        String purchases = DatabaseAccess.value(db, "SELECT count(*) FROM purchase");
        if (!version.equals(String.valueOf(model.version)) || !purchases.equals(String.valueOf(model.purchases)))
            say(what + ": version " + version + " and " + purchases + " purchases, in place of " + model);
        for (List<String> words : List.of(
                List.of("migrate", "status"), List.of("integrity", "quick", "--rules", "rules.yaml"))) {
            ScriptTest.Run run = Subject.command((same, place) -> words, db, folder).run();
            if (run.code() != 0) say(what + ": then " + words + " ends with " + run.code() + ": " + run.err());
        }
    }

    private void say(String promise) {
        broken.add(promise);
        progress.accept("BROKEN " + promise);
    }
}
