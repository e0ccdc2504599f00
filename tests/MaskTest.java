import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is personal is found by the names of columns and by the form of values, and what is not decided is listed. */
class MaskTest extends ScriptTest {
    /** Columns that are personal whatever is in them. */
    private static final List<String> PERSONAL = List.of(
            "telephone",
            "tel",
            "fax",
            "fax_number",
            "cell",
            "cellphone",
            "phone1",
            "phone_1",
            "work_phone_ext",
            "contact_no",
            "homephone",
            "phone_home",
            "first name",
            "last name",
            "firstName",
            "fname",
            "lname",
            "display_name",
            "login",
            "date of birth",
            "birth_year",
            "address1",
            "address_line1",
            "address_line_1",
            "addr",
            "street1",
            "city",
            "postal_code",
            "zipcode",
            "zip_code",
            "social_security_number",
            "bank_account",
            "credit_card",
            "card_no",
            "drivers_license",
            "license_plate",
            "photo_url",
            "author",
            "customer_name",
            "ship_name",
            "contact",
            "telefon",
            "vat_id",
            "tax_number",
            "ip_address",
            "e-mail",
            "vorname",
            "nachname",
            "geburtsdatum",
            "handy",
            "emergency_contact",
            "spouse",
            "twitter_handle",
            "linkedin_url",
            "recipient",
            "cc_number",
            "house_number",
            "aadhaar",
            "cpf",
            "imei");
    /** Columns that open accounts. */
    private static final List<String> SECRET = List.of(
            "pass",
            "hashed_pw",
            "auth_key",
            "session_key",
            "jwt",
            "remember_me_digest",
            "security_answer",
            "cvv",
            "pincode",
            "confirmation_code",
            "apiKey",
            "seed_phrase",
            "magic_link");
    /** What is found by its form, within a text, a document and an array. */
    private static final List<String> FORMS = List.of(
            "020 7946 0958",
            "+44 20 7946 0958",
            "+442079460958",
            "(5) 555-3745",
            "+55 (12) 3923-5566",
            "mia.sol@post.example",
            "4111 1111 1111 1111",
            "DE89 3704 0044 0532 0130 00",
            "GB82WEST12345698765432",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "AKIAIOSFODNN7EXAMPLE",
            "203.0.113.77",
            "2a02:8070::41b2",
            "fe80:0:0:0:a00:27ff:fe4e:66a1",
            "3c:07:54:6a:11:9f",
            "219-09-9999",
            "48.85837, 2.294481",
            "postgres://mia:s3cr3t@localhost/x",
            "Bearer qwEr12ty34UI56op78",
            "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBg-----END PRIVATE KEY-----");
    /** Texts that are nobody's, and stay. */
    private static final String INNOCENT =
            "order 2026-01-31 10:00, 1234 5678 9012 3456, version 10.2.3, price 12.50, ISBN 978-3-16-148410-0";

    @Test
    void whatIsPlantedIsNotFoundAgain() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Map<String, String> planted = new LinkedHashMap<>();
        for (String column : PERSONAL) planted.put(column, "Zora Quist " + planted.size() + "x");
        for (String column : SECRET) planted.put(column, "Hidden" + planted.size() + "y");
        String columns = planted.keySet().stream()
                .map(column -> "\"" + column + "\" text")
                .collect(Collectors.joining(", "));
        String values =
                planted.values().stream().map(value -> "'" + value + "'").collect(Collectors.joining(", "));
        execute(
                db,
                "CREATE TABLE person (k int PRIMARY KEY, " + columns + ", latitude double precision, birth_day date)",
                "INSERT INTO person VALUES (1, " + values + ", 48.858222, '1984-07-23')",
                "CREATE TABLE remark (k int PRIMARY KEY, words text, doc jsonb, list text[], plain text, colour text)");
        for (int i = 0; i < FORMS.size(); i++)
            execute(
                    db,
                    "INSERT INTO remark VALUES (%d, 'call %s now', '{\"x\": [\"%2$s\"]}', '{\"%2$s\"}', '%s', 'red')"
                            .formatted(i, FORMS.get(i), INNOCENT));
        Path manifest = TestServer.temporary("manifest");
        write(manifest.resolve("seeds.yaml"), "tables: {remark: {public: [plain, colour]}}\n");
        Path folder = TestServer.temporary("export").resolve("out");
        Run refused = command(db, "seed", "export", "--strict", "--seeds", manifest.toString())
                .and("--out", folder.toString())
                .run()
                .expect(21, "remark.words (22 values), remark.doc (22 values), remark.list (22 values)", "public");
        assertFalse(refused.err().contains("person.") || refused.err().contains("colour"), refused.err());
        assertFalse(Files.exists(folder));
        write(manifest.resolve("seeds.yaml"), "tables: {remark: {public: [plain, colour, words, doc, list]}}\n");
        command(db, "seed", "export", "--strict", "--seeds", manifest.toString())
                .and("--out", folder.toString())
                .with("AVDAILY_HOME", TestServer.temporary("home").toString())
                .run()
                .expect(0);
        String people = Files.readString(folder.resolve("base/person.yaml"));
        for (String value : planted.values()) assertFalse(people.contains(value), value);
        for (String column : SECRET)
            assertFalse(people.contains(column + "\":") || people.contains(column + ":"), column);
        assertFalse(people.contains("48.85") || people.contains("07-23"), people);
        String remarks = Files.readString(folder.resolve("base/remark.yaml"));
        for (String form : FORMS) assertFalse(remarks.contains(form), form);
        assertEquals(FORMS.size(), remarks.split(Pattern.quote(INNOCENT), -1).length - 1, remarks);
        for (String alike :
                List.of("\"call 000 ", "call +44 0", "call +440", "(0) 0", "call DE00 ", "198.18.1", "2001:db8::"))
            assertTrue(remarks.contains(alike) || remarks.contains(alike.substring(1)), alike);
    }

    /** Fewer names than people: who comes later gets a number beside the name. */
    @Test
    void aLocaleGivesNamesThatAreDifferentForDifferentPeople() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE person (k int PRIMARY KEY, first_name text, surname varchar(12) UNIQUE, name text,"
                        + " city text, author bigint)");
        execute(
                db,
                "INSERT INTO person SELECT n, 'Xq' || n % 9, 'Quist' || n, 'Xq Quist' || n, 'Quisttown', 7"
                        + " FROM generate_series(1, 2500) n");
        Path manifest = TestServer.temporary("manifest");
        write(manifest.resolve("seeds.yaml"), "locale: de\n");
        String home = TestServer.temporary("home").toString();
        Path folder = TestServer.temporary("export");
        for (String out : List.of("one", "two"))
            command(db, "seed", "export", "--seeds", manifest.toString())
                    .and("--out", folder.resolve(out).toString())
                    .with("AVDAILY_HOME", home)
                    .run()
                    .expect(0);
        String rows = Files.readString(folder.resolve("one/base/person.yaml"));
        assertEquals(rows, Files.readString(folder.resolve("two/base/person.yaml")));
        for (String word : List.of("Quist", "Xq", "Person ")) assertFalse(rows.contains(word), word);
        assertEquals(9, values(rows, "first_name").size(), rows);
        assertEquals(2500, values(rows, "surname").size());
        assertEquals(2500, values(rows, "name").size());
        assertTrue(values(rows, "surname").stream().allMatch(name -> name.length() <= 12), rows);
        assertTrue(values(rows, "name").stream().anyMatch(name -> name.matches("\\p{Lu}\\p{L}+ \\p{Lu}\\p{L}+")), rows);
        assertEquals(Set.of("7"), values(rows, "author"), "what leads to a row is no name");
        write(manifest.resolve("seeds.yaml"), "locale: tlh\n");
        command(db, "seed", "export", "--seeds", manifest.toString())
                .and("--out", folder.resolve("three").toString())
                .run()
                .expect(2, "nobody knows the names of the locale 'tlh'", "pt-BR");
    }

    private static Set<String> values(String rows, String field) {
        return Pattern.compile("(?m)^  " + field + ": \"?(.*?)\"?$")
                .matcher(rows)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    /** Patterns that try every way would take longer than anybody waits. */
    @Test
    void namesAndTextsOfAnyLengthAreReadOnce() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE big (k int PRIMARY KEY, tel" + "1".repeat(58) + "x text, words text, doc jsonb)",
                "INSERT INTO big VALUES (1, 'a', repeat('a', 1000000) || ' mia.sol@post.example',"
                        + " jsonb_build_object(repeat('_a', 100000), 'b'))");
        Path folder = TestServer.temporary("export").resolve("out");
        command(db, "seed", "export", "--out", folder.toString())
                .with("AVDAILY_HOME", TestServer.temporary("home").toString())
                .run()
                .expect(0);
        String rows = Files.readString(folder.resolve("base/big.yaml"));
        assertTrue(rows.contains("a".repeat(1000)), "the text is there");
        assertFalse(rows.contains("mia.sol"), "its address is masked");
    }

    @Test
    void whatIsNotMaskedIsListed() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE note (k int PRIMARY KEY, email text, hobby text)");
        execute(db, "INSERT INTO note VALUES (1, 'a@x.test', 'chess'), (2, 'b@x.test', NULL)");
        Run run = command(
                        db,
                        "seed",
                        "export",
                        "--out",
                        TestServer.temporary("e").resolve("out").toString())
                .with("AVDAILY_HOME", TestServer.temporary("home").toString())
                .run()
                .expect(0);
        assertTrue(run.err().contains("note.hobby (1 value)."), run.err());
        assertFalse(run.out().contains("personal data masked"), run.out());
    }
}
