package avdaily.fleet;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseChoice;
import avdaily.db.DatabaseUrl;
import avdaily.db.Failures;
import avdaily.db.ForeignCode;
import avdaily.db.SingleStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds out which targets the sets of a project's file mean, now. */
public final class TargetReader {
    /** More than that is a query that forgot its condition. */
    private static final int MOST = 20_000;

    private static final Pattern VARIABLE = Pattern.compile("\\$(?:([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)})");
    private static final String PATIENCE = "SET LOCAL statement_timeout = '60s'";

    private final Invocation invocation;
    private final Settings settings;
    private final DatabaseChoice choice;

    /** @param choice what the command line says: the database of sets that name none themselves */
    public TargetReader(Invocation invocation, DatabaseChoice choice) {
        this.invocation = invocation;
        this.settings = invocation.settings();
        this.choice = choice;
    }

    /**
     * The targets of these sets in the order of the file, each of them once.
     *
     * @throws Failure (2) if there are none, (21) if a row names what it must not name
     */
    public List<Target> read(List<String> names) throws SQLException {
        Map<Object, Target> targets = new LinkedHashMap<>();
        for (TargetSet set : TargetSet.named(names, settings)) {
            List<Target> found = read(set);
            if (found.isEmpty())
                throw Failure.usage(
                        "the set of targets '" + set.name() + "' is empty",
                        "see what its " + (set.query().isPresent() ? "query returns" : "list names")
                                + "; to leave it out, take it out of the project's file.");
            found.forEach(target -> targets.putIfAbsent(target.place(), target));
        }
        return distinct(targets.values());
    }

    /** Two of the same name get longer ones. */
    static List<Target> distinct(Collection<Target> targets) {
        Map<String, Long> times = targets.stream().collect(Collectors.groupingBy(Target::name, Collectors.counting()));
        return targets.stream()
                .map(target -> times.get(target.name()) == 1 ? target : target.called(target.longName()))
                .toList();
    }

    private List<Target> read(TargetSet set) throws SQLException {
        String source = "the set of targets '" + set.name() + "'";
        if (set.query().isEmpty() && !set.isOfSchemas()) return listed(set, source);
        DatabaseUrl base = base(set);
        if (set.isOfSchemas()) return schemas(set, base, source);
        refuseFoundHosts(set, base);
        TargetRow row = new TargetRow(base, set.hosts(), source);
        List<Target> targets = new ArrayList<>();
        for (String value : query(set, base, source)) {
            targets.add(Target.database(row.database(value), source));
        }
        return targets;
    }

    private List<Target> schemas(TargetSet set, DatabaseUrl base, String source) throws SQLException {
        List<Target> targets = new ArrayList<>();
        for (String name : set.query().isPresent() ? query(set, base, source) : set.listed())
            targets.add(new Target(name, base, source, Optional.of(TargetRow.schema(name, source))));
        return targets;
    }

    private List<Target> listed(TargetSet set, String source) {
        List<Target> targets = new ArrayList<>();
        for (String entry : set.listed()) {
            DatabaseUrl url = isAddress(entry)
                    ? address(set, entry)
                    : new TargetRow(base(set), List.of(), source).database(entry);
            targets.add(Target.database(url, source));
        }
        return targets;
    }

    private static boolean isAddress(String entry) {
        return TargetRow.isAddress(entry) || VARIABLE.matcher(entry).matches();
    }

    /** The database that is asked, or on whose server the databases are. */
    private DatabaseUrl base(TargetSet set) {
        if (set.url().isPresent()) return address(set, set.url().get());
        return DatabaseUrl.named(choice.url(), settings)
                .map(named -> named.parse(settings))
                .orElseThrow(() -> Failure.usage(
                        "nothing says on which server the set of targets '" + set.name() + "' is",
                        "give it 'url: $VARIABLE', or set DATABASE_URL."));
    }

    /**
     * An address that the file writes itself, or leaves to a variable. A file that was only found may be somebody
     * else's: it does not say where a password of the process's variables goes.
     */
    private DatabaseUrl address(TargetSet set, String text) {
        Matcher variable = VARIABLE.matcher(text);
        if (variable.matches()) {
            String name = variable.group(1) == null ? variable.group(2) : variable.group(1);
            Settings.Value value = settings.value(name)
                    .filter(said -> !said.text().isEmpty())
                    .orElseThrow(() -> Failure.usage(
                            name + ", which the set of targets '" + set.name() + "' names, is not set",
                            "set it to the database's address."));
            return DatabaseUrl.Named.of(name, value, settings).parse(settings);
        }
        DatabaseUrl url = DatabaseUrl.parse(text, settings);
        if (text.matches("(?s).*://[^/@]*:[^/@]*@.*") || text.contains("password="))
            throw set.keys().mistake("url", "an address has its password in the file", "write it as $VARIABLE.");
        if (settings.project().isFound())
            throw Failure.usage(
                    "the set of targets '" + set.name() + "' has an address in a file that was found in the folder",
                    "write it as $VARIABLE, or name the file (--config, AVDAILY_CONFIG).");
        return url;
    }

    private void refuseFoundHosts(TargetSet set, DatabaseUrl base) {
        if (!set.hosts().isEmpty() && settings.project().isFound() && base.password() != null && !base.isHere())
            throw Failure.usage(
                    "the set of targets '" + set.name() + "' has hosts in a file that was found in the folder, and the "
                            + "password of " + base.hosts().get(0) + " would go there",
                    "name the file (--config, AVDAILY_CONFIG).");
    }

    private List<String> query(TargetSet set, DatabaseUrl base, String source) throws SQLException {
        String sql = set.query().orElseThrow();
        return asked(base, source, c -> {
            if (!SingleStatement.isQuery(c, sql))
                throw Failure.usage(
                        "what " + source + " says is not one query", "write one SELECT, without a semicolon.");
            ForeignCode.refuseInQuery(c, base.user(), sql);
            Set<String> values = new HashSet<>();
            List<String> rows = new ArrayList<>();
            for (String row : Database.list(c, sql, found -> found.getString(1))) if (values.add(row)) rows.add(row);
            if (rows.size() > MOST)
                throw Failure.refused(
                        "the query of " + source + " returns " + rows.size() + " rows",
                        "give it a condition; " + MOST + " is the most.");
            return rows;
        });
    }

    /** Asks in a transaction that reads only, and finds names by the project's path. */
    private List<String> asked(DatabaseUrl base, String source, Database.Work<List<String>> question)
            throws SQLException {
        DatabaseChoice asked = choice.listed(new DatabaseChoice.Listed(source, base, source));
        try (Database db = Database.openToRead(invocation, asked)) {
            return db.inProjectTransaction(c -> {
                readOnly(c);
                List<String> rows = question.on(c);
                c.rollback();
                return rows;
            });
        } catch (SQLException e) {
            throw new Failure(
                    Failures.kindOfGiven(e),
                    "the query of " + source + " failed: " + Failures.messageWithHint(e),
                    "correct it in the project's file; it runs on " + base + " and may read only.",
                    e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void readOnly(Connection c) throws SQLException {
        Database.run(c, "SET TRANSACTION READ ONLY; " + PATIENCE);
    }
}
