import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.DatabaseUrl;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Secrets stay where they are needed, and what others could read on the way is said or refused. */
class SecrecyTest extends ScriptTest {
    /** This machine, in a form that does not say so. */
    private static final String FROM_AFAR = "2130706433";

    private static DatabaseUrl at(DatabaseUrl db, String host) {
        return new DatabaseUrl(
                List.of(new DatabaseUrl.Host(host, db.hosts().get(0).port())),
                db.database(),
                db.user(),
                db.password(),
                Map.of());
    }

    @Test
    void noFormOfAPasswordWithAQuoteIsRepeated() {
        DatabaseUrl db = TestServer.newDatabase();
        for (String password : List.of("k9'j8%x", "k9\"j8%x", "k9\\j8%x", "k9''j8 x")) {
            execute(
                    TestServer.admin(),
                    "DROP ROLE IF EXISTS quoted",
                    "CREATE ROLE quoted LOGIN PASSWORD '" + password.replace("'", "''") + "'");
            String typed = at(db, db.hosts().get(0).name()).withoutPassword().replace("tester@", "quoted@")
                    + "?password=" + password.replace("%", "%25").replace(" ", "%20");
            for (List<String> more : List.of(List.of("reset"), List.of("reset", "--json"), List.of("reset", "--bad"))) {
                Run run = command("db", more.toArray(String[]::new))
                        .and("--url", typed, "extra " + typed)
                        .run();
                assertFalse((run.out() + run.err()).contains("j8"), run.out() + run.err());
                run = command("db", more.toArray(String[]::new))
                        .and("--url", typed)
                        .run();
                assertTrue(run.code() == 21 || run.code() == 2, run.err());
                assertFalse((run.out() + run.err()).contains("j8"), run.out() + run.err());
                if (more.contains("--json")) run.json();
            }
        }
        execute(TestServer.admin(), "DROP ROLE quoted");
    }

    /** The program that stands for pg_dump shows what anybody on the machine could see of it, and gives up. */
    @Test
    void theKeysPassphraseIsInNoArgumentAndNoOutput() throws IOException {
        Path folder = TestServer.temporary("programs");
        write(
                folder.resolve("pg_dump"),
                """
                #!/bin/sh
                if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) 99.0'; exit; fi
                printf '%s\\n' "$@" >arguments
                cat "$PGSERVICEFILE" >service
                ls -l "$PGSERVICEFILE" >>service
                exit 1
                """);
        assertTrue(folder.resolve("pg_dump").toFile().setExecutable(true));
        String typed = TestServer.newDatabase().withPassword() + "?sslpassword=KeyPassphrase77";
        Path work = TestServer.temporary("work");
        Run run = command("backup", "--schema-from", "pg_dump", "--verbose")
                .with("DATABASE_URL", typed)
                .with("PATH", folder + ":" + System.getenv("PATH"))
                .in(work)
                .run()
                .expect(1);
        String arguments = Files.readString(work.resolve("arguments"));
        assertFalse(arguments.contains("KeyPassphrase77"), arguments);
        assertTrue(arguments.contains("service=avdaily"), arguments);
        String service = Files.readString(work.resolve("service"));
        assertTrue(service.startsWith("[avdaily]\nsslpassword=KeyPassphrase77\n-rw-------"), service);
        assertFalse((run.out() + run.err()).contains("KeyPassphrase77"));
        String address =
                command("db", "url").with("DATABASE_URL", typed).run().expect(0).out();
        assertFalse(address.contains("sslpassword"), address);
        command("db", "url", "--show-password")
                .with("DATABASE_URL", typed)
                .run()
                .expect(0)
                .says("sslpassword=KeyPassphrase77");
    }

    @Test
    void aPasswordFileThatIsOpenToOthersDoesNotCount() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path file = TestServer.temporary("passwords").resolve("pgpass");
        write(
                file,
                "*:*:*:" + db.user() + ":" + db.password().replace("\\", "\\\\").replace(":", "\\:") + "\n");
        for (String mode : List.of("rw-r--r--", "rw-rw----", "rw----r--")) {
            AtomicFile.restrict(file, mode);
            command("migrate", "history")
                    .with("DATABASE_URL", db.withoutPassword())
                    .with("PGPASSFILE", file.toString())
                    .run()
                    .expect(20, "Ignored: the password file " + file + " is open to others", "chmod 600");
        }
        AtomicFile.restrict(file, "rw-------");
        Run run = command("migrate", "history")
                .with("DATABASE_URL", db.withoutPassword())
                .with("PGPASSFILE", file.toString())
                .run()
                .expect(0);
        assertFalse(run.err().contains("Ignored"), run.err());
    }

    @Test
    void aSessionInClearIsSaidUnlessSomebodyAskedForIt() {
        DatabaseUrl near = TestServer.newDatabase();
        if (!near.isLocal()) return;
        String afar = at(near, FROM_AFAR).withPassword();
        Run run = command("backup", "--schema-from", "reader")
                .with("DATABASE_URL", afar)
                .run()
                .expect(0);
        assertEquals(
                1,
                run.err()
                        .lines()
                        .filter(line -> line.startsWith("Not encrypted: "))
                        .count(),
                run.err());
        for (String quiet : List.of(afar + "?sslmode=disable", afar + "?sslmode=prefer", near.withPassword()))
            assertFalse(command("migrate", "history")
                    .with("DATABASE_URL", quiet)
                    .run()
                    .expect(0)
                    .err()
                    .contains("Not encrypted"));
        command("migrate", "history")
                .with("DATABASE_URL", afar + "?sslmode=require")
                .run()
                .expect(20, "SSL");
        command("migrate", "history")
                .with("DATABASE_URL", afar + "?channel_binding=require")
                .run()
                .expect(20);
        command("migrate", "history")
                .with("DATABASE_URL", near.withPassword() + "?require_auth=scram-sha-256")
                .run()
                .expect(0);
        command("migrate", "history")
                .with("DATABASE_URL", near.withPassword() + "?require_auth=!scram-sha-256")
                .run()
                .expect(20);
    }

    /** A server that says it has no TLS and wants the password as it is. */
    @Test
    void aPasswordIsNotSentInClear() throws Exception {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                while (!server.isClosed())
                    try (Socket socket = server.accept()) {
                        listen(socket, heard);
                    } catch (IOException closed) {
                        // the next one
                    }
            });
            thread.start();
            String address = "postgresql://ada:Sesame99@" + FROM_AFAR + ":" + server.getLocalPort() + "/x";
            command("migrate", "history")
                    .with("DATABASE_URL", address)
                    .run()
                    .expect(20, "asks for the password in clear; it was not sent", "Not encrypted: ");
            assertTrue(heard.toString(StandardCharsets.ISO_8859_1).contains("ada"));
            assertFalse(heard.toString(StandardCharsets.ISO_8859_1).contains("Sesame99"));
            command("migrate", "history")
                    .with("DATABASE_URL", address + "?sslmode=disable")
                    .run()
                    .expect(20);
            assertTrue(heard.toString(StandardCharsets.ISO_8859_1).contains("Sesame99"), "who asks for it gets it");
        }
    }

    private static void listen(Socket socket, ByteArrayOutputStream heard) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] first = in.readNBytes(in.readInt() - 4);
        heard.write(first);
        if (first.length == 4) { // the question for TLS
            out.writeByte('N');
            heard.write(in.readNBytes(in.readInt() - 4));
        }
        out.writeByte('R');
        out.writeInt(8);
        out.writeInt(3); // AuthenticationCleartextPassword
        if (in.read() >= 0) heard.write(in.readNBytes(in.readInt() - 4));
    }

    private static DatabaseUrl found(String file, String... process) {
        Path folder = TestServer.temporary("found");
        write(folder.resolve(".env"), file.replace(' ', '\n') + "\n");
        Map<String, String> variables = new HashMap<>();
        for (String variable : process) variables.put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
        Settings settings = new Settings(variables, folder);
        return DatabaseUrl.named(null, settings).orElseThrow().parse(settings);
    }

    private static void isRefused(String why, String file, String... process) {
        Failure failure = assertThrows(Failure.class, () -> found(file, process), file);
        assertTrue(failure.getMessage().contains(why), failure.getMessage());
        assertTrue(failure.next.contains("--env-file"), failure.next);
        assertFalse(failure.getMessage().contains("Sesame99"), failure.getMessage());
    }

    /** Whoever puts a file of variables into the folder may name a server of his, and gets no other secret there. */
    @Test
    void aFoundFileDoesNotSayWhereAnothersSecretGoes() throws IOException {
        for (String address : List.of(
                "DATABASE_URL=postgresql://app@evil.example/shop",
                "DATABASE_URL=postgresql:///shop?host=localhost,evil.example",
                "PGHOST=evil.example",
                "PGHOSTADDR=192.0.2.1"))
            isRefused("the password of PGPASSWORD, set by the process, would go to", address, "PGPASSWORD=Sesame99");
        isRefused(
                "the password of DATABASE_URL, set by the process, would go to evil.example:5432, which PGHOST",
                "PGHOST=evil.example",
                "DATABASE_URL=postgresql://app:Sesame99@/shop");
        isRefused(
                "the process's CI_JOB_TOKEN would go to",
                "DATABASE_URL=postgresql://${CI_JOB_TOKEN}@evil.example/shop",
                "CI_JOB_TOKEN=Sesame99");
        isRefused(
                "the process's AWS_SECRET_ACCESS_KEY would go to",
                "PGHOST=evil.example A=${AWS_SECRET_ACCESS_KEY} PGDATABASE=x${A}",
                "AWS_SECRET_ACCESS_KEY=Sesame99");
        Path services = TestServer.temporary("services").resolve("services");
        write(services, "[shop]\nhost=db.example\nuser=app\npassword=Sesame99\n");
        isRefused(
                "the password of the connection service",
                "DATABASE_URL=postgresql://evil.example/x?service=shop",
                "PGSERVICE=shop",
                "PGSERVICEFILE=" + services);
        for (String weaker : List.of("PGSSLMODE=disable", "PGSSLMODE=prefer", "PGOPTIONS=-crow_security=off"))
            isRefused("would go to db.example:5432", weaker, "DATABASE_URL=postgresql://app:Sesame99@db.example/shop");
    }

    @Test
    void whatOnePersonSaysOrIsMeantForThisMachineWorks() {
        for (String file : List.of(
                "DATABASE_URL=postgresql://app:Sesame99@db.example/shop",
                "PGHOST=db.example PGPASSWORD=Sesame99",
                "PW=Sesame99 DATABASE_URL=postgresql://app:${PW}@db.example/shop PGSSLMODE=disable",
                "DATABASE_URL=postgresql://app:Sesame99@${APP_HOST:-db.example}/shop"))
            assertEquals("Sesame99", found(file, "USER=ada", "APP_HOST=db2.example").password());
        assertEquals("Sesame99", found("PGHOST=localhost", "PGPASSWORD=Sesame99").password());
        assertEquals("Sesame99", found("PGUSER=app", "PGHOST=db.example", "PGPASSWORD=Sesame99").password());
        assertEquals(null, found("PGHOST=evil.example", "PGUSER=app").password());
        assertTrue(found("PGHOST=evil.example").withDatabase("other").isFound());
    }

    @Test
    void aLineForAnyServerIsForNoneThatAFoundFileNames() throws IOException {
        DatabaseUrl near = TestServer.newDatabase();
        if (!near.isLocal()) return;
        DatabaseUrl afar = at(near, FROM_AFAR);
        Path folder = TestServer.temporary("found");
        Path file = folder.resolve("pgpass");
        String password = near.password().replace("\\", "\\\\").replace(":", "\\:");
        write(folder.resolve(".env"), "DATABASE_URL=" + afar.withoutPassword() + "\n");
        for (String line : List.of("*:*:*:*:", FROM_AFAR + ":*:*:*:")) {
            write(file, line + password + "\n");
            AtomicFile.restrict(file, "rw-------");
            Command look = command("migrate", "history").in(folder).with("PGPASSFILE", file.toString());
            if (line.startsWith("*")) look.run().expect(20, "Ignored: the line for any server in " + file);
            else look.run().expect(0);
            command("migrate", "history", "--env-file", ".env")
                    .in(folder)
                    .with("PGPASSFILE", file.toString())
                    .run()
                    .expect(0);
        }
    }

    @Test
    void theParametersOfLoginsAreLibpqs() {
        String url = "postgresql://u@db.example/x?";
        Properties system = DatabaseUrl.parse(url + "sslrootcert=system", TestServer.SETTINGS)
                .properties();
        assertEquals("verify-full", system.getProperty("sslmode"));
        assertEquals("org.postgresql.ssl.DefaultJavaSSLFactory", system.getProperty("sslfactory"));
        assertEquals(null, system.getProperty("sslrootcert"));
        assertEquals(
                "verify-ca",
                DatabaseUrl.parse(url + "sslmode=require&sslrootcert=ca.pem", TestServer.SETTINGS)
                        .properties()
                        .getProperty("sslmode"),
                "who names a certificate wants it looked at");
        for (String bad : List.of("sslrootcert=system&sslmode=require", "channel_binding=maybe")) {
            Failure failure = assertThrows(Failure.class, () -> DatabaseUrl.parse(url + bad, TestServer.SETTINGS), bad);
            assertEquals(Failure.Kind.USAGE, failure.kind);
        }
        assertEquals(
                "!password",
                DatabaseUrl.parse(url + "require_auth=!password", TestServer.SETTINGS)
                        .properties()
                        .getProperty("requireAuth"));
    }
}
