import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A database whose owner, or a guest with CREATE on its schema public, set traps at every place that our queries touch:
 * for each function, operator and catalog that a source of ours names, and in every kind of object. A trap that runs
 * with a superuser's rights leaves a file on the server.
 */
final class HostileDatabase {
    private static final Path SCRIPTS = ScriptTest.PROJECT.resolve("tests/testdata/hostile");
    private static final Pattern WORD = Pattern.compile("[a-z_][a-z_0-9]{2,}");
    private static final String PASSWORD = "trap";

    private final DatabaseUrl admin;
    private final DatabaseUrl owner;
    private final DatabaseUrl guest;

    private HostileDatabase(DatabaseUrl url) {
        this.admin = TestServer.admin().withDatabase(url.database());
        this.owner = as(url, role("tenant"));
        this.guest = as(url, role("guest"));
        DatabaseAccess.execute(
                admin, "ALTER DATABASE " + url.database() + " OWNER TO tenant", "ALTER SCHEMA public OWNER TO tenant");
        DatabaseAccess.execute(owner, "GRANT CREATE, USAGE ON SCHEMA public TO guest");
        run(owner, "traps.sql");
    }

    /** One in which nothing uses the traps yet. */
    static HostileDatabase quiet() {
        return new HostileDatabase(TestServer.newDatabase());
    }

    /** One whose owner and guest both are out for us; {@code avdaily_ops} is not there. */
    static HostileDatabase ofItsOwner() {
        HostileDatabase made = new HostileDatabase(TestServer.newDatabase());
        run(made.owner, "owner.sql");
        run(made.guest, "shadows.sql");
        DatabaseAccess.execute(
                made.owner, "ALTER DATABASE " + made.name() + " SET search_path = evil, pg_catalog, public");
        return made;
    }

    /** One that is the superuser's and has the project's schema and seeds; only the guest is out for us. */
    static HostileDatabase ofItsGuest() {
        HostileDatabase made = new HostileDatabase(TestServer.newDatabase());
        String superuser = '"' + made.admin.user() + '"';
        DatabaseAccess.execute(
                made.admin,
                "ALTER DATABASE " + made.name() + " OWNER TO " + superuser,
                "ALTER SCHEMA public OWNER TO " + superuser);
        ScriptTest.run(made.admin, "deploy", "development", "--seed", "--yes").expect(0);
        run(made.guest, "shadows.sql");
        return made;
    }

    /** Lets the owner make {@code avdaily_ops} before we do. */
    HostileDatabase withForgedOps() {
        run(owner, "ops.sql");
        return this;
    }

    /** Drops the traps of kinds that no backup can hold: operators and casts. */
    void dropWhatNoBackupHolds() {
        DatabaseAccess.execute(
                admin,
                """
                SET search_path = '';
                DO $$
                DECLARE statement text;
                BEGIN
                  FOR statement IN
                    SELECT format('DROP OPERATOR %s', oid::regoperator) FROM pg_operator WHERE oid >= 16384
                    UNION ALL
                    SELECT format('DROP CAST (%s AS %s)', castsource::regtype, casttarget::regtype)
                    FROM pg_cast WHERE oid >= 16384
                  LOOP EXECUTE statement; END LOOP;
                END $$""");
    }

    /** The address as a superuser has it. */
    DatabaseUrl asSuperuser() {
        return admin;
    }

    DatabaseUrl asOwner() {
        return owner;
    }

    DatabaseUrl asGuest() {
        return guest;
    }

    String name() {
        return admin.database();
    }

    /** The traps that fired, by name. */
    Set<String> fired() {
        String prefix = "trap_" + name() + "_";
        return new TreeSet<>(DatabaseAccess.values(
                TestServer.admin(),
                "SELECT replace(f, '" + prefix + "', '') FROM pg_ls_dir('.') f WHERE starts_with(f, '" + prefix
                        + "')"));
    }

    private static String role(String name) {
        DatabaseAccess.execute(
                TestServer.admin(),
                "DO $$ BEGIN CREATE ROLE " + name + " LOGIN PASSWORD '" + PASSWORD
                        + "'; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        return name;
    }

    private static DatabaseUrl as(DatabaseUrl url, String role) {
        return new DatabaseUrl(url.hosts(), url.database(), role, PASSWORD, url.parameters());
    }

    private static void run(DatabaseUrl url, String script) {
        try (Connection c = TestServer.connect(url);
                Statement s = c.createStatement()) {
            s.execute("SET trap.words = '{" + String.join(",", words()) + "}'");
            s.setEscapeProcessing(false);
            s.execute(Files.readString(SCRIPTS.resolve(script)));
        } catch (SQLException | IOException e) {
            fail(script, e);
        }
    }

    /** Every word of our sources that may be a name in a catalog. */
    private static Set<String> words() throws IOException {
        Set<String> words = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ScriptTest.PROJECT.resolve("scripts"))) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(java|sql|yaml)"))
                    .toList()) {
                Matcher word = WORD.matcher(Files.readString(file));
                while (word.find()) words.add(word.group());
            }
        }
        // those of Flyway and the driver
        words.addAll(List.of("current_setting", "current_schema", "version", "set_config", "current_database"));
        return words;
    }

    /** A command as a superuser. */
    ScriptTest.Command command(Path folder, String script, String... arguments) {
        return ScriptTest.command(asSuperuser(), script, arguments)
                .with("BACKUP_DIR", folder.resolve("backups").toString());
    }

    /** Runs a command as a superuser; it must end with one of the codes, and have stepped on no trap. */
    ScriptTest.Run tread(Path folder, Set<Integer> codes, String script, String... words) {
        ScriptTest.Run run = command(folder, script, words).run();
        String what = script + " " + String.join(" ", words) + "\n" + run.out() + run.err();
        assertEquals(Set.of(), fired(), what);
        assertTrue(codes.contains(run.code()), run.code() + " from " + what);
        return run;
    }
}
