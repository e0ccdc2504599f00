import avdaily.base.Failure;
import avdaily.console.Exit;
import avdaily.db.DatabaseUrl;
import avdaily.db.Failures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The commands that write, each on a small database of its own. */
final class Subjects {
    /** How many purchases the seeds have. */
    static final int SEEDED = 40;

    private static final String SHOP =
            """
            CREATE TABLE customer (id int PRIMARY KEY, email text NOT NULL UNIQUE);
            CREATE TABLE purchase (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer,
                total numeric(12, 2) NOT NULL, times int NOT NULL DEFAULT 0);
            CREATE INDEX purchase_customer_idx ON purchase (customer_id);
            INSERT INTO customer SELECT n, 'c' || n || '@example.test' FROM generate_series(1, 50) n;
            INSERT INTO purchase SELECT n, 1 + n % 50, n - 100 FROM generate_series(1, 2000) n;
            """;
    private static final String CALM =
            """
            rules:
            - {id: CALM-1, category: business, severity: warning, quick: true, means: Times are calm., table: purchase,
                where: times > 5, fix: {kind: update, set: {times: '5'}}}
            """;
    private static final String RULES = CALM
            + """
            - {id: DEBT-1, category: business, severity: critical, means: No purchase is negative., table: purchase,
                where: total < 0, fix: {kind: quarantine}}
            """;
    private static final String RECIPE =
            """
            tables:
              customer: {rows: 300, columns: {id: {sequence: 1}, email: "{row}@example.test"}}
              purchase:
                rows: 900
                columns: {id: {sequence: 1}, customer_id: {number: [1, 300]}, total: {number: [1, 9]}}
            """;

    /** What a long life begins with. */
    static final Subject.Start BIRTH = (db, folder) -> {
        shop().make(db, folder);
        writeSeeds(folder);
        ScriptTest.write(folder.resolve("rules.yaml"), CALM);
    };

    static final List<Subject> ALL = List.of(
            new Subject("up, one transaction", shop(
                            "V2__note.sql", "ALTER TABLE purchase ADD note text; UPDATE purchase SET note = 'n' || id;",
                            "V3__tag.sql", "CREATE TABLE tag (id int PRIMARY KEY); INSERT INTO tag VALUES (1), (2);"),
                    "migrate", "up", "--yes"),
            new Subject("up, several parts", shop(
                            "V2__note.sql", "ALTER TABLE purchase ADD note text;",
                            "V3__index.sql", "CREATE INDEX CONCURRENTLY purchase_total_idx ON purchase (total);",
                            "V4__tag.sql", "CREATE TABLE tag (id int PRIMARY KEY); INSERT INTO tag VALUES (1), (2);"),
                    "migrate", "up", "--yes", "--no-backup")
                    .stoppingAt(to("2"), to("3"))
                    .leaving(Subjects::hasHalfAnIndex),
            new Subject("up, a data migration", shop(
                            "V2__times.sql",
                            """
                            -- batch: table=purchase key=id size=250 pause=0%
                            UPDATE purchase SET times = times + 1 WHERE id > ${from} AND id <= ${to};
                            -- batch: done when
                            SELECT NOT EXISTS (SELECT FROM purchase WHERE times = 0);
                            """),
                    "migrate", "up", "--yes", "--no-backup")
                    .leaving(Subjects::isOnTheWay),
            new Subject("rollback", after(shop(
                            "V2__note.sql", "ALTER TABLE purchase ADD note text; UPDATE purchase SET note = 'n' || id;",
                            "U2__note.sql", "ALTER TABLE purchase DROP note;"),
                            "migrate", "up", "--yes", "--no-backup"),
                    "migrate", "rollback", "--yes"),
            seed(seeds()),
            new Subject("seed generate", recipe(), "seed", "generate", "development", "--recipe", "recipe.yaml",
                    "--as-of", "2026-01-31", "--yes"),
            new Subject("integrity fix", rules(), "integrity", "fix", "--rules", "rules.yaml", "--max-rows", "5000",
                    "--yes"),
            new Subject("integrity fix --undo", after(rules(),
                            "integrity", "fix", "--rules", "rules.yaml", "--max-rows", "5000", "--yes"))
                    .withWords((db, folder) -> List.of("integrity", "fix", "--yes", "--undo",
                            DatabaseAccess.value(db, "SELECT max(run) FROM avdaily_ops.quarantine"))),
            new Subject("backup create", shop(), "backup", "create"),
            prune(after(after(after(shop(), "backup", "create"), "backup", "create"), "backup", "create"), 1),
            new Subject("restore by swap", restored(), "restore", "--yes").withWords(restore("swap")),
            new Subject("restore in place", restored(), "restore", "--yes").withWords(restore("in-place")),
            new Subject("restore one table", restored()).withWords((db, folder) ->
                    List.of("restore", backup(folder), "--yes", "--table", "purchase", "--as", "purchase_again")),
            new Subject("deploy", deployed(), "deploy", "development", "--seed", "--yes")
                    .withWords((db, folder) ->
                            List.of("deploy", "development", "--seed", "--seeds", "seeds", "--yes"))
                    .stoppingAt((db, folder) -> List.of("migrate", "up", "--yes", "--no-backup")),
            new Subject("studio, a row edited", shop(), Subjects::edit));

    static Subject seed(Subject.Start start) {
        return new Subject("seed", start, "seed", "development", "--seeds", "seeds", "--yes");
    }

    static Subject prune(Subject.Start start, int kept) {
        return new Subject("backup prune", start, "backup", "prune", "--keep-last", String.valueOf(kept), "--yes")
                .leaving((after, state) -> state.isSameDatabase(after) && state.backups() >= after.backups());
    }

    private static Subject.Start shop(String... files) {
        return (db, folder) -> {
            ScriptTest.write(folder.resolve("migrations/V1__shop.sql"), SHOP);
            run(db, folder, "migrate", "up", "--yes");
            for (int i = 0; i < files.length; i += 2)
                ScriptTest.write(folder.resolve("migrations").resolve(files[i]), files[i + 1]);
        };
    }

    private static Subject.Start after(Subject.Start start, String... words) {
        return (db, folder) -> {
            start.make(db, folder);
            run(db, folder, words);
        };
    }

    private static Subject.Start seeds() {
        return (db, folder) -> {
            shop().make(db, folder);
            writeSeeds(folder);
        };
    }

    private static void writeSeeds(Path folder) {
        StringBuilder customers = new StringBuilder();
        StringBuilder purchases = new StringBuilder();
        for (int i = 1; i <= SEEDED; i++) {
            customers.append("- {id: -").append(i).append(", email: s").append(i).append("@example.test}\n");
            purchases.append("- {id: -").append(i).append(", customer_id: -").append(i).append(", total: 5}\n");
        }
        ScriptTest.write(folder.resolve("seeds/base/customer.yaml"), customers.toString());
        ScriptTest.write(folder.resolve("seeds/development/purchase.yaml"), purchases.toString());
        ScriptTest.write(folder.resolve("seeds/seeds.yaml"), "tables:\n  purchase: {key: [id]}\n");
    }

    private static Subject.Start recipe() {
        return (db, folder) -> {
            shop().make(db, folder);
            DatabaseAccess.execute(db, "TRUNCATE customer, purchase");
            ScriptTest.write(folder.resolve("recipe.yaml"), RECIPE);
        };
    }

    private static Subject.Start rules() {
        return (db, folder) -> {
            shop().make(db, folder);
            DatabaseAccess.execute(db, "UPDATE purchase SET times = 9 WHERE id % 100 = 0");
            ScriptTest.write(folder.resolve("rules.yaml"), RULES);
        };
    }

    private static Subject.Start restored() {
        return (db, folder) -> {
            after(shop(), "backup", "create").make(db, folder);
            DatabaseAccess.execute(db, "DELETE FROM purchase WHERE id > 1000", "CREATE TABLE later (id int)");
        };
    }

    private static Subject.Start deployed() {
        return (db, folder) -> {
            shop("V2__note.sql", "ALTER TABLE purchase ADD note text;", "U2__note.sql",
                    "ALTER TABLE purchase DROP note;").make(db, folder);
            writeSeeds(folder);
        };
    }

    private static Subject.Words restore(String mode) {
        return (db, folder) -> List.of("restore", backup(folder), "--mode", mode, "--yes");
    }

    private static Subject.Words to(String version) {
        return (db, folder) -> List.of("migrate", "up", "--yes", "--no-backup", "--to", version);
    }

    /** Changes a row as a browser does: the form, what it comes to, the change. */
    private static ScriptTest.Run edit(DatabaseUrl db) {
        try (StudioVisits.Browsing studio = StudioVisits.Browsing.writing(db, Map.of())) {
            StudioVisits.Answer form = studio.get("edit?schema=public&table=purchase&f0=id&v0=7");
            if (form.status() != 200) return answered(form);
            StudioVisits.Answer shown = studio.post(
                    "change",
                    form.key(),
                    StudioVisits.form(form, Map.of(StudioVisits.field(form, "total"), "42")));
            if (shown.status() != 200) return answered(shown);
            return answered(studio.post("save", shown.key(), StudioVisits.form(shown, Map.of())));
        } catch (Exception e) {
            Failure noStudio = Failures.explain(e);
            return new ScriptTest.Run(
                    Exit.code(noStudio.kind), "", noStudio.getMessage() + "\nGo on: " + noStudio.next);
        }
    }

    /** A page as the end of a run. */
    private static ScriptTest.Run answered(StudioVisits.Answer page) {
        String said = page.text()
                .replaceFirst("(?s).*<main[^>]*>", "")
                .replaceAll("<[^>]+>", " ")
                .replaceAll("\\s+", " ");
        return new ScriptTest.Run(page.status() == 303 ? 0 : page.status(), "", said);
    }

    private static String backup(Path folder) {
        return backups(folder).get(0).toString();
    }

    /** The files of backups, the oldest first. */
    static List<Path> backups(Path folder) {
        if (!Files.isDirectory(folder.resolve("backups"))) return List.of();
        try (Stream<Path> files = Files.list(folder.resolve("backups"))) {
            return files.filter(file -> file.toString().endsWith(".gz")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An index that was being built stays, and is not valid; the history does not know it. */
    private static boolean hasHalfAnIndex(State after, State state) {
        return state.history().matches("1 t,2 t(,3 f)?")
                && state.rows().keySet().stream().noneMatch("tag"::equals)
                && state.schema().contains("purchase_total_idx");
    }

    /** No row was changed twice, and the version does not count as applied. */
    private static boolean isOnTheWay(State after, State state) {
        return state.history().matches("1 t(,2 f)?")
                && state.schema().equals(after.schema())
                && state.changes() <= 1;
    }

    private static void run(DatabaseUrl db, Path folder, String... words) {
        Subject.command((same, place) -> List.of(words), db, folder).run().expect(0);
    }

    private Subjects() {}
}
