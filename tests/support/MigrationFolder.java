import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary folder of migrations, and avdaily-migrate on it. */
record MigrationFolder(Path path) {
    /** A folder with the given files: name, text, name, text. */
    static MigrationFolder of(String... namesAndTexts) {
        MigrationFolder folder = new MigrationFolder(TestServer.temporary("migrations"));
        for (int i = 0; i < namesAndTexts.length; i += 2) folder.write(namesAndTexts[i], namesAndTexts[i + 1]);
        return folder;
    }

    static MigrationFolder copyOf(Path folder) {
        MigrationFolder copy =
                new MigrationFolder(TestServer.temporary("migrations").resolve("copy"));
        ScriptTest.copy(folder, copy.path);
        return copy;
    }

    /** Writes a file, or writes it anew. */
    MigrationFolder write(String name, String text) {
        ScriptTest.write(path.resolve(name), text);
        return this;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** {@code avdaily-migrate} with these words, to be run or started. */
    ScriptTest.Command command(DatabaseUrl db, String... words) {
        return ScriptTest.command(db, "migrate", words).with("AVDAILY_MIGRATIONS", path.toString());
    }

    /** Runs {@code avdaily-migrate} with these words. */
    ScriptTest.Run run(DatabaseUrl db, String... words) {
        return command(db, words).run();
    }

    /** Runs {@code avdaily-migrate} with these words, and kills it once pg_sleep is reached. */
    void killAsleep(DatabaseUrl db, String... words) throws Exception {
        Path log = Files.createTempFile("log", "");
        Process process = command(db, words).start(log, log);
        Await.session(db, "wait_event = 'PgSleep'");
        process.destroyForcibly().waitFor();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
