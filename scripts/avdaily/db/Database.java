package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;

/** The database that a command works on: its address, its environment, and the connections to it. */
public final class Database implements AutoCloseable {
    private static final int SECONDS_TO_ANSWER = 5;

    private final DatabaseUrl url;
    private final Invocation invocation;
    private Connection connection;
    /** Of several hosts, the one that answered. */
    private DatabaseUrl.Host host;

    private Environment environment;
    private Optional<Environment.Signal> reason = Optional.empty();
    private ProjectFile project = ProjectFile.NONE;
    /** The command's connection for the project's own SQL. */
    private Connection projectConnection;
    /** What the database says of sessions, once it was asked. */
    private SessionSettings projectSettings;
    /** What every new session begins with after our own settings. */
    private String sessionStart = "";
    /** Whether somebody said which environment this is, so that the database may remember it. */
    private boolean environmentIsKnown;
    /** Whether {@code avdaily_ops}, if it is there, is what this toolkit makes, of a role to be trusted. */
    private boolean believesOps = true;

    private boolean isFound;
    private String source = "as it was given"; // who says the address, for people
    /** Which one of many it is. */
    private Optional<DatabaseChoice.Listed> listed = Optional.empty();
    /** The one that the command works on, if it is not the whole database. */
    Optional<String> schema = Optional.empty();

    private Database(DatabaseUrl url, Invocation invocation) {
        this.url = url;
        this.invocation = invocation;
    }

    private enum Purpose {
        WORK,
        READING,
        REPLACING
    }

    /**
     * Finds the database that is meant, starting the local server if none is named, connects to it and decides which
     * environment it is.
     *
     * @throws Failure (20) if it cannot be reached, (21) if the signals about its environment contradict each other
     */
    public static Database open(Invocation invocation, DatabaseChoice choice) throws SQLException {
        return open(invocation, choice, null, Purpose.WORK);
    }

    /**
     * As {@link #open}, for a command that can do without {@code avdaily_ops}: what is not to be believed there is
     * passed over.
     */
    public static Database openToRead(Invocation invocation, DatabaseChoice choice) throws SQLException {
        return open(invocation, choice, null, Purpose.READING);
    }

    /**
     * As {@link #open}, but another database of the same server if {@code name} is not null, and one that may not be
     * there yet. No limit of the role's ends its sessions.
     */
    public static Database openOrPlan(Invocation invocation, DatabaseChoice choice, String name) throws SQLException {
        return open(invocation, choice, name, Purpose.REPLACING);
    }

    private static Database open(Invocation invocation, DatabaseChoice choice, String name, Purpose purpose)
            throws SQLException {
        Settings settings = invocation.settings();
        List<Environment.Signal> named = Environment.named(choice.environment(), settings);
        Optional<DatabaseUrl.Named> address = choice.address(settings);
        invocation.out().detail("Address: " + DatabaseUrl.explain(address) + ".");
        Optional<DatabaseUrl> given = address.map(found -> found.parse(settings));
        DatabaseUrl server = given.orElseGet(() -> DatabaseChoice.local(invocation, named));
        DatabaseUrl url = name == null ? server : server.withDatabase(name);
        Database db = new Database(url, invocation);
        db.project = choice.project().map(ProjectFile::read).orElse(ProjectFile.NONE);
        db.isFound = choice.isFound(settings);
        db.source = DatabaseUrl.explain(address);
        db.listed = choice.listed();
        db.schema = choice.schema();
        if (purpose == Purpose.REPLACING) db.sessionStart = SessionStart.UNLIMITED;
        try {
            Optional<Environment.Signal> record =
                    db.reach(purpose == Purpose.REPLACING) ? db.record(given.isEmpty(), purpose) : Optional.empty();
            Optional<Environment.Signal> called = given.flatMap(u -> db.project.called(url));
            List<Environment.Signal> observed =
                    Stream.of(record, called).flatMap(Optional::stream).toList();
            if (!db.believesOps && named.isEmpty() && observed.isEmpty()) observed = Environment.heard(db.connection);
            db.environment = Environment.decide(named, observed);
            SchemaName.mustBeThere(db);
            db.reason = Stream.concat(named.stream(), observed.stream())
                    .filter(signal -> signal.environment() == db.environment)
                    .findFirst();
            db.environmentIsKnown = !named.isEmpty() || given.isEmpty();
            invocation.out().detail("Database " + db + db.reason.map(signal -> ": " + signal).orElse("") + ".");
            return db;
        } catch (SQLException | RuntimeException e) {
            db.close();
            throw e;
        }
    }

    /** Connects; returns false if there is no such database and there need not be one. */
    private boolean reach(boolean mayBeMissing) throws SQLException {
        try {
            connection = connect();
            return true;
        } catch (Failure e) {
            if (mayBeMissing
                    && e.getCause() instanceof SQLException sql
                    && SqlState.of(sql).equals(SqlState.INVALID_CATALOG_NAME)) return false;
            throw e;
        }
    }

    /** A handle on another database of the same server, not yet connected. */
    public Database sibling(String name) {
        Database other = new Database(url.withDatabase(name), invocation);
        other.environment = environment;
        other.project = project;
        other.isFound = isFound;
        other.source = source;
        other.schema = schema;
        return other;
    }

    /** A handle on the same database with all its schemas, not yet connected. */
    public Database whole() {
        Database other = sibling(name());
        other.schema = Optional.empty();
        other.believesOps = believesOps;
        other.listed = listed.map(one -> new DatabaseChoice.Listed(name(), one.url(), one.source()));
        return other;
    }

    /** A handle on a database whose address is known, for a purpose of the collection's own. */
    public static Database at(DatabaseUrl url, Environment environment, Invocation invocation) {
        Database db = new Database(url, invocation);
        db.environment = environment;
        return db;
    }

    /** The run that this is for. */
    public Invocation invocation() {
        return invocation;
    }

    public Out out() {
        return invocation.out();
    }

    public Settings settings() {
        return invocation.settings();
    }

    public DatabaseUrl url() {
        return url;
    }

    /**
     * Has every session that is opened from now on begin with this statement, also those that are opened within an
     * engine.
     */
    public void beginSessionsWith(String sql) {
        sessionStart = sql == null ? "" : sql;
    }

    /** The schema that the command works on as if there were no other; nothing if it is the whole database. */
    public Optional<String> schema() {
        return schema;
    }

    /** What the toolkit's records call a thing of which each schema has its own. */
    public String recorded(String name) {
        return schema.map(one -> one + "/" + name).orElse(name);
    }

    public Environment environment() {
        return environment;
    }

    boolean environmentIsKnown() {
        return environmentIsKnown;
    }

    /** Whether a file that lay in the folder, and that nobody named, says which database it is. */
    public boolean isFound() {
        return isFound;
    }

    /** What tells it from the others if it is one of many that the run works on. */
    public Optional<String> nameAmongMany() {
        return listed.map(DatabaseChoice.Listed::name);
    }

    /** What said that it is this environment; nothing if nobody said any. */
    public Optional<Environment.Signal> reason() {
        return reason;
    }

    /** What the project demands of everybody who works on it. */
    public ProjectFile project() {
        return project;
    }

    /** Whether {@code avdaily_ops} may be read and written; if not, a command that only reads goes on without it. */
    public boolean believesOps() {
        return believesOps;
    }

    public String name() {
        return url.database();
    }

    /** The one that answered or, before any did, the first. */
    public DatabaseUrl.Host host() {
        return host == null ? url.hosts().get(0) : host;
    }

    /** The command's own connection; it commits each statement unless told otherwise. */
    public Connection connection() throws SQLException {
        if (connection == null) connection = connect();
        return connection;
    }

    /** The command's own connection after it lay idle for long: a new one if it died meanwhile. */
    public Connection liveConnection() throws SQLException {
        if (!connection().isValid(SECONDS_TO_ANSWER)) close();
        return connection();
    }

    /**
     * A new connection.
     *
     * @throws Failure (20) if the server does not answer or does not let the role in
     */
    public Connection connect() throws SQLException {
        try {
            return SessionStart.begun(Login.open(url, invocation), c -> {
                PgConnection pg = c.unwrap(PgConnection.class);
                HostSpec answered = pg.getQueryExecutor().getHostSpec();
                host = url.called(answered.getHost(), answered.getPort());
                run(c, SessionStart.statements(pg, settings(), url, schema, sessionStart));
            });
        } catch (SQLException e) {
            throw Login.refusal(url, source, e);
        }
    }

    /**
     * A new connection for SQL that the project wrote: migrations, seeds, rules. It finds names as psql would, by the
     * path that role, database or address say, unless a stranger's code lies on that path.
     *
     * @throws Failure (21) naming that code
     */
    public Connection connectForProject() throws SQLException {
        return SessionStart.onProjectPath(connect(), this, sessionStart);
    }

    /** Makes a session of {@link #connectForProject} what it was at its beginning; {@code then} comes after it. */
    public void renewForProject(Connection c, String... then) throws SQLException {
        if (projectSettings == null) projectSettings = SessionSettings.of(connection());
        List<String> all = new ArrayList<>(List.of("SET application_name = " + Sql.literal(invocation.program())));
        all.addAll(List.of(then)); // the driver sets the name at the beginning, and it is gone with the rest
        SessionStart.renew(c, settings(), schema, sessionStart, projectSettings, all);
    }

    /** The command's own connection of {@link #connectForProject}. */
    public Connection projectConnection() throws SQLException {
        if (projectConnection == null) projectConnection = connectForProject();
        return projectConnection;
    }

    /** What the database has written down about itself, or nothing. */
    private Optional<Environment.Signal> record(boolean isLocal, Purpose purpose) throws SQLException {
        ForeignCode.Found found = ForeignCode.Found.on(connection);
        if (found.owner() != null && !isLocal) out().note(ForeignCode.warning(url.user(), found.owner(), name()));
        believesOps = found.offences().isEmpty();
        if (!believesOps && purpose == Purpose.READING) {
            out().note(found.passedOver());
            return Optional.empty();
        }
        found.refuseOffences(url.user());
        return found.keepsEnvironment() ? Environment.recorded(connection, url.user()) : Optional.empty();
    }

    /** Where a connection comes from. */
    public interface Source {
        Connection open() throws SQLException;
    }

    /** Work that wants a transaction of its own on a connection of its own; an exception undoes all of it. */
    public interface Work<T> {
        T on(Connection connection) throws Exception;
    }

    public <T> T inTransaction(Work<T> work) throws Exception {
        return inTransaction(this::connect, work);
    }

    /** The same for the project's SQL; see {@link #connectForProject}. */
    public <T> T inProjectTransaction(Work<T> work) throws Exception {
        return inTransaction(this::connectForProject, work);
    }

    private static <T> T inTransaction(Source source, Work<T> work) throws Exception {
        try (Connection c = source.open()) {
            c.setAutoCommit(false);
            T result = work.on(c); // closing without a commit rolls back
            c.commit();
            return result;
        }
    }

    /** The first column of the first row, or null. */
    public static <T> T one(Connection c, String sql, Class<T> type, Object... parameters) throws SQLException {
        List<T> all = list(c, sql, row -> row.getObject(1) == null ? null : row.getObject(1, type), parameters);
        return all.isEmpty() ? null : all.get(0);
    }

    public interface Row<T> {
        T map(ResultSet row) throws SQLException;
    }

    public static <T> List<T> list(Connection c, String sql, Row<T> mapper, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(c, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> result = new ArrayList<>();
            while (rows.next()) result.add(mapper.map(rows));
            return result;
        } catch (SQLException e) {
            throw MissingPrivilege.noting(e, c, sql);
        }
    }

    /** Returns how many rows the statement changed. */
    public static int update(Connection c, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(c, sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw MissingPrivilege.noting(e, c, sql);
        }
    }

    /** Runs a statement as it stands: question marks and braces in it are the server's. */
    public static void run(Connection c, String sql) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw MissingPrivilege.noting(e, c, sql);
        }
    }

    private static PreparedStatement prepare(Connection c, String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = c.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) statement.setObject(i + 1, parameters[i]);
        return statement;
    }

    /** database on host:port (environment), the way messages call it. */
    @Override
    public String toString() {
        return schema.map(one -> one + " of ").orElse("") + name() + " on " + host() + " (" + environment + ")";
    }

    /** Ends the connection; the next use opens another one. */
    @Override
    public void close() throws SQLException {
        if (connection != null) connection.close();
        if (projectConnection != null) projectConnection.close();
        connection = null;
        projectConnection = null;
    }
}
