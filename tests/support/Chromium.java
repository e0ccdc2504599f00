import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium of this machine without a window. It tells what a person would see, and what axe says of it. */
final class Chromium implements AutoCloseable {
    /** How much of a page axe looks at. */
    enum Rules {
        ALL("{resultTypes: ['violations']}"),
        COLOURS("{resultTypes: ['violations'], runOnly: ['color-contrast']}");

        private final String options;

        Rules(String options) {
            this.options = options;
        }
    }

    private static final String AXE = axe();
    private static final String LOOK =
            """
            const done = arguments[0];
            axe.run(%s).then(result => done(result.violations
              .filter(found => ['serious', 'critical'].includes(found.impact))
              .map(found => found.id + ': ' + found.nodes.map(node => node.html.slice(0, 200)).join(' | '))));
            """;

    private final ChromeDriver driver;

    private Chromium(File browser, File chromedriver) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser);
        options.addArguments(
                "--headless=new",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--no-proxy-server",
                "--no-sandbox", // it refuses to run as root with one
                "--hide-scrollbars",
                "--user-data-dir=" + TestServer.temporary("chromium"));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(chromedriver)
                        .usingAnyFreePort()
                        .withSilent(true)
                        .build(),
                options);
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
    }

    /** Starts it; nothing if this machine has none. */
    static Optional<Chromium> start() {
        return program("chromium")
                .flatMap(browser -> program("chromedriver").map(chromedriver -> new Chromium(browser, chromedriver)));
    }

    private static Optional<File> program(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> new File(folder, name))
                .filter(File::canExecute)
                .findFirst();
    }

    private static String axe() {
        Properties pinned = new Properties();
        try (InputStream in = resource("/META-INF/maven/org.webjars.npm/axe-core/pom.properties")) {
            pinned.load(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        String file = "/META-INF/resources/webjars/axe-core/" + pinned.getProperty("version") + "/axe.min.js";
        try (InputStream in = resource(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(Chromium.class.getResourceAsStream(name), name);
    }

    /** Opens a page, which must be there. */
    void open(String address) {
        driver.get(address);
        assertEquals(
                200L,
                driver.executeScript("return performance.getEntriesByType('navigation')[0].responseStatus"),
                address);
    }

    /** The width of the window, and whether the person prefers light pages or dark ones. */
    void see(int width, String scheme) {
        Map<String, Object> size = Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500);
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", size);
        List<Map<String, String>> features = List.of(Map.of("name", "prefers-color-scheme", "value", scheme));
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
    }

    /** By how many pixels the page is wider than the window. */
    long overflow() {
        return (Long) driver.executeScript("const page = document.documentElement;"
                + " return Math.max(page.scrollWidth, document.body.scrollWidth) - page.clientWidth");
    }

    /** What axe finds that keeps people out. */
    List<?> barriers(Rules rules) {
        if (!(Boolean) driver.executeScript("return 'axe' in window"))
            driver.executeScript(AXE + "; window.axe = axe;");
        return (List<?>) driver.executeAsyncScript(LOOK.formatted(rules.options));
    }

    /** What the console says since it was asked last. */
    List<String> console() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(entry -> entry.getLevel() + " " + entry.getMessage())
                .toList();
    }

    Object run(String script) {
        return driver.executeScript(script);
    }

    /** A picture of the page from its top, of at most so many pixels. */
    void picture(Path file, int width, long height) throws IOException {
        Map<String, Object> clip = Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
        Map<String, Object> picture = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
        Files.write(file, Base64.getDecoder().decode((String) picture.get("data")));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
