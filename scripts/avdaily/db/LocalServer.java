package avdaily.db;

import avdaily.base.AtomicFile;
import avdaily.base.ChildProcess;
import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Secrets;
import avdaily.base.Out;
import avdaily.sql.Sql;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The local PostgreSQL server for development, testing and demo: real binaries from Maven Central, started on demand,
 * loopback only, one database for each project and environment. It outlives the script. Everything is kept below one
 * folder.
 */
public final class LocalServer {
    public static final String VERSION = "18.6.0";
    private static final String ROLE = "avdaily";
    private static final int FIRST_PORT = 15432;
    private static final int START_SECONDS = 60;
    private static final int SECONDS_TO_END = 5;
    /** The variables that the server's programs get: what runs in it may read them, and others are secrets. */
    private static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "LANG", "TZ", "SystemRoot", "SYSTEMROOT", "TEMP", "TMP");

    private final Invocation invocation;
    private final Out out;
    private final Path folder;
    private final String version;
    private final ServerBinaries binaries;
    private final Path data;

    public LocalServer(Path home, String version, Invocation invocation) {
        this.invocation = invocation;
        this.out = invocation.out();
        this.folder = home.resolve("server");
        this.version = version;
        this.binaries = new ServerBinaries(folder, version, invocation);
        this.data = folder.resolve("data-" + version.split("\\.")[0]);
    }

    /** The server of this user: below AVDAILY_HOME, default ~/.avdaily. */
    public static LocalServer of(Invocation invocation) {
        return new LocalServer(invocation.settings().ownFolder(), VERSION, invocation);
    }

    public Path data() {
        return data;
    }

    public Path log() {
        return folder.resolve("server.log");
    }

    /**
     * Starts the server unless it runs, creates the project's database of the environment unless it is there, and
     * returns its address.
     *
     * @throws Failure (20) where the server cannot be fetched or started
     */
    public DatabaseUrl start(Environment environment) {
        return locked(() -> {
            DatabaseUrl url =
                    reach().withDatabase(invocation.settings().project().databasePrefix() + "_" + environment);
            createDatabase(url);
            return url;
        });
    }

    /** Starts the server unless it runs, and returns the address of its maintenance database. */
    public DatabaseUrl start() {
        return locked(this::reach);
    }

    private DatabaseUrl reach() throws IOException {
        Optional<Integer> port = port();
        return url(port.isPresent() ? port.get() : launch());
    }

    /** Stops the server; false where it did not run. */
    public boolean stop() {
        return locked(() -> {
            if (port().isEmpty()) return false;
            shutDown();
            return true;
        });
    }

    /** Stops the server unless others work on it. A session that was closed just now may take a moment to end. */
    public void stopUnlessUsed() {
        locked(() -> {
            Optional<Integer> port = port();
            if (port.isPresent() && isIdle(url(port.get()))) shutDown();
            return null;
        });
    }

    private void shutDown() throws IOException {
        run("the local server does not stop", control("stop", "-m", "fast"));
    }

    private boolean isIdle(DatabaseUrl url) throws SQLException {
        String others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                + "AND pid <> pg_backend_pid()";
        Instant patience = Instant.now().plusSeconds(SECONDS_TO_END);
        try (Database maintenance = Database.at(url, Environment.DEVELOPMENT, invocation)) {
            Connection c = maintenance.connection();
            while (Database.one(c, others, Long.class) > 0) {
                if (Instant.now().isAfter(patience)) return false;
                Database.run(c, "SELECT pg_sleep(0.05)");
            }
            return true;
        }
    }

    /** The address of the running server's maintenance database, or nothing. */
    public Optional<DatabaseUrl> running() {
        return Files.isDirectory(data)
                ? locked(() -> {
                    Optional<Integer> port = port();
                    return port.isPresent() ? Optional.of(url(port.get())) : Optional.empty();
                })
                : Optional.empty();
    }

    private interface Step<T> {
        T run() throws IOException, SQLException;
    }

    /** One program at a time; the operating system frees the lock of a killed one. */
    @SuppressWarnings("try") // the lock is held, no more
    private <T> T locked(Step<T> step) {
        synchronized (LocalServer.class) { // a file's lock is the process's, and no thread's
            try {
                createPrivate(folder);
                try (FileChannel channel = FileChannel.open(
                                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    return step.run();
                }
            } catch (IOException | SQLException e) {
                throw cannot("the local server cannot be used: " + Failures.explain(e).getMessage(), e);
            }
        }
    }

    /**
     * The port of the running server, or nothing. A process number in its file may by now belong to another program.
     */
    private Optional<Integer> port() throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) return Optional.empty();
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 4
                || !lines.get(0).strip().matches("[0-9]{1,10}")
                || !lines.get(3).strip().matches("[0-9]{1,5}")) return Optional.empty();
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) return Optional.empty(); // the server itself clears away the file of a dead one
        if (!isServer(process.get())) {
            Files.delete(file);
            return Optional.empty();
        }
        return Optional.of(Integer.parseInt(lines.get(3).strip()));
    }

    private boolean isServer(ProcessHandle process) throws IOException {
        Path home = folder.toRealPath();
        return process.info()
                .command()
                .filter(command -> Path.of(command).startsWith(home))
                .isPresent();
    }

    private int launch() throws IOException {
        binaries.fetch();
        createData();
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            String options = "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=";
            out.status("Starting the local PostgreSQL " + version + " on port " + port + "...");
            Files.deleteIfExists(log());
            String output = tryRun(
                    control("start", "-w", "-t", String.valueOf(START_SECONDS), "-l", log().toString(), "-o", options));
            if (output == null) {
                AtomicFile.writePrivate(folder.resolve("port"), String.valueOf(port));
                return port;
            }
            String why = Files.exists(log()) ? Files.readString(log()) : output;
            if (attempt == 3 || !why.contains("Address already in use"))
                throw cannot("the local server does not start: " + lastLine(why), null);
        }
    }

    private void createDatabase(DatabaseUrl url) throws SQLException {
        try (Database maintenance = Database.at(url.withDatabase("postgres"), Environment.DEVELOPMENT, invocation)) {
            Connection c = maintenance.connection();
            if (Database.one(c, "SELECT count(*) FROM pg_database WHERE datname = ?", Long.class, url.database()) == 0)
                Database.update(c, "CREATE DATABASE " + Sql.quoted(url.database()));
        }
    }

    private DatabaseUrl url(int port) throws IOException {
        String password = password();
        Secrets.add(password);
        return new DatabaseUrl(
                List.of(new DatabaseUrl.Host("127.0.0.1", port)),
                "postgres",
                ROLE,
                password,
                Map.of("passfile", passwordFile().toString()));
    }

    private Path passwordFile() {
        return folder.resolve("pgpass");
    }

    /** The port of last time, so that addresses stay good, or the first free one. */
    @SuppressWarnings("try") // the port is tried, no more
    private int freePort() throws IOException {
        Path file = folder.resolve("port");
        String text = Files.exists(file) ? Files.readString(file).strip() : "";
        int last = text.matches("[0-9]{4,5}") ? Integer.parseInt(text) : FIRST_PORT;
        for (int port = last; port < last + 1000 && port < 65536; port++) {
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException inUse) {
                // the next one
            }
        }
        throw new IOException("no port from " + last + " on is free");
    }

    /** Makes the data folder under another name first: what stands under its own name is whole. */
    private void createData() throws IOException {
        if (Files.exists(data.resolve("global/pg_control")) && Files.exists(data.resolve("PG_VERSION"))) return;
        if (Files.exists(data)) {
            Path aside = folder.resolve(data.getFileName() + ".broken-" + Instant.now().getEpochSecond());
            Files.move(data, aside);
            out.note("The data folder " + data + " is not whole; it was put aside as " + aside.getFileName()
                    + " and a new one is made.");
        }
        sweep();
        // of its own: the initdb of a killed run may still be at work on another one
        Path fresh = Files.createTempDirectory(folder, data.getFileName() + ".new");
        String password = Files.exists(passwordFile()) && !password().isEmpty() ? password() : newPassword();
        Path passwordOnly = folder.resolve("initdb-password");
        AtomicFile.writePrivate(passwordOnly, password);
        try {
            out.status("Creating the local server's data in " + data + "...");
            List<String> initdb = new ArrayList<>(List.of(
                    binaries.program("initdb"),
                    "-D",
                    fresh.toString(),
                    "-U",
                    ROLE,
                    "--pwfile=" + passwordOnly,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C"));
            int major = Integer.parseInt(version.split("\\.")[0]);
            if (major >= 17) initdb.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
            // iterations make up for passwords that can be guessed; each connection would pay for them
            if (major >= 16) initdb.add("--set=scram_iterations=1");
            run("the local server's data cannot be created", asUser(initdb));
        } finally {
            Files.deleteIfExists(passwordOnly);
        }
        AtomicFile.writePrivate(passwordFile(), "*:*:*:" + ROLE + ":" + password + "\n");
        AtomicFile.move(fresh, data);
    }

    private String password() throws IOException {
        return Files.readString(passwordFile()).strip().replaceFirst(".*:", "");
    }

    private static String newPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    private List<String> control(String... arguments) {
        List<String> command = new ArrayList<>(List.of(binaries.program("pg_ctl"), "-D", data.toString()));
        command.addAll(List.of(arguments));
        return asUser(command);
    }

    /** PostgreSQL refuses to run as root: in a user namespace of its own it is nobody, and still owns its files. */
    private static List<String> asUser(List<String> command) {
        if (!isRoot()) return command;
        List<String> inside = new ArrayList<>(List.of("unshare", "-U"));
        inside.addAll(command);
        return inside;
    }

    private static boolean isRoot() {
        try {
            return System.getProperty("os.name").equals("Linux")
                    && Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return false;
        }
    }

    private void run(String otherwise, List<String> command) throws IOException {
        String output = tryRun(command);
        if (output != null) throw cannot(otherwise + ": " + lastLine(output), null);
    }

    /** Runs a program and returns what it printed if it failed, null if it did its work. */
    private String tryRun(List<String> command) throws IOException {
        Path output = Files.createTempFile(folder, "output", ".log");
        try { // into a file: a pipe would be held open by the server that outlives us
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().retainAll(INHERITED);
            builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(Redirect.from(
                            new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null")));
            try (ChildProcess program = new ChildProcess(builder)) {
                if (!program.waitFor(2 * START_SECONDS, TimeUnit.SECONDS)) return command.get(0) + " did not end";
                return program.code() == 0 ? null : Files.readString(output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(
                    Failure.Kind.INTERRUPTED, "interrupted while the local server was at work", "run it again.", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static String lastLine(String text) {
        String[] lines = text.strip().split("\\R");
        return Stream.of(lines)
                .filter(line -> line.contains("FATAL") || line.contains("error:"))
                .reduce((a, b) -> b)
                .orElse(lines[lines.length - 1]);
    }

    private Failure cannot(String what, Exception cause) {
        String hint = what.contains("unshare")
                ? "run it as an ordinary user (as root it needs user namespaces, which containers often forbid), "
                : "";
        return Failure.unreachable(
                what, hint + "see " + log() + ", or set DATABASE_URL to use a server of your own.", cause);
    }

    private static void createPrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        AtomicFile.restrict(folder, "rwx------");
    }

    /** What killed runs left behind, as far as it can be deleted: its program may still be writing. */
    private void sweep() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.filter(
                            path -> path.getFileName().toString().matches(".*\\.new[0-9]*|output[0-9]*\\.log"))
                    .toList())
                try {
                    delete(path);
                } catch (IOException busy) {
                    out.detail("Left for later: " + path);
                }
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) return;
        try (Stream<Path> walk = Files.walk(tree)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
