import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system in memory for one database, which can be filled. Only the operating system's administrator has one. */
final class SmallDisk implements AutoCloseable {
    private static final String NAME = "small_disk";
    private static final int MIB = 96;

    private final Path folder = TestServer.temporary("disk");
    private final Path filler = folder.resolve("filler");

    /** Whether there can be one, for a server of this machine. */
    static boolean canBe() {
        return System.getProperty("user.name").equals("root") && TestServer.isEmbedded();
    }

    /** Moves the database, to which nobody may be connected. */
    SmallDisk(DatabaseUrl db) throws IOException {
        Path data = Path.of(DatabaseAccess.value(TestServer.admin(), "SHOW data_directory"));
        call("mount", "-t", "tmpfs", "-o", "size=" + MIB + "m", "tmpfs", folder.toString());
        Path place = Files.createDirectory(folder.resolve("data"));
        for (Path each : new Path[] {folder, place}) Files.setOwner(each, Files.getOwner(data));
        DatabaseAccess.execute(
                TestServer.admin(),
                "CREATE TABLESPACE " + NAME + " LOCATION '" + place + "'",
                "ALTER DATABASE " + db.database() + " SET TABLESPACE " + NAME);
    }

    /** Leaves no byte. */
    void fill() {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler, CREATE_NEW, WRITE)) {
            while (true) out.write(block);
        } catch (IOException full) {
            // that is what was wanted
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(filler);
        for (String name : DatabaseAccess.values( // a swap keeps the old one under another name
                TestServer.admin(),
                "SELECT quote_ident(datname) FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace"
                        + " WHERE spcname = '" + NAME + "'"))
            DatabaseAccess.execute(TestServer.admin(), "ALTER DATABASE " + name + " SET TABLESPACE pg_default");
        DatabaseAccess.execute(TestServer.admin(), "DROP TABLESPACE " + NAME);
        call("umount", folder.toString());
    }

    private static void call(String... words) {
        try {
            if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0)
                throw new IllegalStateException(String.join(" ", words));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
