package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.Scratch;
import avdaily.schema.Schema;
import avdaily.sql.DottedName;
import avdaily.sql.ScriptReader;
import avdaily.sql.ScriptStatement;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Restores some tables or schemas of a dump into a database that keeps all that it has. The steps:
 *
 * <ol>
 *   <li>make a scratch database with the definitions of the dump, and read those of the part from it
 *       ({@link PartExtract});
 *   <li>in one transaction of the database: run the definitions, load the rows ({@link PartRows}), and run what needs
 *       them: keys, indexes, triggers.
 * </ol>
 */
public final class PartRestorer implements AutoCloseable {
    private final Database db;
    private final Out out;
    private final DumpReader dump;
    private final PartSelection part;
    private final RestoreOptions.Owners owners;
    private final RestoreTarget target;
    private final List<String> tables;

    /**
     * How it went.
     *
     * @param rows how many each table of the database got
     * @param left what was left out, said for people
     */
    public record Result(Map<String, Long> rows, List<String> left) {}

    /** @throws Failure (2) or (21) if it cannot be done, before anything is written */
    public PartRestorer(Database db, DumpReader dump, PartSelection part, RestoreOptions.Owners owners)
            throws SQLException {
        this.db = db;
        this.out = db.out();
        this.dump = dump;
        this.part = part;
        this.owners = owners;
        this.tables = part.of(dump);
        this.target = RestoreTarget.of(db);
        try {
            check();
        } catch (SQLException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private void check() throws SQLException {
        if (dump.contents().insertCount() > 0)
            throw Failure.refused(
                    dump.file() + " has its rows as INSERT statements, which are not told apart by their tables",
                    "restore it whole into another database (--into), and copy the table from there.");
        if (!target.exists())
            throw Failure.refused(
                    "there is no database " + db.name(), "create it, or restore all of the backup into it.");
        if (!DatabaseProperties.mayCreate(target.server()))
            throw Failure.refused(
                    "a part of a backup is read by way of a scratch database, and "
                            + db.url().user() + " may not create databases",
                    "use a role with CREATEDB; rows alone (--data-only) need none.");
        for (String table : tables) {
            DottedName name = part.target(table);
            if (Database.one(db.connection(), "SELECT to_regclass(?) IS NOT NULL", Boolean.class, name.quoted()))
                throw Failure.refused(
                        db.name() + " has " + name + " already",
                        "give it another name (--as NAME) or schema (--into-schema NAME), or put rows into it "
                                + "(--data-only).");
        }
    }

    /** What will be done, line by line. */
    public List<String> plan() {
        List<String> plan = new ArrayList<>();
        for (String table : tables)
            plan.add(table + " is restored" + (part.isElsewhere() ? " as " + part.target(table) : "") + ", "
                    + (part.takesRows(DottedName.of(table))
                            ? Format.count(dump.contents().rows().getOrDefault(table, 0L), "row")
                            : "without its rows"));
        if (!part.schemas().isEmpty()) plan.add("with all that is in the " + part.description());
        if (part.with().size() < PartSelection.Company.values().length)
            plan.add("of indexes, keys, sequences, triggers and grants these come with it: "
                    + (part.with().isEmpty()
                            ? "none"
                            : String.join(
                                    ", ",
                                    part.with().stream()
                                            .map(PartSelection.Company::toString)
                                            .toList())));
        plan.add("everything in one transaction; nothing else in " + db + " is changed");
        return plan;
    }

    /** @throws Failure (23) if another restore of this database is under way */
    @SuppressWarnings("try") // the lock is held, no more
    public Result restore() throws Exception {
        Database server = target.maintenance() != null ? target.maintenance() : db;
        try (Lock lock = Lock.take(server, "restore " + db.name(), 1);
                Scratch scratch = Scratch.planned(server)) {
            RestoreOptions definitions = RestoreOptions.definitions(owners);
            try (Restorer restorer = new Restorer(scratch.database(), dump, definitions)) {
                restorer.restore();
            }
            PartExtract extract = PartExtract.take(scratch.database(), part, owners);
            return OperationLog.within(db, "restore part", operation -> put(extract, operation));
        }
    }

    private Result put(PartExtract extract, OperationLog operation) throws Exception {
        LoadingSession session = LoadingSession.of(target);
        try (Connection c = session.prepare(db.connect(), LoadingSession.Durability.AT_COMMIT)) {
            c.setAutoCommit(false);
            RestoreOptions options = RestoreOptions.definitions(owners);
            DumpFilter filter = new DumpFilter(
                    c, options, target.absentRoles(dump.contents().roles()), Optional.empty());
            PartRows rows = new PartRows(dump, c, filter);
            rows.settings();
            if (part.intoSchema().isPresent() && part.schemas().isEmpty())
                Database.run(
                        c,
                        "CREATE SCHEMA IF NOT EXISTS "
                                + Sql.quoted(part.intoSchema().get()));
            for (Schema.Item item : extract.items()) if (item.section() == Schema.Section.PRE_DATA) run(c, item);
            Map<String, Long> loaded = rows.load(takingRows(extract));
            for (Schema.SequenceValue value : extract.sequences())
                Database.list(
                        c,
                        "SELECT setval(?::regclass, ?, ?)",
                        row -> row.getLong(1),
                        Sql.quoted(value.schema()) + "." + Sql.quoted(value.name()),
                        value.lastValue(),
                        value.isCalled());
            for (Schema.Item item : extract.items()) if (item.section() == Schema.Section.POST_DATA) run(c, item);
            for (String table : extract.tables().values()) Statistics.gather(c, table, out);
            Map<String, Long> counts = new LinkedHashMap<>();
            extract.tables().forEach((from, to) -> counts.put(to, loaded.getOrDefault(from, 0L)));
            operation.done(c, Map.of("file", dump.file().toString(), "rows", counts));
            c.commit();
            List<String> left = new ArrayList<>(extract.left());
            left.addAll(filter.skipped());
            return new Result(counts, left);
        }
    }

    private Map<String, String> takingRows(PartExtract extract) {
        Map<String, String> targets = new LinkedHashMap<>(extract.tables());
        targets.keySet().removeIf(table -> !part.takesRows(DottedName.of(table)));
        return targets;
    }

    private static void run(Connection c, Schema.Item item) throws SQLException {
        try {
            // the driver does not tell what follows a body of SQL from the body
            for (ScriptStatement statement : ScriptReader.read(item.ddl())) Database.run(c, statement.text());
        } catch (SQLException e) {
            Failure known = Failures.explain(e);
            throw new Failure(
                    Failures.kindOfGiven(e),
                    item.kind() + " " + item.identity() + ": " + Failures.message(e),
                    known.kind == Failure.Kind.ERROR
                            ? "nothing was changed; see that what it needs is there, leave it out (--with), or give "
                                    + "the table another name or schema (--as, --into-schema)."
                            : known.next,
                    e);
        }
    }

    @Override
    public void close() throws SQLException {
        db.beginSessionsWith(null);
        target.close();
    }
}
