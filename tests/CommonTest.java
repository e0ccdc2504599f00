import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Secrets;
import avdaily.base.WorkQueue;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.sql.DottedName;
import avdaily.sql.TablePattern;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** What the scripts share and what needs no database: addresses, environments, redaction. */
class CommonTest {
    @Test
    void anAddressIsReadAsLibpqReadsIt() {
        DatabaseUrl url = DatabaseUrl.parse(
                "postgres://ada:p%40ss%2Fw+rd@db.example:6543/shop%20one?sslmode=require&connect_timeout=3",
                TestServer.SETTINGS);
        assertEquals("jdbc:postgresql://db.example:6543/shop%20one", url.jdbcUrl());
        assertEquals("p@ss/w+rd", url.properties().getProperty("password"));
        assertEquals("ada", url.properties().getProperty("user"));
        assertEquals("require", url.properties().getProperty("sslmode"));
        assertEquals("3", url.properties().getProperty("connectTimeout"));
        assertEquals("db.example:6543/shop one", url.toString());
        assertEquals(
                "postgresql://ada@db.example:6543/shop%20one?sslmode=require&connect_timeout=3", url.withoutPassword());
        assertEquals(url, DatabaseUrl.parse(url.withPassword(), TestServer.SETTINGS));
    }

    @Test
    void severalHostsIpv6AndMissingPartsAreUnderstood() {
        assertEquals(
                "jdbc:postgresql://a:1,b:5432/x",
                DatabaseUrl.parse("postgresql://u@a:1,b/x", TestServer.SETTINGS).jdbcUrl());
        assertEquals(
                "jdbc:postgresql://[::1]:5433/x",
                DatabaseUrl.parse("postgresql://u@[::1]:5433/x", TestServer.SETTINGS)
                        .jdbcUrl());
        assertEquals(
                "jdbc:postgresql://[2001:db8::7]:5432/x",
                DatabaseUrl.parse("postgresql://u@[2001:db8::7]/x", TestServer.SETTINGS)
                        .jdbcUrl());
        assertEquals(
                "jdbc:postgresql://localhost:5432/u",
                DatabaseUrl.parse("postgresql://u@", TestServer.SETTINGS).jdbcUrl());
        assertEquals(
                "jdbc:postgresql://h:7/x",
                DatabaseUrl.parse("postgresql:///x?host=h&port=7&user=u", TestServer.SETTINGS)
                        .jdbcUrl());
        DatabaseUrl last = DatabaseUrl.parse(
                "postgresql://a:p@h:1,i:2/x?dbname=y&user=u&password=w&port=7", TestServer.SETTINGS);
        assertEquals("postgresql://u:w@h:7,i:7/y", last.withPassword(), "parameters have the last word");
        assertEquals(
                "h:1,i:2/x",
                DatabaseUrl.parse("postgresql://u@a:1,b:2/x?host=h,i", TestServer.SETTINGS)
                        .toString());
        assertEquals(
                "jdbc:postgresql://h:5432/x",
                DatabaseUrl.parse("jdbc:postgresql://h/x?user=u&password=w", TestServer.SETTINGS)
                        .jdbcUrl());
        assertEquals(
                "primary",
                DatabaseUrl.parse("postgresql://u@h/x?target_session_attrs=read-write", TestServer.SETTINGS)
                        .properties()
                        .getProperty("targetServerType"));
    }

    @Test
    void aBadAddressIsRefusedWithoutShowingIt() {
        for (String bad : List.of(
                "mysql://u:topsecret@h/x",
                "postgresql://u:topsecret@h:99999/x",
                "postgresql://u:topsecret%zz@h/x",
                "postgresql://u:topsecret@h/x?colour=red",
                "postgresql://u:topsecret@h/x?host=@abstract",
                "postgresql://u:topsecret/x@h/x",
                "postgresql://u:%74opsecret%40%3A/x@h:1/x",
                "postgresql://u:topsecret@a,b,c/x?port=1,2",
                "postgresql://u:topsecret@[::1/x")) {
            Failure failure = assertThrows(Failure.class, () -> DatabaseUrl.parse(bad, TestServer.SETTINGS), bad);
            assertEquals(Failure.Kind.USAGE, failure.kind);
            assertFalse((failure.getMessage() + failure.next).contains("topsecret"), failure.getMessage());
        }
    }

    private static Environment.Signal says(String environment) {
        return new Environment.Signal(Environment.parse(environment), environment);
    }

    @Test
    void theMostDangerousSignalWins() {
        assertEquals(Environment.DEVELOPMENT, Environment.decide(List.of(), List.of()));
        assertEquals(Environment.TESTING, Environment.decide(List.of(says("test")), List.of()));
        assertEquals(Environment.STAGING, Environment.decide(List.of(says("dev")), List.of(says("staging"))));
        assertEquals(
                Environment.STAGING, Environment.decide(List.of(says("staging"), says("dev")), List.of(says("demo"))));
        assertEquals(
                Environment.PRODUCTION, Environment.decide(List.of(), List.of(says("staging"), says("production"))));
        assertEquals(
                Environment.PRODUCTION,
                Environment.decide(List.of(says("production"), says("development")), List.of()));
        for (List<List<Environment.Signal>> doubt : List.of(
                List.of(List.of(says("development")), List.of(says("production"))),
                List.of(List.of(says("development"), says("production")), List.<Environment.Signal>of()),
                List.of(List.of(says("production")), List.of(says("staging")))))
            assertEquals(
                    Failure.Kind.REFUSED,
                    assertThrows(Failure.class, () -> Environment.decide(doubt.get(0), doubt.get(1)), doubt::toString)
                            .kind);
    }

    @Test
    void namesInTheAddressGiveTheEnvironmentAway() {
        for (String production : List.of(
                "prod-db.example/app",
                "h/app_production",
                "h/avdailyprod",
                "live.example/app",
                "h/app_prd_1",
                "staging.prod.example/x",
                "h/storeprod",
                "h/coreprod",
                "h/livedb",
                "h/prddb",
                "h/shopprd",
                "h/dblive",
                "h/demolive",
                "h/corelive",
                "h/storeproduction",
                "h/produktion",
                "h/proddb01",
                "h/prod-reproduction",
                "pre.prod.example/x",
                "h/PROD",
                "shop.live/x")) assertEquals(Optional.of(Environment.PRODUCTION), seen(production), production);
        for (String staging : List.of(
                "staging.example/app",
                "h/app_staging",
                "h/stg-app",
                "h/preprod",
                "pre-prod.example/x",
                "h/shop_preproduction",
                "h/pre_prod1")) assertEquals(Optional.of(Environment.STAGING), seen(staging), staging);
        assertEquals(Optional.of(Environment.TESTING), seen("localhost/test_app"));
        assertEquals(Optional.of(Environment.DEMO), seen("demo.example/app"));
        for (String none : List.of(
                "localhost/app",
                "h/products",
                "h/latest",
                "h/reproduction_study",
                "h/delivery",
                "h/contest",
                "h/reproduction",
                "h/olive",
                "h/alive",
                "h/oliver",
                "h/liverpool",
                "h/livestock",
                "h/byproduct",
                "h/producers",
                "h/prodigy",
                "h/shoprdb",
                "apprds.example/x")) assertEquals(Optional.empty(), seen(none), none);
    }

    private static Optional<Environment> seen(String hostAndDatabase) {
        return Environment.inUrl(DatabaseUrl.parse("postgresql://u@" + hostAndDatabase, TestServer.SETTINGS))
                .map(Environment.Signal::environment);
    }

    @Test
    void secretsAreRedacted() {
        Secrets.add("s3cr3t!");
        assertEquals("the key is ***", Secrets.redact("the key is s3cr3t!"));
        assertEquals("postgresql://u:***@h/x", Secrets.redact("postgresql://u:p@ss@h/x"));
        Secrets.add("postgres");
        assertEquals(
                "{\"database\": \"postgres\"}",
                Secrets.redact("{\"database\": \"postgres\"}"),
                "a plain word stands in names too");
        assertEquals("password=*** user=u", Secrets.redact("password=abc user=u"));
        assertEquals("host=h password = '***' user=u", Secrets.redact("host=h password = 'a b' user=u"));
        assertEquals("CREATE ROLE a PASSWORD '***';", Secrets.redact("CREATE ROLE a PASSWORD 'it''s';"));
        assertEquals("nothing to hide: 12:30, a@b.example", Secrets.redact("nothing to hide: 12:30, a@b.example"));
    }

    @Test
    void aRoleWhosePasswordStandsElsewhereIsNoSecret() {
        DatabaseUrl.parse("postgresql://shop_owner@db.example/x", TestServer.SETTINGS);
        assertEquals("GRANT USAGE TO shop_owner", Secrets.redact("GRANT USAGE TO shop_owner"));
        DatabaseUrl.parse("postgresql://shop_owner:dull@db.example/x", TestServer.SETTINGS);
        assertEquals("read as *** at x", Secrets.redact("read as shop_owner:dull at x"));
    }

    /** What one worker broke may be what the others fail for. */
    @Test
    void workersThatFailForTheSameReasonFailWithIt() {
        IllegalStateException reason = new IllegalStateException("the one reason");
        WorkQueue<Integer> queue = new WorkQueue<>(List.of(1, 2));
        CyclicBarrier both = new CyclicBarrier(2);
        assertSame(
                reason,
                assertThrows(
                        IllegalStateException.class,
                        () -> queue.run(2, () -> {
                            both.await();
                            throw reason;
                        })));
    }

    @Test
    void aPatternOfTablesFitsAnyLetter() {
        assertTrue(new TablePattern("shop.*").matches(new DottedName("shop", "a\nb")));
        assertTrue(new TablePattern("a?b").matches(new DottedName("shop", "a\nb")));
        String name = "\".".repeat(50_000);
        DottedName dotted = new DottedName(name, name);
        assertEquals(dotted, DottedName.of(dotted.toString()));
        assertEquals(dotted, DottedName.of(dotted.quoted()));
        assertFalse(new TablePattern("b").matches(new DottedName("shop", "a.b")));
    }
}
