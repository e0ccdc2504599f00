package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.copy.CopyOut;

/** Where a database stands in its life; a later constant is a more dangerous place. */
public enum Environment {
    DEVELOPMENT("dev(elopment)?"),
    TESTING("test(ing)?"),
    DEMO("demo"),
    STAGING("stag(e|ing)"),
    PRODUCTION("prod(uction)?|live");

    /** Something that says which environment this is, and what said so. */
    public record Signal(Environment environment, String source) {
        @Override
        public String toString() {
            return source + " says " + environment;
        }
    }

    private static final String RECORD = "the database's own record (avdaily_ops.environment)";

    private final String words;

    Environment(String words) {
        this.words = words;
    }

    /** @throws IllegalArgumentException if the word names none, saying which there are */
    public static Environment parse(String word) {
        return find(word)
                .orElseThrow(() -> new IllegalArgumentException("'" + word
                        + "' is no environment; there are development, testing, staging, demo and production"));
    }

    private static Optional<Environment> find(String word) {
        return Arrays.stream(values())
                .filter(e -> word.toLowerCase(Locale.ROOT).matches(e.words))
                .findFirst();
    }

    /** What the process's own variables say, not those of a file: it decides which files are read. */
    public static Optional<Environment> ofProcess(Settings settings) {
        return settings.real("AVDAILY_ENV").or(() -> settings.real("NODE_ENV")).flatMap(Environment::find);
    }

    /** What the command line, if it is not null, and the variables say, in this order. */
    public static List<Signal> named(Environment commandLine, Settings settings) {
        return Stream.of(
                        Optional.ofNullable(commandLine).map(some -> new Signal(some, "the command line")),
                        inOurVariable(settings),
                        inNodeVariable(settings))
                .flatMap(Optional::stream)
                .toList();
    }

    static Optional<Signal> inOurVariable(Settings settings) {
        return settings.get("AVDAILY_ENV")
                .map(word -> new Signal(
                        find(word)
                                .orElseThrow(() -> Failure.usage(
                                        "AVDAILY_ENV is '" + word + "', which is no environment",
                                        "set it to development, testing, staging, demo or production, or unset it.")),
                        "AVDAILY_ENV"));
    }

    /** What NODE_ENV says, or nothing: it is other programs' too, and they know other words. */
    static Optional<Signal> inNodeVariable(Settings settings) {
        return settings.get("NODE_ENV").flatMap(Environment::find).map(found -> new Signal(found, "NODE_ENV"));
    }

    /**
     * What the database has written down about itself in a table that is there, or nothing.
     *
     * @throws Failure (21) if the role may not read it
     */
    static Optional<Signal> recorded(Connection c, String user) throws SQLException {
        try {
            return Optional.ofNullable(Database.one(c, "SELECT max(name) FROM avdaily_ops.environment", String.class))
                    .map(Environment::inRecord);
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            String role = Sql.quoted(user);
            throw Failure.refused(
                    "the role " + user
                            + " may not read avdaily_ops.environment, which says which environment this database is",
                    "have the owner run: GRANT USAGE ON SCHEMA avdaily_ops TO " + role
                            + "; GRANT SELECT ON ALL TABLES IN SCHEMA avdaily_ops TO " + role + ";");
        }
    }

    /**
     * What a record says that is not to be believed, for a command that only reads: better than nothing if nothing else
     * says. A plain COPY of a table runs nobody's code; where it would, the server refuses.
     */
    static List<Signal> heard(Connection c) throws SQLException {
        byte[] row;
        try {
            Database.run(c, "SET row_security = off");
            row = firstRow(c);
        } catch (SQLException e) {
            row = null;
        } finally {
            Database.run(c, "RESET row_security");
        }
        return row == null
                ? List.of()
                : find(new String(row, StandardCharsets.UTF_8).strip()).stream()
                        .map(some -> new Signal(some, RECORD))
                        .toList();
    }

    private static byte[] firstRow(Connection c) throws SQLException {
        try (OpenCopy<CopyOut> copy = OpenCopy.out(c, "COPY avdaily_ops.environment (name) TO STDOUT")) {
            byte[] row = copy.rows().readFromCopy();
            if (copy.rows().isActive()) copy.rows().readFromCopy(); // most often the end
            return row;
        }
    }

    private static Signal inRecord(String word) {
        return new Signal(
                find(word)
                        .orElseThrow(() -> Failure.refused(
                                RECORD + " is '" + word + "', which is no environment", "correct it there.")),
                RECORD);
    }

    /** What the host or the database's name gives away, or nothing. */
    public static Optional<Signal> inUrl(DatabaseUrl url) {
        return NameRules.inUrl(url);
    }

    /**
     * The one that an option, an argument, both or neither names; null if neither does.
     *
     * @throws Failure (2) if they name two
     */
    public static Environment oneOf(Environment option, Environment argument) {
        if (option != null && argument != null && option != argument)
            throw Failure.usage("two environments are named: " + argument + " and --env " + option, "name one.");
        return argument != null ? argument : option;
    }

    /**
     * Decides from all signals; the most dangerous one wins.
     *
     * @param named what people said, strongest first: the command line, AVDAILY_ENV, NODE_ENV
     * @param observed what the database says of itself (its record, its URL)
     * @throws Failure (21) where production is in doubt: one signal says production and another one denies it
     */
    public static Environment decide(List<Signal> named, List<Signal> observed) {
        Optional<Signal> seen = observed.stream()
                .filter(s -> s.environment == PRODUCTION)
                .findFirst()
                .or(() -> observed.stream().findFirst());
        if (named.isEmpty()) return seen.map(Signal::environment).orElse(DEVELOPMENT);
        Signal said = named.get(0);
        Optional<Signal> production = named.stream()
                .filter(s -> s.environment == PRODUCTION)
                .findFirst()
                .or(() -> seen.filter(s -> s.environment == PRODUCTION));
        boolean denied = said.environment == PRODUCTION
                && seen.filter(s -> s.environment != PRODUCTION).isPresent();
        if (denied || said.environment != PRODUCTION && production.isPresent())
            throw Failure.refused(
                    said + ", but " + (denied ? seen : production).get()
                            + ", and where one of them is production nothing is done",
                    "make them agree: name the environment that this database really is, or correct DATABASE_URL.");
        return seen.map(Signal::environment)
                .filter(e -> e.compareTo(said.environment) > 0)
                .orElse(said.environment);
    }

    /** @throws Failure (21) if this is production */
    public void refuseSeeding() {
        if (this == PRODUCTION)
            throw Failure.refused(
                    "production is never seeded",
                    "seed development, testing, staging or demo; "
                            + "correct DATABASE_URL or --env if this is one of them.");
    }

    /** Whether the local server may stand in for a database that nobody named. */
    public boolean mayBeLocal() {
        return compareTo(STAGING) < 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
