package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.LimitedRole;
import avdaily.db.LocalServer;
import avdaily.db.Scratch;
import avdaily.sql.Sql;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The server of a drill: the one that is named for it; else the project's, if a database can be made and used there;
 * else the local one, which is stopped again if it did not run before. If its role is a superuser, a role of the
 * drill's own does the work, which is none.
 */
final class DrillServer implements AutoCloseable {
    private final Database maintenance;
    private final Optional<LimitedRole> limited;
    private final Optional<LocalServer> started;
    private final Thread cleaner = new Thread(this::stop);

    private DrillServer(DatabaseUrl url, Invocation invocation, Optional<LocalServer> started) throws SQLException {
        this.maintenance = Database.at(url, Environment.DEVELOPMENT, invocation);
        this.started = started;
        Runtime.getRuntime().addShutdownHook(cleaner); // for Ctrl-C
        try {
            limited =
                    LimitedRole.isNeeded(maintenance) ? Optional.of(LimitedRole.create(maintenance)) : Optional.empty();
        } catch (SQLException | RuntimeException e) {
            release();
            throw e;
        }
    }

    /** @param option what the command line names, or null */
    static DrillServer find(Invocation invocation, String option) throws SQLException {
        Optional<DatabaseUrl> named =
                DatabaseUrl.named(option, invocation.settings()).map(found -> found.parse(invocation.settings()));
        if (named.isEmpty()) return local(invocation);
        if (option != null) return new DrillServer(named.get().withDatabase("postgres"), invocation, Optional.empty());
        try {
            return projects(named.get(), invocation);
        } catch (SQLException | Failure e) {
            Failure why = Failures.explain(e);
            if (why.kind == Failure.Kind.INTERRUPTED) throw why;
            invocation
                    .out()
                    .note("The drill is done on the local server, as that of " + named.get()
                            + " cannot be used for it: " + why.getMessage() + ". Another one is named with --url.");
            return local(invocation);
        }
    }

    private static DrillServer projects(DatabaseUrl url, Invocation invocation) throws SQLException {
        DrillServer server = new DrillServer(url, invocation, Optional.empty());
        try {
            server.tryOut();
            return server;
        } catch (SQLException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** A role may lack the right, a standby only reads, a pooler or the server's rules may not lead to a new one. */
    private void tryOut() throws SQLException {
        try (Scratch scratch = Scratch.planned(worker())) {
            Database.run(
                    worker().connection(),
                    "CREATE DATABASE " + Sql.quoted(scratch.database().name()));
            scratch.database().connection();
        }
    }

    private static DrillServer local(Invocation invocation) throws SQLException {
        LocalServer server = LocalServer.of(invocation);
        boolean ran = server.running().isPresent();
        return new DrillServer(server.start(), invocation, ran ? Optional.empty() : Optional.of(server));
    }

    /** A database on it, as the role that makes the scratch database. */
    Database worker() {
        return limited.map(LimitedRole::database).orElse(maintenance);
    }

    /** The same as a superuser, if the worker is a role of the drill's own. */
    Optional<Database> superuser() {
        return limited.map(role -> maintenance);
    }

    @Override
    public void close() throws SQLException {
        try {
            if (limited.isPresent()) limited.get().close();
        } finally {
            release();
        }
    }

    private void release() throws SQLException {
        maintenance.close();
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook does it
        }
        stop();
    }

    private void stop() {
        started.ifPresent(LocalServer::stopUnlessUsed);
    }
}
