import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** An approval is of what runs, by a person who read it, for one run. */
class ApprovalTest extends ScriptTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final Path folder = TestServer.temporary("approval");
    private final Path file = folder.resolve("plan.json");
    private final DatabaseUrl db = TestServer.newDatabase();

    ApprovalTest() {
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;");
        as("ada", "production", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        write(folder.resolve("migrations/V2__harmless.sql"), "CREATE TABLE b (id int);\nDROP TABLE a;");
        write(folder.resolve("migrations/U2__harmless.sql"), "CREATE TABLE a (id int PRIMARY KEY);\nDROP TABLE b;");
    }

    private Command as(String who, String... words) {
        return command(db, "deploy", words)
                .in(folder)
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("GITHUB_ACTOR", who);
    }

    private void plan(String... more) {
        as("ada", "plan", "production", "-o", "plan.json").and(more).run().expect(0);
    }

    private Command deploy() {
        return as("robot", "production", "--plan", "plan.json", "--yes");
    }

    /** Changes the plan by hand, and its hash with it: anybody can compute that. */
    private void forge(Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
        ObjectNode content = (ObjectNode) root.get("content");
        change.accept(content);
        root.put("hash", Sha256.of(JSON.writeValueAsString(JSON.treeToValue(content, TreeMap.class))));
        Files.writeString(file, JSON.writeValueAsString(root));
    }

    @Test
    void whatIsShownIsWhatIsBoundAndNotWhatSomebodyWroteThere() throws IOException {
        plan();
        assertFalse(JSON.readTree(file.toFile()).get("content").has("text"));
        forge(content -> content.putArray("text").add("migrate   nothing pending"));
        Run run = as("bola", "approve", "plan.json")
                .run()
                .expect(0)
                .says(
                        "target    " + db.database() + " on ",
                        "migrate   V2 harmless",
                        "V2__harmless.sql "
                                + Sha256.of(Files.readString(folder.resolve("migrations/V2__harmless.sql")))
                                        .substring(0, 12),
                        "as in your working copy",
                        "loses     V2__harmless.sql line 2, drop-table: DROP TABLE a");
        assertFalse(run.out().contains("nothing pending"), run.out());
        write(folder.resolve("migrations/V2__harmless.sql"), "CREATE TABLE b (id int);\nSELECT 1;");
        as("bola", "approve", "plan.json")
                .run()
                .expect(0)
                .says("DIFFERS from your working copy", "-SELECT 1;", "+DROP TABLE a;");
        assertTrue(folder.resolve("migrations/V2__harmless.sql").toFile().delete());
        as("bola", "approve", "plan.json").run().expect(0).says("is NOT in your working copy", "+DROP TABLE a;");
    }

    @Test
    void aPlanIsValidForAMonthAtTheMost() throws IOException {
        for (List<String> time : List.of(
                List.of("2026-01-01T00:00:00Z", "9999-01-01T00:00:00Z"),
                List.of("9998-12-20T00:00:00Z", "9999-01-01T00:00:00Z"))) {
            plan();
            forge(content -> content.put("createdAt", time.get(0)).put("expiresAt", time.get(1)));
            as("bola", "approve", "plan.json").run().expect(21, "30 days from today are the most");
            deploy().run().expect(21, "30 days from today are the most");
        }
    }

    @Test
    void aPlanWhoseTextIsNotTheBoundOneIsRefused() throws IOException {
        plan();
        forge(content -> ((ObjectNode) content.get("files")).put("V2__harmless.sql", "SELECT 1;"));
        as("bola", "approve", "plan.json").run().expect(21, "contradicts itself", "V2__harmless.sql");
        deploy().with("DB_DEPLOY_AUTHOR_MAY_APPROVE", "1").run().expect(21, "V2__harmless.sql was changed");
        plan();
        forge(content -> ((ArrayNode) content.get("pending")).removeAll());
        as("bola", "approve", "plan.json").run().expect(0).says("nothing pending", "drop-table");
        deploy().run().expect(21, "the pending migrations");
        for (String nonsense : List.of("environment", "expiresAt", "format")) {
            plan();
            forge(content -> content.put(nonsense, nonsense.equals("format") ? "2" : "mars"));
            as("bola", "approve", "plan.json").run().expect(2, "is no plan");
        }
        plan();
        forge(content -> content.putArray("author").add("ada"));
        as("bola", "approve", "plan.json").run().expect(2, "nobody is its author");
        plan();
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"content\": {}, "));
        as("bola", "approve", "plan.json").run().expect(2, "is no plan", "Duplicate field 'content'");
    }

    @Test
    void everyStatementThatLosesDataIsNamed() {
        write(folder.resolve("avdaily.yaml"), "defaults: {lint: off}\n");
        write(
                folder.resolve("migrations/V2__harmless.sql"),
                """
                CREATE TABLE c (id int, b int);
                ALTER TABLE c DROP b;
                DROP /* not
                much */ TABLE a;
                TRUNCATE c;
                DELETE FROM c;
                UPDATE c SET id = 1;
                ALTER TABLE c ALTER id TYPE bigint;
                ALTER TABLE c ALTER id DROP NOT NULL;
                DO $$ BEGIN EXECUTE 'SELECT ' || '1'; END $$;
                WITH a AS (SELECT '--'), d AS (DELETE FROM c) SELECT 1;
                WITH a AS (SELECT '/*'), d AS (DELETE FROM c) SELECT '*/';
                CREATE DOMAIN \uD83D\uDE00$x$ AS text;
                WITH a AS (SELECT \uD83D\uDE00$x$'$x$--'), d AS (DELETE FROM c) SELECT 1;
                SET standard_conforming_strings = off;
                WITH a AS (SELECT '\\'--'), d AS (DELETE FROM c) SELECT 1;
                SET standard_conforming_strings = on;
                MERGE INTO c USING c d ON c.id = d.id WHEN MATCHED THEN UPDATE SET id = 2;
                CREATE TYPE pair AS (one int, other int);
                ALTER TYPE pair DROP ATTRIBUTE other;
                ALTER TABLE c ADD "a b" int;
                ALTER TABLE c ALTER "a b" TYPE bigint;
                """);
        plan();
        as("bola", "approve", "plan.json")
                .run()
                .expect(0)
                .says(
                        "line 2, drop-column: ALTER TABLE c DROP b",
                        "line 3, drop-table: DROP TABLE a",
                        "line 5, truncate",
                        "line 6, delete",
                        "line 7, update",
                        "line 8, type-change",
                        "line 10, may-do-anything",
                        "line 11, delete",
                        "line 12, delete",
                        "line 14, delete",
                        "line 16, may-do-anything",
                        "line 18, update",
                        "line 20, drop-column",
                        "line 22, type-change");
    }

    @Test
    void atATerminalApprovingIsAsked() throws Exception {
        plan();
        String before = Files.readString(file);
        try (Terminal terminal = new Terminal(as("bola", "approve", "plan.json"))) {
            terminal.answer("Approve this as bola", "no\n");
            assertEquals(21, terminal.exitCode(), terminal.screen());
        }
        assertEquals(before, Files.readString(file));
        try (Terminal terminal = new Terminal(as("bola", "approve", "plan.json"))) {
            terminal.answer("Approve this as bola", "yes\n");
            assertEquals(0, terminal.exitCode(), terminal.screen());
        }
        deploy().run().expect(0);
    }

    @Test
    void aPlanRunsOnce() {
        plan();
        as("bola", "approve", "plan.json").run().expect(0);
        execute( // as somebody who may write to the log could do at any moment
                db,
                "CREATE FUNCTION avdaily_ops.forget() RETURNS trigger LANGUAGE plpgsql AS "
                        + "'BEGIN DELETE FROM avdaily_ops.operation WHERE id = NEW.id; RETURN NULL; END'",
                "CREATE TRIGGER forget AFTER INSERT ON avdaily_ops.operation FOR EACH ROW "
                        + "EXECUTE FUNCTION avdaily_ops.forget()");
        deploy().run().expect(0);
        execute(db, "DROP FUNCTION avdaily_ops.forget() CASCADE");
        as("robot", "rollback", "production", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0)
                .says("exactly the one before");
        deploy().run().expect(21, "was run already", "(rolled back)");
        deploy().with("DB_DEPLOY_ALLOW_PRODUCTION", "1").run().expect(21, "was run already");
        plan();
        as("bola", "approve", "plan.json").run().expect(0);
        deploy().run().expect(0);
        as("robot", "rollback", "production", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        execute(db, "DROP TABLE avdaily_ops.deployment");
        deploy().run().expect(21, "was run already", "(done)");
        plan();
        deploy().run().expect(21, "0 approvals");
        as("bola", "approve", "plan.json").run().expect(0);
        deploy().run().expect(0);
    }

    /** Where approvals are demanded, there is a way back too: by an approved plan of its own. */
    @Test
    void aDeploymentIsTakenBackByAPlan() throws IOException {
        write(folder.resolve("avdaily.yaml"), "environments: {production: {approvals: 1}}\n");
        plan();
        Files.copy(file, folder.resolve("forward.json"));
        as("bola", "approve", "plan.json").run().expect(0);
        deploy().run().expect(0);
        Command back = as("robot", "rollback", "production", "--yes");
        back.with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(21, "only by a plan with 1 approval", "rollback production -o plan.json");
        String before = rows(db) + schema(db);
        as("ada", "rollback", "production", "--out", "back.json")
                .run()
                .expect(0)
                .says("undo      V2 harmless", "Wrote");
        assertEquals(before, rows(db) + schema(db));
        Command planned = as("robot", "rollback", "production", "--plan", "back.json", "--yes");
        planned.run().expect(21, "0 approvals");
        as("ada", "approve", "back.json").run().expect(21, "nobody approves what he wrote himself");
        Run approved = as("bola", "approve", "back.json")
                .run()
                .expect(0)
                .says("rollback  ", "undo      V2 harmless", "U2__harmless.sql", "drop-table: DROP TABLE b");
        assertFalse(approved.out().contains("migrate "), approved.out());
        as("robot", "production", "--plan", "back.json", "--yes").run().expect(21, "what is taken back");
        as("robot", "rollback", "production", "--plan", "forward.json", "--yes")
                .run()
                .expect(21, "what is taken back");
        as("robot", "rollback", "production", "--restore", "--plan", "back.json", "--yes")
                .run()
                .expect(21, "what is taken back's backup");
        write(folder.resolve("migrations/U2__harmless.sql"), "DROP TABLE b;");
        planned.run().expect(21, "U2__harmless.sql was changed");
        write(folder.resolve("migrations/U2__harmless.sql"), "CREATE TABLE a (id int PRIMARY KEY);\nDROP TABLE b;");
        planned.run().expect(0).says("exactly the one before");
        planned.run().expect(21, "what is taken back's deployment");
    }

    @Test
    void aPersonCountsOnceHoweverTheNameIsWritten() throws IOException {
        write(folder.resolve("avdaily.yaml"), "environments: {production: {approvals: 2}}\n");
        plan();
        as("ADA", "approve", "plan.json").run().expect(21, "nobody approves what he wrote himself");
        as("bola", "approve", "plan.json").run().expect(0);
        ObjectNode first = (ObjectNode) JSON.readTree(file.toFile());
        as("BOLA ", "approve", "plan.json").run().expect(0);
        ObjectNode second = (ObjectNode) JSON.readTree(file.toFile());
        assertEquals(1, second.get("approvals").size());
        for (String name : List.of("Bola", " bola", "bo\u200Bla", "ＢＯＬＡ", "ada ", "Ada")) {
            ObjectNode merged = first.deepCopy();
            ((ArrayNode) merged.get("approvals"))
                    .add(((ObjectNode) second.get("approvals").get(0))
                            .deepCopy()
                            .put("by", name));
            Files.writeString(file, JSON.writeValueAsString(merged));
            deploy().run().expect(21, "has 1 approval and needs 2");
        }
    }

    // -- signatures

    private Path key(String name) throws Exception {
        Path key = folder.resolve(name);
        assertEquals(
                0,
                new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                        .start()
                        .waitFor());
        return key;
    }

    private String publicKey(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".pub")).strip();
    }

    /** Braces are no sign of base64: what stands in a key is never taken for a key's name. */
    private void allowed(String text) throws IOException {
        StringBuilder filled = new StringBuilder();
        Matcher name = Pattern.compile("\\{(\\w+)}").matcher(text);
        while (name.find()) name.appendReplacement(filled, Matcher.quoteReplacement(publicKey(name.group(1))));
        write(folder.resolve("signers"), name.appendTail(filled) + "\n");
    }

    @Test
    void withSignersOneKeyIsOnePerson() throws Exception {
        Path ada = key("ada");
        Path bola = key("bola");
        Path chi = key("chi");
        Path bolas = key("bolas");
        allowed("ada@example.com {ada}\nbola@example.com {bola}\nchi@example.com {chi}\nBOLA@example.com {bolas}");
        write(folder.resolve("avdaily.yaml"), "environments: {production: {approvals: 2, signers: signers}}\n");
        plan();
        as("bola", "approve", "plan.json").run().expect(21, "--sign-with");
        as("bola", "approve", "plan.json", "--sign-with", bola.toString()).run().expect(21, "not signed by its author");
        plan("--sign-with", ada.toString());
        as("ghost", "approve", "plan.json", "--sign-with", ada.toString())
                .run()
                .expect(21, "ada@example.com's own", "nobody approves what he wrote himself");
        as("bola", "approve", "plan.json", "--sign-with", bola.toString()).run().expect(0);
        as("other", "approve", "plan.json", "--sign-with", bola.toString())
                .run()
                .expect(0)
                .says("Approved by bola@example.com.");
        as("another", "approve", "plan.json", "--sign-with", bolas.toString())
                .run()
                .expect(0);
        deploy().run().expect(21, "has 1 approval and needs 2");
        as("eve", "approve", "plan.json", "--sign-with", key("eve").toString())
                .run()
                .expect(21, "not signed by anybody");
        String text = Files.readString(file);
        // on a shared machine both have one login
        try (Terminal terminal =
                new Terminal(as("another", "approve", "plan.json", "--sign-with", chi.toString()))) {
            terminal.answer("Approve this with the key " + chi, "yes\n");
            assertEquals(0, terminal.exitCode(), terminal.screen());
        }
        assertTrue(Files.readString(file).length() > text.length());
        ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
        ((ObjectNode) root.get("approvals").get(1)).put("at", "2020-01-01T00:00:00Z");
        Files.writeString(folder.resolve("edited.json"), JSON.writeValueAsString(root));
        as("robot", "production", "--plan", "edited.json", "--yes").run().expect(21, "not signed by anybody");
        deploy().run().expect(0);
    }

    /**
     * What shares a key or a name is one person's, over several lines too, and a pattern is everybody's whom it fits.
     */
    @Test
    void whoHasSeveralNamesIsOnePerson() throws Exception {
        Path ada = key("ada");
        Path chi = key("chi");
        key("dan");
        write(folder.resolve("avdaily.yaml"), "environments: {production: {approvals: 1, signers: signers}}\n");
        for (String names : List.of(
                "ada,ada2 {ada}\nada2 {chi}",
                "ada {ada}\nada2 {ada}\nada2 {chi}",
                "ada,x {ada}\nx,y {dan}\ny {chi}",
                "ada@example.com {ada}\n*@example.com {chi}",
                "ada {ada}\n\"*\" namespaces=\"plan@avdaily,file\" {chi}")) {
            allowed(names);
            plan("--sign-with", ada.toString());
            as("chi", "approve", "plan.json", "--sign-with", chi.toString())
                    .run()
                    .expect(21, "nobody approves what he wrote himself");
        }
    }

    private void certified(String key, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("ssh-keygen", "-q", "-s", "issuer", "-I", key + "'s"));
        words.addAll(List.of(options));
        words.add(key + ".pub");
        Files.deleteIfExists(folder.resolve(key + "-cert.pub"));
        assertEquals(
                0, new ProcessBuilder(words).directory(folder.toFile()).start().waitFor());
    }

    /** What stands in a line about times, purposes and authorities counts, as it does for ssh-keygen. */
    @Test
    void optionsAndAuthoritiesOfSignersCount() throws Exception {
        Path ada = key("ada");
        Path bola = key("bola");
        key("issuer");
        Path certificate = folder.resolve("bola-cert.pub");
        write(folder.resolve("avdaily.yaml"), "environments: {production: {approvals: 1, signers: signers}}\n");
        String authority = "*@example.com cert-authority,namespaces=\"plan@avdaily\" {issuer}";
        String[] valid = {"-n", "bola@example.com", "-V", "-1d:+1d"};
        String[] expired = {"-n", "bola@example.com", "-V", "20200101:20210101"};
        String[] another = {"-n", "bola@elsewhere.com", "-V", "-1d:+1d"};
        String[] authors = {"-n", "bola@example.com,ada", "-V", "-1d:+1d"};
        Map<String, String> said = new LinkedHashMap<>();
        said.put("bola valid-before=\"20200101\" {bola}", "not signed by anybody");
        said.put("bola namespaces=\"git,file\" {bola}", "not signed by anybody");
        if (LongForm.IS_ASKED_FOR) {
            said.put("bola {bola}", "0");
            said.put("bola valid-after=\"29991231\" {bola}", "not signed by anybody");
            said.put("bola cert-authority {bola}", "not signed by anybody");
            said.put("# bola {bola}\n!bola,bola {bola}", "not signed by anybody");
        }
        for (Map.Entry<String, String> each : said.entrySet()) isApproved(each.getKey(), ada, bola, each.getValue());
        for (Map.Entry<String[], String> each : Map.of(
                        valid, "0",
                        expired, "not signed by anybody",
                        another, "not signed by anybody",
                        authors, "nobody approves what he wrote himself")
                .entrySet()) {
            certified("bola", each.getKey());
            isApproved(authority + "\nada cert-authority {issuer}", ada, certificate, each.getValue());
        }
        certified("bola", valid);
        isApproved(authority.replace("{issuer}", "{bola}"), ada, certificate, "not signed by anybody");
    }

    private void isApproved(String signers, Path author, Path key, String said) throws Exception {
        allowed("ada {ada}\n" + signers);
        plan("--sign-with", author.toString());
        Run run = as("bola", "approve", "plan.json", "--sign-with", key.toString())
                .run();
        if (said.equals("0")) assertEquals(0, run.code(), signers + run.err());
        else assertEquals(21, run.code(), signers + run.out() + run.err());
        if (!said.equals("0")) assertTrue(run.err().contains(said), signers + run.err());
    }

    @Test
    void theJobsOwnVariableSaysWhoMaySign() throws Exception {
        Path ada = key("ada");
        Path mallory = key("mallory");
        allowed("ada {ada}\nmallory {mallory}");
        write(folder.resolve("avdaily.yaml"), "environments: {production: {signers: signers}}\n");
        plan("--sign-with", ada.toString());
        as("mallory", "approve", "plan.json", "--sign-with", mallory.toString())
                .run()
                .expect(0);
        Path trusted = TestServer.temporary("trusted").resolve("signers");
        write(trusted, "ada " + Files.readString(folder.resolve("ada.pub")));
        deploy().with("DB_DEPLOY_ALLOWED_SIGNERS", trusted.toString()).run().expect(21, "not signed by anybody");
        deploy().run().expect(0);
    }

    /** Who may sign is what the plan was compared with, and not what the file says a moment later. */
    @Test
    void whoMaySignIsReadOnce() throws Exception {
        Path ada = key("ada");
        key("bola");
        Path eve = key("eve");
        write(folder.resolve("avdaily.yaml"), "environments: {production: {signers: signers}}\n");
        allowed("ada {ada}\nbola {bola}");
        plan("--sign-with", ada.toString());
        deploy().run().expect(21, "has 0 approvals");
        allowed("ada {ada}\neve {eve}");
        as("eve", "approve", "plan.json", "--sign-with", eve.toString()).run().expect(0);
        allowed("ada {ada}\nbola {bola}");
        try (Connection c = TestServer.connect(db)) {
            c.setAutoCommit(false);
            Database.run(c, "LOCK TABLE avdaily_ops.deployment IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Run> deployment = CompletableFuture.supplyAsync(() -> deploy().run());
            Await.session(db, "wait_event_type = 'Lock'");
            allowed("ada {ada}\neve {eve}");
            c.commit();
            deployment.join().expect(21, "not signed by anybody");
        }
    }

    // -- secrets

    @Test
    void hooksGetWhatIsHarmlessOrNamed() throws IOException {
        write(
                folder.resolve("avdaily.yaml"),
                "environments: {production: {hooks: {before: env > seen, variables: [NOTIFY_URL]}}}\n");
        plan();
        as("bola", "approve", "plan.json")
                .with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team")
                .run()
                .expect(0);
        deploy().with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team")
                .with("GITHUB_TOKEN", "t0ken-of-ci")
                .with("AWS_SECRET_ACCESS_KEY", "s3cret-of-aws")
                .with("PGPASSWORD", "another-passw0rd")
                .with("PGPASSFILE", "passwords")
                .with("NOTIFY_URL", "https://chat.example/x")
                .run()
                .expect(0);
        String seen = Files.readString(folder.resolve("seen"));
        for (String word : List.of(
                "AVDAILY_ENV=production",
                "AVDAILY_HOOK=before",
                "DATABASE_URL=",
                "PATH=",
                "NOTIFY_URL=",
                "PGPASSFILE=/"))
            assertTrue(seen.contains(word), word + " is not in:\n" + seen);
        for (String secret : List.of("k3y-of-the-team", "t0ken-of-ci", "s3cret-of-aws", "another-passw0rd", "\nDB_"))
            assertFalse(seen.contains(secret), secret + " is in:\n" + seen);
        for (String name : List.of("DB_DEPLOY_APPROVAL_KEY", "DB_*", "D*", "*")) {
            write(
                    folder.resolve("avdaily.yaml"),
                    "environments: {production: {hooks: {before: env, variables: '" + name + "'}}}\n");
            as("ada", "production", "--dry-run").run().expect(2, "no hook gets " + name);
        }
    }

    @Test
    void aPlanIsBoundToWhatWasRead() throws IOException {
        write(folder.resolve("switch.sh"), "echo on\n");
        write(folder.resolve("hooks/warm"), "echo warm\n");
        write(folder.resolve("hooks/hot"), "#!/bin/sh\n");
        write(folder.resolve("check.sql"), "SELECT 1;\n");
        write(folder.resolve("Makefile"), "all:\n\t@echo made\n");
        write(folder.resolve("state.txt"), "old\n");
        write(folder.resolve("accepted.yaml"), "[]\n");
        write(folder.resolve("migrations/lint.ignore"), "# nothing\n");
        write(folder.resolve("migrations/V2__harmless.sql.conf"), "executeInTransaction=true\n");
        write(
                folder.resolve("avdaily.yaml"),
                """
                environments:
                  production:
                    accepted: accepted.yaml
                    hooks:
                      before: [sh switch.sh > state.txt, sh -e hooks/warm, make all]
                      after: [echo hooks/hot < check.sql, cat state.txt]
                """);
        plan();
        String line = "policy    hook file switch.sh " + Sha256.of("echo on\n"); // whole: two can begin alike
        write(folder.resolve("switch.sh"), "echo off\n");
        as("bola", "approve", "plan.json").run().expect(0).says(line + " is NOT in your working copy");
        write(folder.resolve("switch.sh"), "echo on\n");
        as("bola", "approve", "plan.json").run().expect(0).says(line + "\n");
        for (String name : List.of(
                "switch.sh",
                "hooks/warm",
                "hooks/hot",
                "check.sql",
                "Makefile",
                "accepted.yaml",
                "migrations/lint.ignore",
                "migrations/V2__harmless.sql.conf")) {
            Path changed = folder.resolve(name);
            String before = Files.readString(changed);
            Files.writeString(changed, before + "\n");
            deploy().run().expect(21, "no longer matches", changed.getFileName().toString());
            Files.writeString(changed, before);
        }
        deploy().run().expect(0);
    }

    @Test
    void whatRunsIsWhatWasReadAlsoIfTheFilesChangeMeanwhile() {
        write(folder.resolve("smoke.yaml"), "- {name: b is there, query: SELECT count(*) = 0 FROM b}\n");
        write(
                folder.resolve("avdaily.yaml"),
                """
                environments:
                  production:
                    smoke: smoke.yaml
                    hooks:
                      before: "echo 'CREATE TABLE evil (id int);' > migrations/V2__harmless.sql; echo '[]' > smoke.yaml"
                """);
        plan();
        as("bola", "approve", "plan.json").run().expect(0);
        deploy().run().expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('evil')"));
        assertEquals("b", value(db, "SELECT to_regclass('b')"));
    }

    @Test
    void whatIsCheckedIsTheRuleThatWasApproved() {
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                  - id: no-b
                    category: business
                    severity: critical
                    quick: true
                    means: Nobody has a b.
                    tables: [b]
                    query: SELECT 1 AS id
                    key: [id]
                """);
        write(
                folder.resolve("avdaily.yaml"),
                """
                rules: rules.yaml
                environments: {production: {hooks: {before: "echo 'rules: []' > rules.yaml"}}}
                """);
        plan();
        as("bola", "approve", "plan.json").run().expect(0).says("rules rules.yaml");
        deploy().run().expect(22, "no-b (1 row)", "old and whole");
    }

    @Test
    void aHooksProgramThatChangesMeanwhileDoesNotRun() {
        write(folder.resolve("switch.sh"), "echo on\n");
        write(
                folder.resolve("avdaily.yaml"),
                "environments: {production: {hooks: {before: echo 'touch evil' > switch.sh, after: sh switch.sh}}}\n");
        plan();
        as("bola", "approve", "plan.json").run().expect(0);
        deploy().run().expect(21, "the hook's file switch.sh was changed", "old and whole");
        assertFalse(Files.exists(folder.resolve("evil")));
    }
}
