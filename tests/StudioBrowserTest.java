import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The studio's pages in a real browser, for eyes and for screen readers, on a telephone and on a wall, by day and by
 * night. {@code TEST_PICTURES=FOLDER} keeps a picture of each.
 */
class StudioBrowserTest extends StudioVisits {
    private static final Path PICTURE = PROJECT.resolve("docs/studio.png");
    private static final long MOST_BYTES = 200_000;
    private static final Optional<Path> PICTURES =
            Optional.ofNullable(System.getenv("TEST_PICTURES")).map(Path::of);
    /** The kinds of pages that axe has looked at. */
    private static final Set<String> JUDGED = new TreeSet<>();

    private static Optional<Chromium> started = Optional.empty();

    /** Eyes see a page on a desk and on a telephone, those of the first of its kind also on a wall. */
    private enum Judges {
        EYES,
        EYES_AND_AXE
    }

    private Chromium chromium;

    @BeforeEach
    void start() {
        if (started.isEmpty()) started = Chromium.start();
        Assumptions.assumeTrue(
                started.isPresent(), "here is no chromium with its chromedriver: apt-get install chromium-driver");
        chromium = started.get();
    }

    @AfterAll
    static void end() {
        started.ifPresent(Chromium::close);
    }

    @Test
    void theDemo() throws Exception {
        DatabaseUrl db = migrated();
        run(db, "seed", "demo", "--yes").expect(0);
        try (Browsing studio = looked(new Browsing(db))) {
            look(studio, "demo", "(?!)");
        }
    }

    @Test
    void aShopOfSomebodyElse() throws Exception {
        DatabaseUrl shop = StudioTest.shopWithMore();
        try (Browsing studio = looked(new Browsing(shop))) {
            look(studio, "shop", "(?!)");
        }
        Path report = TestServer.temporary("report").resolve("report.html");
        run(shop, "integrity", "report", "--out", report.toString());
        look(report.toUri().toString(), "report", Judges.EYES_AND_AXE);
    }

    @Test
    void namesAndValuesThatAreScripts() throws Exception {
        try (Browsing studio = looked(new Browsing(StudioTest.evilNames()))) {
            look(studio, "evil", "(?!)");
        }
    }

    /** Traps that go off where a superuser is careless; StudioTest visits the same pages without a browser. */
    @Test
    @LongForm
    void aHostileDatabase() throws Exception {
        HostileDatabase hostile = HostileDatabase.ofItsOwner().withForgedOps();
        try (Browsing studio = looked(new Browsing(hostile.asSuperuser(), Map.of("AVDAILY_ENV", "development")))) {
            look(studio, "hostile", ".*schema=evil&table=(?!pg_class$).*");
        }
        assertEquals(Set.of(), hostile.fired());
    }

    /** The manual shows what this studio draws; TEST_RENEW=1 takes its picture anew. */
    @Test
    void thePictureOfTheManualIsSmallAndOfThisStudio() throws Exception {
        Path taken = TestServer.temporary("picture").resolve("studio.png");
        try (Browsing studio = new Browsing(migrated())) {
            chromium.see(1180, "light");
            chromium.open(studio.first);
            chromium.open(studio.base + "diagram?schema=public&table=group_members&depth=1&detail=all");
            chromium.run("document.querySelector('.where').remove()");
            chromium.picture(taken, 1180, 650);
        }
        assertTrue(Files.size(taken) < MOST_BYTES, "the picture has " + Files.size(taken) + " bytes");
        if ("1".equals(System.getenv("TEST_RENEW"))) Files.copy(taken, PICTURE, StandardCopyOption.REPLACE_EXISTING);
        for (String page : List.of("README.md", "docs/studio.md"))
            assertTrue(Files.readString(PROJECT.resolve(page)).contains("studio.png)"), page);
        assertTrue(Files.size(PICTURE) < MOST_BYTES);
    }

    /** The monitor has looked at its database, so that the first page has all that it can have. */
    private Browsing looked(Browsing studio) throws Exception {
        studio.enter();
        studio.post("look", studio.get("").key()).expect(303);
        Await.until(() -> !studio.get("").text().contains("comes again"), "the monitor's look");
        chromium.see(1280, "light");
        chromium.open(studio.announced.get());
        return studio;
    }

    /** Looks at one page of each kind, axe at the first of them; in the long form at each that a link leads to. */
    private void look(Browsing studio, String name, String passedOver) throws Exception {
        Map<String, Answer> pages = LongForm.IS_ASKED_FOR
                ? studio.everything(passedOver)
                : studio.everything(passedOver + "|.*&sort=.*|diagram\\..*|data\\.csv.*", StudioBrowserTest::kind);
        pages.values()
                .removeIf(answer ->
                        !answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html"));
        int number = 0;
        for (String page : pages.keySet()) {
            boolean isJudged = JUDGED.add(kind(page)) || LongForm.IS_ASKED_FOR;
            look(studio.base + page, name + "-" + ++number, isJudged ? Judges.EYES_AND_AXE : Judges.EYES);
        }
        assertTrue(number > 8, pages.keySet().toString());
    }

    private static String kind(String page) {
        return page.replaceAll("=[^&]*|&(sort|order|f0|depth|detail).*", "");
    }

    private void look(String address, String name, Judges judges) throws Exception {
        chromium.see(1280, "light");
        chromium.open(address);
        narrow(address, name, 1280, "light");
        List<String> said = chromium.console();
        if (judges == Judges.EYES_AND_AXE) assertEquals(List.of(), chromium.barriers(Chromium.Rules.ALL), address);
        chromium.see(390, "dark");
        narrow(address, name, 390, "dark");
        if (judges == Judges.EYES_AND_AXE) assertEquals(List.of(), chromium.barriers(Chromium.Rules.COLOURS), address);
        if (judges == Judges.EYES_AND_AXE) {
            chromium.see(2560, "dark");
            narrow(address, name, 2560, "dark");
        }
        assertEquals(List.of(), said, address);
        chromium.console(); // axe has remarks of its own
    }

    /** What is wide scrolls by itself; the page does not. */
    private void narrow(String address, String name, int width, String scheme) throws Exception {
        assertEquals(0, chromium.overflow(), address + " at " + width);
        if (PICTURES.isPresent()) {
            Files.createDirectories(PICTURES.get());
            chromium.picture(PICTURES.get().resolve(name + "-" + width + "-" + scheme + ".png"), width, 2400);
        }
    }
}
