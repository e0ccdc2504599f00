import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code completion} prints works in a real bash, a real zsh and a real fish. */
class CompletionTest extends ScriptTest {
    private static final List<String> SCRIPTS =
            List.of("backup", "db", "deploy", "integrity", "migrate", "monitor", "restore", "seed", "studio");

    private final Path folder = TestServer.temporary("completion");

    /** Asks bash as the Tab key does; the last word is the one that is begun. */
    private List<String> proposed(String script, String... words) throws IOException {
        String line = String.join(" ", words);
        Path asks = folder.resolve("ask.sh");
        Files.writeString(
                asks,
                """
                source ./%1$s || exit
                compopt() { :; } # speaks to the Tab key alone
                COMP_WORDS=(avdaily-%1$s %2$s)
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
                function=$(complete -p avdaily-%1$s | sed 's/.*-F \\([^ ]*\\).*/\\1/')
                "$function" "avdaily-%1$s" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%%s\\n' "${COMPREPLY[@]}"
                """
                        .formatted(script, line));
        Run run = new Command(List.of("bash", asks.toString())).in(folder).run().expect(0);
        assertEquals("", run.err());
        return run.out().lines().filter(word -> !word.isEmpty()).toList();
    }

    @Test
    void bashProposesCommandsOptionsAndValues() throws IOException {
        for (String script : SCRIPTS) {
            Run run = command(script, "completion", "bash").run().expect(0);
            assertEquals("", run.err());
            assertFalse(run.out().contains("jbang"), "commands are called by their own names");
            Files.writeString(folder.resolve(script), run.out());
            assertTrue(proposed(script, "--verb").contains("--verbose"), script);
        }
        assertEquals(List.of("rollback"), proposed("migrate", "rol"));
        assertEquals(List.of("--lock-attempts"), proposed("migrate", "up", "--lock"));
        assertEquals(List.of("staging"), proposed("migrate", "up", "--env", "st"));
        assertEquals(List.of("prometheus"), proposed("monitor", "--format", "pro"));
        Files.createDirectories(folder.resolve("migrations-of-shop"));
        assertEquals(List.of("migrations-of-shop"), proposed("migrate", "up", "--migrations", "migrations-o"));
    }

    @Test
    void zshReadsTheSame() {
        assertEquals(
                command("seed", "completion", "bash").run().expect(0).out(),
                command("seed", "completion", "zsh").run().expect(0).out());
    }

    /** A terminal with a zsh that reads its startup file, and keys as a user types them. */
    @Test
    void theTabKeyOfZshProposesThem() throws Exception {
        needs("zsh");
        write(folder.resolve("script"), command("migrate", "completion", "zsh").run().out());
        write(
                folder.resolve(".zshrc"),
                """
                PS1='> '
                autoload -U compinit && compinit -u -D
                source ./script
                avdaily-migrate() { print -r -- "ran:$*." }
                print rea''dy
                """);
        Command zsh = new Command(List.of("zsh", "-i")).in(folder).with("ZDOTDIR", folder.toString());
        try (Terminal terminal = new Terminal(zsh)) {
            terminal.answer("ready", "avdaily-migrate rol\t\r");
            terminal.answer("ran:rollback\\.", "avdaily-migrate up --lock\t\r");
            terminal.answer("ran:up --lock-attempts\\.", "avdaily-migrate up --env st\t\r");
            terminal.answer("ran:up --env staging\\.", "exit\r");
            assertEquals(0, terminal.exitCode());
        }
    }

    /** What fish proposes for a line, whose last word is the one that is begun, without the descriptions. */
    private List<String> proposedByFish(String line) {
        return fish("source ./" + line.replaceFirst("avdaily-(\\w+) .*", "$1") + ".fish; complete -C '" + line + "'")
                .lines()
                .map(proposal -> proposal.replaceFirst("\t.*", ""))
                .toList();
    }

    private String fish(String... words) {
        List<String> all = new ArrayList<>(List.of("fish", "--no-config"));
        all.addAll(words.length == 1 ? List.of("-c", words[0]) : List.of(words));
        Run run = new Command(all).in(folder).with("HOME", folder.toString()).run().expect(0);
        assertEquals("", run.err());
        return run.out();
    }

    @Test
    void fishProposesCommandsOptionsValuesAndFiles() {
        needs("fish");
        for (String script : SCRIPTS) {
            Run run = command(script, "completion", "fish").run().expect(0);
            assertEquals("", run.err());
            write(folder.resolve(script + ".fish"), run.out());
            fish("-n", script + ".fish");
            assertTrue(proposedByFish("avdaily-" + script + " --verb").contains("--verbose"), script);
        }
        assertEquals(List.of("rollback"), proposedByFish("avdaily-migrate rol"));
        assertEquals(List.of(), proposedByFish("avdaily-migrate up rol"), "a command stands there already");
        assertEquals(List.of("--lock-attempts"), proposedByFish("avdaily-migrate up --lock"));
        assertEquals(List.of("staging"), proposedByFish("avdaily-migrate up --env st"));
        assertEquals(List.of("production"), proposedByFish("avdaily-deploy prod"));
        assertEquals(List.of("prometheus"), proposedByFish("avdaily-monitor --format pro"));
        write(folder.resolve("shop-files/V1__shop.sql"), "");
        assertEquals(List.of("shop-files/"), proposedByFish("avdaily-migrate up --migrations shop-f"));
        assertEquals(List.of("shop-files/"), proposedByFish("avdaily-restore shop-f"));
        assertEquals(List.of(), proposedByFish("avdaily-migrate shop-f"), "no command takes a file there");
    }

    @Test
    void anotherShellIsRefused() {
        command("seed", "completion", "tcsh").run().expect(2, "tcsh", "bash, zsh, fish");
        command("seed", "completion").run().expect(2, "one shell", "completion bash");
    }
}
