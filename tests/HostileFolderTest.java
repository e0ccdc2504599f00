import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Folders that others may write to: what lies there is neither run nor read nor written through. */
class HostileFolderTest extends ScriptTest {
    private static final String SECRET = "db.internal:5432:*:admin:s3cretPassphrase";

    private final Path folder = TestServer.temporary("hostile");
    private final Path secret = folder.resolve("secret");

    HostileFolderTest() {
        write(secret, SECRET + "\n");
    }

    private void link(Path link) throws IOException {
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, secret);
    }

    private static void refusesLink(Run run) {
        run.expect(2, "leads out of");
        assertFalse((run.out() + run.err()).contains("s3cret"), run.err());
    }

    @Test
    void jbangTakesNoSettingsFromTheFolder() {
        String noisy = "verbose=true\nrun.verbose=true\n";
        Path work = folder.resolve("outer/inner");
        write(work.resolve("jbang.properties"), noisy);
        write(work.resolve(".jbang/jbang.properties"), noisy);
        write(folder.resolve("outer/jbang.properties"), noisy);
        write(work.resolve("Echo.java"), "class Echo { public static void main(String... a) {} }\n");
        String jbang = PROJECT.resolve("jbang").toString();
        for (List<String> words : List.of(List.of(jbang, "Echo.java"), List.of(jbang, "run", "Echo.java"))) {
            Run run = new Command(Stream.concat(words.stream(), Stream.of("a")).toList())
                    .in(work)
                    .run()
                    .expect(0);
            assertFalse(run.err().contains("[jbang] ["), run.err());
        }
    }

    @Test
    void linksInMigrationsAreNotFollowed() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder migrations = MigrationFolder.of("V1__a.sql", "CREATE TABLE a ();");
        link(migrations.resolve("V2__b.sql"));
        refusesLink(migrations.run(db, "up", "--yes"));
        Files.delete(migrations.resolve("V2__b.sql"));
        link(migrations.resolve("lint.ignore"));
        refusesLink(migrations.run(db, "lint"));
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void linksInSeedsAreNotFollowed() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE a (id int PRIMARY KEY, name text)");
        Path seeds = folder.resolve("seeds");
        write(seeds.resolve("base/a.yaml"), "- {id: 1, name: one}\n");
        link(seeds.resolve("seeds.yaml"));
        refusesLink(run(db, "seed", "development", "--seeds", seeds.toString()));
        Files.delete(seeds.resolve("seeds.yaml"));
        link(seeds.resolve("base/b.yaml"));
        refusesLink(run(db, "seed", "development", "--seeds", seeds.toString()));
        Files.delete(seeds.resolve("base/b.yaml"));
        Path outside = folder.resolve("outside");
        write(outside.resolve("a.yaml"), "- {id: 2, name: " + SECRET + "}\n");
        Files.createSymbolicLink(seeds.resolve("development"), outside);
        refusesLink(run(db, "seed", "development", "--seeds", seeds.toString()));
        assertEquals("0", value(db, "SELECT count(*) FROM a"));
        Files.delete(seeds.resolve("development"));
        Path linked = folder.resolve("linked");
        Files.createSymbolicLink(linked, seeds);
        run(db, "seed", "development", "--seeds", linked.toString()).expect(0);
        assertEquals("one", value(db, "SELECT name FROM a"), "the folder itself may be reached by a link");
    }

    @Test
    void linksInRulesAreNotFollowed() throws IOException {
        Path rules = folder.resolve("rules");
        link(rules.resolve("own.yaml"));
        refusesLink(command("integrity", "rules", "--rules", rules.toString()).run());
    }

    @Test
    void whatIsWrittenReplacesALink() throws IOException {
        DatabaseUrl db = migrated();
        Path out = folder.resolve("out");
        for (List<String> words : List.of(
                List.of("integrity", "report", "--out"),
                List.of("monitor", "--out"),
                List.of("deploy", "development", "--dry-run", "--markdown"),
                List.of("deploy", "plan", "development", "--out"),
                List.of(
                        "seed",
                        "generate",
                        "--users",
                        "3",
                        "--days",
                        "3",
                        "--defects",
                        "BIZ-01=1",
                        "--yes",
                        "--manifest"))) {
            String[] arguments = Stream.concat(words.stream().skip(1), Stream.of(out.toString()))
                    .toArray(String[]::new);
            link(out);
            Files.deleteIfExists(folder.resolve("out.part"));
            Files.createSymbolicLink(folder.resolve("out.part"), secret);
            Run run = command(db, words.get(0), arguments)
                    .with("BACKUP_DIR", folder.resolve("backups").toString())
                    .run();
            assertTrue(run.code() != 2, () -> words + run.err());
            assertEquals(SECRET + "\n", Files.readString(secret), () -> words + " wrote through a link");
            assertTrue(Files.isRegularFile(out, LinkOption.NOFOLLOW_LINKS), words::toString);
        }
    }

    @Test
    void anArgumentIsNoFileToBeRead() {
        for (List<String> words : List.of(List.of("migrate"), List.of("migrate", "up"), List.of("seed"))) {
            Run run = command(
                            words.get(0),
                            Stream.concat(words.stream().skip(1), Stream.of("@" + secret))
                                    .toArray(String[]::new))
                    .run()
                    .expect(2);
            assertFalse((run.out() + run.err()).contains("s3cret"), run.err());
        }
    }

    /** Whoever puts a file of variables beside the project decides nothing that goes with another's database. */
    @Test
    void aFoundFileOfVariablesDoesNotChooseWhoReads() throws IOException {
        DatabaseUrl db = migrated();
        String recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        Path env = folder.resolve(".env");
        Path backups = folder.resolve("backups");
        write(env, "BACKUP_ENCRYPT_TO=" + recipient + "\n");
        command(db, "backup", "create").in(folder).run().expect(2, "BACKUP_ENCRYPT_TO stands in " + env, "--env-file");
        assertFalse(Files.exists(backups));
        command(db, "backup", "create", "--env-file", ".env").in(folder).run().expect(0);
        write(env, "BACKUP_ENCRYPT_TO=" + recipient + "\nDATABASE_URL=" + db.withPassword() + "\n");
        command("backup", "create").in(folder).run().expect(0);

        write(folder.resolve("services"), "[shop]\nhost=elsewhere.example\n");
        write(env, "PGSERVICEFILE=services\n");
        command("db", "url").with("PGSERVICE", "shop").in(folder).run().expect(2, "PGSERVICEFILE stands in " + env);
        command("db", "url", "--url", "postgresql:///?service=shop")
                .in(folder)
                .run()
                .expect(2, "PGSERVICEFILE stands in " + env);
        write(env, "PGSERVICEFILE=services\nPGSERVICE=shop\n");
        command("db", "url").in(folder).run().expect(20, "elsewhere.example");
    }

    @Test
    void aFoundFileOfVariablesGivesNoOtherFileAway() throws IOException {
        Path project = folder.resolve("project");
        DatabaseUrl db = TestServer.newDatabase();
        write(project.resolve("url"), db.withPassword() + "\n");
        write(project.resolve(".env"), "DATABASE_URL_FILE=url\n");
        command("db", "url").in(project).run().expect(0).says(db.database());
        for (String file : List.of(secret.toString(), "../secret", "link")) {
            link(project.resolve("link"));
            write(project.resolve(".env"), "PGHOST=127.0.0.1\nPGPASSWORD_FILE=" + file + "\n");
            Run run = command("db", "url").in(project).run().expect(2, "PGPASSWORD_FILE", "lies outside of " + project);
            assertFalse((run.out() + run.err()).contains("s3cret"), run.err());
        }
        write(project.resolve(".env"), "PRIVATE_KEY=-----BEGIN\ns3cretLineOfIt\n");
        Run run = command("db", "url").in(project).run().expect(2, "line 2", "a line without '=' is no variable");
        assertFalse((run.out() + run.err()).contains("s3cret"), run.err());
    }

    @Test
    void nobodyWaitsForAPipeThatLiesInAFolder() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("seeds/base/a.yaml"), "- {id: 1}\n");
        write(folder.resolve("rules/a.yaml"), "rules: []\n");
        for (List<String> each : List.of(
                List.of("avdaily.yaml", "migrate", "status"),
                List.of("migrations/V2__b.sql", "migrate", "up", "--migrations", "migrations", "--yes"),
                List.of("migrations/lint.ignore", "migrate", "lint", "--migrations", "migrations"),
                List.of("seeds/seeds.yaml", "seed", "development", "--seeds", "seeds"),
                List.of("rules/b.yaml", "integrity", "rules", "--rules", "rules"),
                List.of(".gitignore", "db", "init"))) {
            Path pipe = folder.resolve(each.get(0));
            new ScriptTest.Command(List.of("mkfifo", pipe.toString())).run().expect(0);
            command(db, each.get(1), each.subList(2, each.size()).toArray(String[]::new))
                    .in(folder)
                    .run()
                    .expect(2, pipe.getFileName() + " is no file");
            Files.delete(pipe);
        }
    }

    @Test
    void nobodyReadsAFileThatIsLargerThanAnyOfItsKind() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("rules/a.yaml"), "rules: []\n");
        for (List<String> each : List.of(
                List.of("avdaily.yaml", "migrate", "status"),
                List.of(".env", "db", "url"),
                List.of("rules/b.yaml", "integrity", "rules", "--rules", "rules"),
                List.of("accepted.yaml", "integrity", "check", "--baseline", "accepted.yaml"),
                List.of("plan.json", "deploy", "approve", "plan.json"),
                List.of("recipe.yaml", "seed", "generate", "--recipe", "recipe.yaml", "--yes"),
                List.of("migrations/V2__b.sql", "migrate", "up", "--migrations", "migrations", "--yes"),
                List.of("migrations/lint.ignore", "migrate", "lint", "--migrations", "migrations"))) {
            Path large = folder.resolve(each.get(0));
            try (RandomAccessFile hole = new RandomAccessFile(large.toFile(), "rw")) {
                hole.setLength(1L << 40);
            }
            command(db, each.get(1), each.subList(2, each.size()).toArray(String[]::new))
                    .in(folder)
                    .run()
                    .expect(2, large.getFileName() + " has 1.1 TB");
            Files.delete(large);
        }
    }

    /** A carriage return ends a comment: what stands behind it runs. */
    @Test
    void aCommentEndsWhereItEndsForTheServer() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder.of("V1__a.sql", "CREATE TABLE keepme ();")
                .run(db, "up", "--yes")
                .expect(0);
        for (String text : List.of(
                "DROP TABLE keepme;\n-- done\rCOMMIT;\nSELECT 1;",
                "DROP TABLE keepme;\n/* /* */ */COMMIT;\nSELECT 1;",
                "DROP TABLE keepme;\nSELECT 1 AS a$$; COMMIT; SELECT 2 AS a$$;",
                "DROP TABLE keepme;\nSTART TRANSACTION READ WRITE;\nSELECT 1;")) {
            MigrationFolder migrations =
                    MigrationFolder.of("V1__a.sql", "CREATE TABLE keepme ();").write("V2__z.sql", text);
            for (List<String> words :
                    List.of(List.of("up", "--dry-run"), List.of("lint", "--on-target"), List.of("up", "--yes")))
                migrations.run(db, words.toArray(String[]::new)).expect(2, "V2__z.sql line");
            assertEquals("keepme", value(db, "SELECT to_regclass('keepme')"), text);
        }
    }
}
