import avdaily.db.Login;
import java.util.concurrent.CompletableFuture;

/** Loads on another core what a run will need, while this core reads the command line and waits for the server. */
interface Preloading {
    /** Loads what this script's runs need besides the way to the database. */
    void preload();

    /** Begins, if the words name work to do. */
    static void begin(Script root, String... words) {
        if (!NamedCommands.areWork(words)) return;
        CompletableFuture.runAsync(() -> {
            Login.preload();
            if (root instanceof Preloading script) script.preload();
        });
    }
}
