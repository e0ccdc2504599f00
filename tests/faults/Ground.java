import avdaily.db.DatabaseUrl;
import avdaily.sql.Sql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A database and a folder as a command finds them, of which each trial gets a copy. */
final class Ground {
    /** Whether nobody else works on the server, so that all its scratch databases are ours. */
    static volatile boolean isAlone;

    private final Subject subject;
    private final DatabaseUrl template;
    private final Path folder;
    private final List<State> legal = new ArrayList<>();
    private final Map<Fault, Integer> moments = new EnumMap<>(Fault.class);
    private final State after;
    private final int messages;

    /** Makes what the command finds. */
    static Ground of(Subject subject) throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("ground").resolve("project");
        Files.createDirectories(folder);
        subject.start().make(db, folder);
        return new Ground(subject, db, folder);
    }

    /** What the command finds is there. */
    Ground(Subject subject, DatabaseUrl template, Path folder) throws IOException {
        this.subject = subject;
        this.template = template;
        this.folder = folder;
        legal.add(State.of(template, folder));
        try (Copy copy = copy()) {
            for (Subject.Words stop : subject.stops()) {
                Subject.command(stop, copy.db, copy.folder).run().expect(0);
                legal.add(State.of(copy.db, copy.folder));
            }
        }
        try (Copy copy = copy()) {
            copy.run().expect(0);
            messages = copy.port.messages();
            after = State.of(copy.db, copy.folder);
            legal.add(after);
        }
    }

    Subject subject() {
        return subject;
    }

    State after() {
        return after;
    }

    /** How many moments a run has at which the fault can happen. */
    int moments(Fault fault) throws Exception {
        if (subject.work() != null && fault.needsProcess()) return 0;
        if (fault == Fault.INPUT_CLOSED) return 1;
        if (fault == Fault.SERVER_FULL && !SmallDisk.canBe() || fault.isOfClock() && !Clock.canBeMoved()) return 0;
        if (!fault.isOfFiles()) return messages;
        if (!moments.containsKey(fault)) moments.put(fault, count(fault));
        return moments.get(fault);
    }

    private int count(Fault fault) throws Exception {
        try (Copy copy = copy()) {
            Path log = copy.folder.resolveSibling("calls.txt");
            copy.command().under(Calls.counting(fault, log, copy.folder)).run().expect(0);
            return Calls.count(log);
        }
    }

    boolean isLegal(State state) {
        return legal.stream().anyMatch(each -> each.isSameDatabase(state))
                || subject.between().test(after, state);
    }

    /** What tells a state from the new one. */
    String difference(State state) {
        List<String> lines = new ArrayList<>();
        if (!state.history().equals(after.history())) lines.add("history " + state.history());
        List<String> there = state.schema().lines().toList();
        List<String> wanted = after.schema().lines().toList();
        there.stream().filter(line -> !wanted.contains(line)).forEach(line -> lines.add("+ " + line));
        wanted.stream().filter(line -> !there.contains(line)).forEach(line -> lines.add("- " + line));
        state.rows().forEach((table, line) -> {
            if (!line.equals(after.rows().get(table))) lines.add("rows of " + table + " " + line);
        });
        lines.add(state.backups() + " backups, " + state.pieces());
        return String.join("; ", lines);
    }

    Copy copy() throws IOException {
        return new Copy();
    }

    /** Ends a process of this machine, as the operating system's administrator would. */
    static void kill(String signal, long process) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process)).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** After a crash the server lets nobody in until it has recovered. */
    static void awaitServer() {
        Await.until(
                () -> {
                    try (Connection c = TestServer.connect(TestServer.admin())) {
                        return c.isValid(5);
                    } catch (SQLException e) {
                        return false;
                    }
                },
                "the server");
    }

    /** What one trial works on. */
    final class Copy implements AutoCloseable {
        private final DatabaseUrl db = TestServer.newDatabase(template.database());
        private final Path folder = TestServer.temporary("trial").resolve("project");
        private final FaultyPort port;

        private Copy() throws IOException {
            ScriptTest.copy(Ground.this.folder, folder);
            port = new FaultyPort(db.hosts().get(0).port());
        }

        DatabaseUrl db() {
            return db;
        }

        Path folder() {
            return folder;
        }

        FaultyPort port() {
            return port;
        }

        /** The command, which reaches the server through the port. */
        ScriptTest.Command command() {
            return Subject.command(subject.words(), db, folder).with("DATABASE_URL", through().withPassword());
        }

        /** Does the subject's work, through the port. */
        ScriptTest.Run run() {
            return subject.work() == null ? command().run() : subject.work().on(through());
        }

        private DatabaseUrl through() {
            return new DatabaseUrl(
                    List.of(new DatabaseUrl.Host("127.0.0.1", port.number())),
                    db.database(),
                    db.user(),
                    db.password(),
                    db.parameters());
        }

        /** Whether what the run began on the server has ended. */
        boolean awaitNoSession(long millis) throws InterruptedException {
            long end = System.nanoTime() + millis * 1_000_000;
            String sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + db.database() + "'";
            while (!DatabaseAccess.value(TestServer.admin(), sessions).equals("0")) {
                if (System.nanoTime() > end) return false;
                Thread.sleep(20);
            }
            return true;
        }

        /** What is wrong although the work is done. */
        List<String> look() {
            if (!Files.isDirectory(folder.resolve("migrations"))) return List.of();
            ScriptTest.Run status = Subject.command(
                            (same, place) -> List.of("migrate", "status"), db, folder)
                    .run();
            return status.code() == 0 ? List.of() : List.of("status ends with " + status.code() + ": " + status.err());
        }

        /** The next command on this machine, which sweeps away what one left that could not. */
        void runAnother() {
            Subject.command((same, place) -> List.of("migrate", "validate"), db, folder).run();
        }

        /** Files and databases that nobody will ever ask for. */
        List<String> leftovers() throws IOException {
            List<String> rest = new ArrayList<>(DatabaseAccess.values(
                    TestServer.admin(),
                    "SELECT 'the database ' || datname FROM pg_database"
                            + " WHERE datname LIKE 'avdaily\\_scratch%' AND " + isAlone));
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.getFileName().toString().matches("\\..*\\.(new|partial)|.*\\.tmp"))
                        .forEach(file -> rest.add(folder.relativize(file).toString()));
            }
            return rest;
        }

        /** Gives the copy a name that stays, for what comes next; it is closed by whoever has it. */
        DatabaseUrl keepAs(String name) throws IOException {
            port.close();
            TestServer.dropNamed(name);
            DatabaseAccess.execute(
                    TestServer.admin(), "ALTER DATABASE " + db.database() + " RENAME TO " + Sql.quoted(name));
            dropAll(); // what a swap kept
            return db.withDatabase(name);
        }

        @Override
        public void close() throws IOException {
            port.close();
            dropAll();
            try (Stream<Path> files = Files.walk(folder.getParent())) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }

        private void dropAll() {
            for (String name : DatabaseAccess.values(
                    TestServer.admin(),
                    "SELECT quote_ident(datname) FROM pg_database WHERE datname = '" + db.database()
                            + "' OR starts_with(datname, '" + db.database() + "_')"
                            + " OR datname LIKE 'avdaily\\_scratch%' AND " + isAlone))
                DatabaseAccess.execute(TestServer.admin(), "DROP DATABASE " + name + " WITH (FORCE)");
        }
    }
}
