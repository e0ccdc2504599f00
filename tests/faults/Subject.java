import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * A command that writes.
 *
 * @param start makes the database and the folder that the command finds
 * @param words the command line
 * @param work what is done in place of a command line; null if that is what is done
 * @param stops commands whose results, one after another, are whole states between old and new
 * @param between recognises other states in which the command may be left; the first argument is the new state
 */
record Subject(
        String name,
        Start start,
        Words words,
        Work work,
        List<Words> stops,
        BiPredicate<State, State> between) {
    /** Makes what is there before. */
    @FunctionalInterface
    interface Start {
        void make(DatabaseUrl db, Path folder);
    }

    /** A command line, script first. */
    @FunctionalInterface
    interface Words {
        List<String> of(DatabaseUrl db, Path folder);
    }

    /** Work on a database in this process. */
    @FunctionalInterface
    interface Work {
        ScriptTest.Run on(DatabaseUrl db);
    }

    Subject(String name, Start start, String... words) {
        this(name, start, (db, folder) -> List.of(words), null, List.of(), (after, state) -> false);
    }

    Subject(String name, Start start, Work work) {
        this(name, start, null, work, List.of(), (after, state) -> false);
    }

    Subject withWords(Words words) {
        return new Subject(name, start, words, work, stops, between);
    }

    Subject stoppingAt(Words... stops) {
        return new Subject(name, start, words, work, List.of(stops), between);
    }

    Subject leaving(BiPredicate<State, State> between) {
        return new Subject(name, start, words, work, stops, between);
    }

    static ScriptTest.Command command(Words words, DatabaseUrl db, Path folder) {
        List<String> line = words.of(db, folder);
        ScriptTest.Command command = ScriptTest.command(
                        db, line.get(0), line.subList(1, line.size()).toArray(String[]::new))
                .in(folder);
        Map.of(
                        "BACKUP_DIR", folder.resolve("backups").toString(),
                        "AVDAILY_MIGRATIONS", folder.resolve("migrations").toString(),
                        "DB_RESTORE_CONFIRM", "1")
                .forEach(command::with);
        return command;
    }
}
