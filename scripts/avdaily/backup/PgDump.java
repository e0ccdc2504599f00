package avdaily.backup;

import avdaily.base.ChildProcess;
import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.schema.Schema;
import avdaily.sql.OpsSchema;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The pg_dump on the PATH, which writes the definitions that the schema reader does not know. */
record PgDump(Path program, int major) {
    private static final String SERVICE = "avdaily";
    /** Comments, empty lines and the settings of the session. */
    private static final Pattern HEADER = Pattern.compile(
            "(?:(?:--[^\n]*|SET (?!default_)[^\n]*|SELECT pg_catalog\\.set_config\\('search_path'[^\n]*)?\n)+");

    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    /** The first one on the PATH that can read a server of this version, or nothing. */
    static Optional<PgDump> forServer(int major, Settings settings) {
        return onPath(settings).stream().filter(dump -> dump.major >= major).findFirst();
    }

    /** @throws Failure (24) if there is none */
    static PgDump required(int major, Settings settings) {
        return forServer(major, settings)
                .orElseThrow(() -> new Failure(
                        Failure.Kind.DAMAGED,
                        hindrance(major, settings),
                        "install PostgreSQL " + major + "'s client programs and put them on the PATH.",
                        null));
    }

    private static String hindrance(int major, Settings settings) {
        List<PgDump> all = onPath(settings);
        if (all.isEmpty()) return "there is no pg_dump on the PATH";
        return "the pg_dump on the PATH (" + all.get(0).program + ") is of version " + all.get(0).major
                + " and cannot read a server of version " + major;
    }

    private static List<PgDump> onPath(Settings settings) {
        List<PgDump> found = new ArrayList<>();
        for (String folder : settings.real("PATH").orElse("").split(File.pathSeparator)) {
            for (String name : List.of("pg_dump", "pg_dump.exe")) {
                Path program = Path.of(folder.isEmpty() ? "." : folder, name);
                if (Files.isExecutable(program))
                    version(program, settings).ifPresent(major -> found.add(new PgDump(program, major)));
            }
        }
        return found;
    }

    private static Optional<Integer> version(Path program, Settings settings) {
        ProcessBuilder builder = settings.applyTo(new ProcessBuilder(program.toString(), "--version"))
                .redirectErrorStream(true);
        try (ChildProcess asked = new ChildProcess(builder)) {
            Matcher version = VERSION.matcher(asked.output());
            return version.find() ? Optional.of(Integer.parseInt(version.group(1))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * The definitions of one section, as the snapshot has them. A materialized view's rows are made by a statement of
     * the section post-data, which {@code --schema-only} would leave out. Secrets go through the child's environment
     * and a file: everybody can read its arguments.
     *
     * @param section "pre-data" or "post-data"
     */
    String section(Database db, String section, String snapshot, Schema.Quotes quotes)
            throws SQLException, IOException {
        Path errors = Files.createTempFile("avdaily", ".log");
        Path service = serviceFile(db.url());
        for (Path file : List.of(errors, service)) file.toFile().deleteOnExit(); // if it comes while pg_dump is at work
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    program.toString(),
                    "--section=" + section,
                    "--snapshot=" + snapshot,
                    "--exclude-schema=" + OpsSchema.NAME,
                    "--no-blobs", // the backup has them from elsewhere
                    "--encoding=UTF8",
                    "--lock-wait-timeout=10000",
                    "--no-password",
                    "--dbname=" + address(db.url()));
            if (quotes == Schema.Quotes.ALWAYS) builder.command().add("--quote-all-identifiers");
            db.settings().applyTo(builder, "PG*");
            builder.environment().put("PGSERVICEFILE", service.toString());
            builder.environment().remove("PGHOSTADDR"); // the address has what counts of it
            if (isEncrypted(db)) builder.environment().putIfAbsent("PGSSLMODE", "require");
            if (db.url().password() != null)
                builder.environment().put("PGPASSWORD", db.url().password());
            return withoutHeader(withoutRestrict(printed(builder, errors)));
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            Files.deleteIfExists(errors);
            Files.deleteIfExists(service);
        }
    }

    private static String printed(ProcessBuilder builder, Path errors) throws IOException, InterruptedException {
        try (ChildProcess dump = new ChildProcess(builder.redirectError(Redirect.to(errors.toFile())))) {
            String ddl = dump.output();
            if (dump.code() != 0)
                throw new Failure(
                        Failure.Kind.ERROR,
                        "pg_dump could not read the schema: "
                                + Files.readString(errors).strip().replaceAll("\\s*\\R\\s*", " "),
                        "correct that; nothing of this backup stays.",
                        null);
            return ddl;
        }
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure(
                Failure.Kind.INTERRUPTED,
                "interrupted while pg_dump was at work",
                "run it again; nothing of this backup stays.",
                e);
    }

    private static String address(DatabaseUrl url) {
        String address = url.withoutPassword();
        return address + (address.contains("?") ? "&" : "?") + "service=" + SERVICE;
    }

    /** The secrets for which libpq has no variable; nobody else can read such a file. */
    private static Path serviceFile(DatabaseUrl url) throws IOException {
        StringBuilder text = new StringBuilder("[" + SERVICE + "]\n");
        url.secretParameters()
                .forEach((name, value) ->
                        text.append(name).append('=').append(value).append('\n'));
        Path file = Files.createTempFile("avdaily", ".conf");
        return Files.writeString(file, text);
    }

    /** What our own session has got, pg_dump's must not go without. */
    private static boolean isEncrypted(Database db) throws SQLException {
        String own = "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()";
        return Boolean.TRUE.equals(Database.one(db.connection(), own, Boolean.class));
    }

    /**
     * Newer versions frame their output with psql's restrict command and a random key. What runs over JDBC cannot read
     * that.
     */
    private static String withoutRestrict(String ddl) {
        Matcher key = Pattern.compile("(?m)^\\\\restrict (\\S+)$").matcher(ddl);
        return key.find() ? ddl.replaceAll("(?m)^\\\\(un)?restrict " + Pattern.quote(key.group(1)) + "\\R", "") : ddl;
    }

    /**
     * A section begins with settings that the head of our file has too, and with those that only a server of pg_dump's
     * own version knows. What comes later is about the objects.
     */
    private static String withoutHeader(String ddl) {
        Matcher header = HEADER.matcher(ddl);
        return header.lookingAt() ? ddl.substring(header.end()) : ddl;
    }
}
