import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Out;
import avdaily.base.Settings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One Java machine on one {@link Terminal} for many commands, one after the other: each start of one takes seconds. */
final class SharedTerminal implements AutoCloseable {
    private static final Pattern END = Pattern.compile("\\[exit (\\d+)\\]");
    private static final int PAUSE_MS = 10;

    private final Path orders = TestServer.temporary("orders");
    private final Terminal terminal;
    private int order;
    private int from;

    /** Starts it, or skips the test if no program makes a terminal. */
    SharedTerminal() throws IOException {
        terminal = new Terminal(new ScriptTest.Command(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SharedTerminal.class.getName(),
                        orders.toString()))
                .in(ScriptTest.PROJECT));
    }

    /** Begins with a command; the one before has ended. */
    void start(ScriptTest.Command command) throws IOException {
        from = terminal.screen().length();
        Path file = orders.resolve("part");
        new ObjectMapper().writeValue(file.toFile(), command.order());
        Files.move(file, orders.resolve(String.valueOf(order++)));
    }

    /** Waits until the command has shown this regular expression, and types the answer. */
    void answer(String question, String keys) throws IOException {
        Await.until(
                () -> screen().matches("(?s).*(" + question + ").*")
                        || END.matcher(screen()).find(),
                question);
        assertTrue(!END.matcher(screen()).find(), this::screen);
        terminal.type(keys);
    }

    /** Waits for the end and returns the exit code. */
    int exitCode() {
        Await.until(() -> END.matcher(screen()).find(), "the end of the command");
        Matcher end = END.matcher(screen());
        assertTrue(end.find());
        return Integer.parseInt(end.group(1));
    }

    /** What the command showed. */
    String screen() {
        String all = terminal.screen();
        return all.substring(Math.min(from, all.length()));
    }

    @Override
    public void close() {
        terminal.close();
    }

    // -- on the terminal

    /** Carries out the orders of a folder until it is ended. */
    public static void main(String... args) throws Exception {
        LogManager.getLogManager().reset();
        for (int i = 0; ; i++) {
            Path file = Path.of(args[0], String.valueOf(i));
            while (!Files.exists(file)) Thread.sleep(PAUSE_MS);
            JsonNode order = new ObjectMapper().readTree(file.toFile());
            List<String> words = new ArrayList<>();
            order.get("arguments").forEach(word -> words.add(word.asText()));
            Map<String, String> variables = new HashMap<>();
            order.get("variables")
                    .properties()
                    .forEach(one -> variables.put(one.getKey(), one.getValue().asText()));
            int code = Script.run(
                    ScriptTest.script(order.get("script").asText()),
                    Out.ofProcess(words, false, () -> System.exit(1)),
                    new Settings(variables, Path.of(order.get("folder").asText())),
                    words.toArray(String[]::new));
            System.out.println("[exit " + code + "]");
        }
    }
}
