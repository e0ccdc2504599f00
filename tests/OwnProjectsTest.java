import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Projects in seven shapes go through their whole life: made or adopted, exported, seeded, deployed, restored. */
class OwnProjectsTest extends ScriptTest {
    private static final Path SHAPES = PROJECT.resolve("tests/testdata/projects");
    private static final String CONTENT =
            """
            SELECT string_agg(t::text || ' ' || (xpath('/row/c/text()', query_to_xml(format(
              'SELECT count(*) || md5(coalesce(string_agg(t::text, ''|'' ORDER BY t::text), '''')) AS c FROM %s t',
              t::text), false, true, '')))[1]::text, E'\\n' ORDER BY t::text)
            FROM (SELECT c.oid::regclass AS t FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
              WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname !~ '^pg_'
                AND nspname NOT IN ('information_schema', 'avdaily_ops')
                AND relname NOT IN ('flyway_schema_history', '_prisma_migrations', 'schema_migrations',
                  'ar_internal_metadata')) x""";

    private final Path folder = TestServer.temporary("project");

    private Run project(DatabaseUrl db, String line) {
        String[] words = line.split(" ");
        return command(db, words[0])
                .and(List.of(words).subList(1, words.length).toArray(String[]::new))
                .with("AVDAILY_HOME", folder.resolve("home").toString())
                .in(folder)
                .run();
    }

    @Test
    @LongForm
    void aMusicShop() throws IOException {
        made("records");
    }

    @Test
    @LongForm
    void aWholesaler() throws IOException {
        made("wholesale");
    }

    @Test
    void aFilmRental() throws IOException {
        made("rental");
    }

    @Test
    @LongForm
    void aClinic() throws IOException {
        made("clinic");
    }

    @Test
    @LongForm
    void onePrismaMade() throws IOException {
        adopted("prisma");
    }

    @Test
    @LongForm
    void oneRailsMade() throws IOException {
        adopted("rails");
    }

    @Test
    @LongForm
    void oneGolangMigrateMade() throws IOException {
        write(folder.resolve("migrations/000001_billing.up.sql"), "CREATE SCHEMA billing;\n");
        adopted("golang");
    }

    private void made(String shape) throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        String[] parts = Files.readString(SHAPES.resolve(shape + ".sql")).split("-- rows\n");
        project(db, "db init --name " + shape).expect(0);
        write(folder.resolve("migrations/V1__first.sql"), parts[0]);
        project(db, "migrate up --yes").expect(0);
        execute(db, parts[1]);
        goThrough(db);
    }

    private void adopted(String shape) throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, Files.readString(SHAPES.resolve(shape + ".sql")));
        project(db, "db init --name " + shape + " --from-database").expect(0).says("Found ", "Proven");
        project(db, "migrate baseline --yes").expect(0);
        goThrough(db);
    }

    private void goThrough(DatabaseUrl db) throws IOException {
        project(db, "migrate status --check").expect(0);
        project(db, "migrate validate --rebuild").expect(0);
        project(db, "migrate lint --from 1").expect(0);
        Run check = project(db, "integrity check").expect(0);
        assertFalse(check.out().contains("warning") || check.out().contains("critical"), check.out());
        Run export = project(db, "seed export --unmasked --out exported").expect(0);
        assertFalse((export.out() + export.err()).contains("Left out"), export.out() + export.err());
        DatabaseUrl copy = TestServer.newDatabase();
        for (int i = 0; i < 2; i++)
            project(copy, "deploy development --seed --seeds exported --yes").expect(0);
        assertEquals(value(db, CONTENT), value(copy, CONTENT));
        project(copy, "seed development --seeds exported --validate").expect(0).says("unchanged");
        project(copy, "migrate validate").expect(0);
        project(copy, "backup create --dir backups").expect(0);
        project(copy, "monitor").expect(0);
        project(db, "seed export --out masked").expect(0);
        DatabaseUrl other = TestServer.newDatabase();
        project(other, "migrate up --yes").expect(0);
        project(other, "seed development --seeds masked").expect(0);
        project(db, "backup create --dir kept").expect(0);
        try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
            Path file = files.filter(each -> each.toString().matches(".*\\.sql(\\.\\w+)?"))
                    .findFirst()
                    .orElseThrow();
            command(other, "restore", file.toString(), "--yes")
                    .with("DB_RESTORE_CONFIRM", "1")
                    .in(folder)
                    .run()
                    .expect(0);
        }
        assertEquals(value(db, CONTENT), value(other, CONTENT));
        project(db, "seed recipe --from-database --rows 20").expect(0);
    }
}
