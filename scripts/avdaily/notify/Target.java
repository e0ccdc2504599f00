package avdaily.notify;

import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One of those who are told, as {@code notify} in avdaily.yaml lists them. */
abstract class Target {
    /** Which ends of a job are told. */
    enum When {
        FAILURE,
        ALWAYS
    }

    /** What the variables begin with that open gates or the database. */
    private static final List<String> FORBIDDEN = List.of("DB_", "PG", "DATABASE_URL");

    private final Set<Job> jobs;
    private final When when;

    Target(Set<Job> jobs, When when) {
        this.jobs = jobs;
        this.when = when;
    }

    /** @throws Failure (2) naming file and line of a mistake */
    static Target read(StrictYaml map, Path folder, Settings settings) {
        Set<Job> jobs = map.words("for", Job.class)
                .<Set<Job>>map(words -> words.isEmpty() ? Set.of() : EnumSet.copyOf(words))
                .orElse(EnumSet.allOf(Job.class));
        When when = map.word("when", When.class).orElse(When.FAILURE);
        Trust trust = new Trust(settings);
        Map<String, Function<List<String>, Target>> kinds = Map.of(
                "slack", words -> WebTarget.slack(jobs, when, only(map, "slack", words), trust),
                "webhook", words -> WebTarget.webhook(jobs, when, only(map, "webhook", words), trust),
                "ping", words -> WebTarget.ping(jobs, only(map, "ping", words), trust),
                "command", words -> new CommandTarget(jobs, when, words, variables(map), folder, trust));
        List<String> given = kinds.keySet().stream().filter(map::has).sorted().toList();
        if (given.size() != 1)
            throw map.mistake(
                    given.isEmpty() ? "for" : given.get(1),
                    given.isEmpty() ? "nobody is named here" : "two are named here: " + String.join(" and ", given),
                    "name one of slack, webhook, ping and command; begin the next one with '- '.");
        List<String> words = map.texts(given.get(0)).orElse(List.of());
        if (words.isEmpty()) throw map.mistake(given.get(0), given.get(0) + " is empty", "say whom to tell.");
        Target target = kinds.get(given.get(0)).apply(words);
        map.done();
        return target;
    }

    private static String only(StrictYaml map, String key, List<String> words) {
        String text = words.get(0);
        if (words.size() == 1 && (Trust.isVariable(text) || WebTarget.isAddress(text))) return text;
        throw map.mistake(
                key,
                "the value of '" + key + "' is no address",
                "write http(s)://..., or $NAME for the variable that holds it.");
    }

    private static List<String> variables(StrictYaml map) {
        List<String> names = map.texts("variables").orElse(List.of());
        for (String name : names)
            if (FORBIDDEN.stream().anyMatch(prefix -> covers(name.toUpperCase(Locale.ROOT), prefix)))
                throw map.mistake(
                        "variables",
                        "no notification gets " + name + ": it opens gates or the database",
                        "name what the command needs for itself.");
        return names;
    }

    /** Whether the name, in which a star at the end stands for any letters, is one that begins so. */
    private static boolean covers(String name, String prefix) {
        return name.startsWith(prefix) || name.endsWith("*") && prefix.startsWith(name.substring(0, name.length() - 1));
    }

    boolean isFor(Job job) {
        return jobs.contains(job);
    }

    /** Whether it is told of this one; {@code last} is how the job ended before, within the same run. */
    boolean wants(Notice notice, Optional<Notice.Outcome> last) {
        if (notice.outcome() == Notice.Outcome.STARTED) return false;
        boolean isNews = !last.equals(Optional.of(notice.outcome()));
        boolean isRecovery = last.filter(Notice.Outcome.FAILED::equals).isPresent();
        return isNews && (when == When.ALWAYS || isRecovery || notice.outcome() == Notice.Outcome.FAILED);
    }

    /** What the trial sends, in this order. */
    List<Notice.Outcome> trial() {
        return List.of(Notice.Outcome.FAILED);
    }

    /** Delivers it, within seconds. */
    abstract void tell(Notice notice) throws Trust.Undelivered;

    /** As people call it, without what is secret. */
    @Override
    public abstract String toString();
}
