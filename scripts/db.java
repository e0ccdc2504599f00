///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Run the local PostgreSQL server, print a database's address, empty a database, begin a project
//DESCRIPTION Commands: start, stop, status, url, doctor, reset, init
//DOCS ../docs/db.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Db
//SOURCES common.java
//SOURCES avdaily/doctor/package-info.java
//SOURCES avdaily/migrate/package-info.java
//SOURCES db/DbDoctor.java
//SOURCES db/DbInit.java

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import avdaily.db.OperationLog;
import avdaily.db.ProjectRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts, stops and shows the local PostgreSQL server, prints a database's address, and empties a database. */
@Command(
        name = "avdaily-db",
        description =
                "The local PostgreSQL server for development, testing and demo; a database's address; a fresh start; "
                        + "a project of your own.")
class Db extends CommandList {
    @Override
    List<Class<? extends Script>> commands() {
        return List.of(
                DbStart.class, DbStop.class, DbStatus.class, DbUrl.class, DbDoctor.class, DbReset.class, DbInit.class);
    }

    public static void main(String... args) {
        Script.main(new Db(), args);
    }
}

@Command(
        name = "start",
        description =
                "Start the local server (other commands do so by themselves) and create the environment's database.")
class DbStart extends Script {
    @Override
    int run() throws SQLException {
        boolean ran = LocalServer.of(invocation()).running().isPresent();
        Optional<DatabaseUrl.Named> other = DatabaseUrl.named(null, settings());
        if (other.isPresent())
            out().note("The other commands use another database and not the local server: "
                    + other.get().source() + ".");
        DatabaseUrl address = LocalServer.of(invocation()).start(local());
        out().print((ran ? "The local server runs already: " : "The local server runs: ") + address.withoutPassword());
        out().json(Json.object("started", !ran, "url", address.withoutPassword()));
        return Exit.DONE;
    }

    private Environment local() {
        Environment environment = env == null ? Environment.DEVELOPMENT : env;
        if (!environment.mayBeLocal())
            throw Failure.refused(
                    "the local server is not for " + environment,
                    "use it for development, testing or demo; for " + environment + " set DATABASE_URL.");
        return environment;
    }
}

@Command(name = "stop", description = "Stop the local server; its data stay.")
class DbStop extends Script {
    @Override
    int run() {
        boolean stopped = LocalServer.of(invocation()).stop();
        out().print(
                        stopped
                                ? "The local server is stopped; its data stay in "
                                        + LocalServer.of(invocation()).data() + "."
                                : "The local server does not run.");
        out().json(Json.object("stopped", stopped));
        return Exit.DONE;
    }
}

@Command(name = "status", description = "Say whether the local server runs, and what is in it.")
class DbStatus extends Script {
    @Override
    int run() throws SQLException {
        LocalServer server = LocalServer.of(invocation());
        Optional<DatabaseUrl> running = server.running();
        if (running.isEmpty()) {
            out().print("The local server does not run. 'avdaily-db start' starts it, "
                    + "and so does every command that needs it.");
            out().json(Json.object("running", false, "data", server.data().toString()));
            return Exit.DONE;
        }
        try (Database maintenance = Database.at(running.get(), Environment.DEVELOPMENT, invocation())) {
            show(server, maintenance);
        }
        return Exit.DONE;
    }

    private static List<String> cells(Map<String, Object> database) {
        return List.of(
                (String) database.get("name"),
                Format.bytes((Long) database.get("bytes")),
                database.get("sessions").toString());
    }

    private void show(LocalServer server, Database maintenance) throws SQLException {
        Connection c = maintenance.connection();
        String version = Database.one(c, "SHOW server_version", String.class);
        List<Map<String, Object>> databases = Database.list(
                c,
                """
                SELECT datname, pg_database_size(oid),
                       (SELECT count(*) FROM pg_stat_activity a
                        WHERE a.datname = d.datname AND a.pid <> pg_backend_pid())
                FROM pg_database d WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname""",
                row -> Json.object("name", row.getString(1), "bytes", row.getLong(2), "sessions", row.getInt(3)));
        out().print("The local server runs: PostgreSQL " + version + ", port "
                + maintenance.url().hosts().get(0).port() + ", data in " + server.data() + ".");
        if (!databases.isEmpty())
            out().table(
                            List.of("Database", "Size", "Sessions"),
                            databases.stream().map(DbStatus::cells).toList());
        out().json(Json.object(
                "running",
                true,
                "serverVersion",
                version,
                "port",
                maintenance.url().hosts().get(0).port(),
                "data",
                server.data().toString(),
                "log",
                server.log().toString(),
                "databases",
                databases));
    }
}

@Command(
        name = "url",
        description = "Print the address of the database that the other commands use, "
                + "as in: psql \"$(./jbang avdaily-db url)\"")
class DbUrl extends Script {
    @Option(names = "--show-password", description = "With its password, for programs that read no password file.")
    boolean showPassword;

    @Option(names = "--explain", description = "Also say which variable of which file decided, on standard error.")
    boolean explain;

    @Override
    int run() throws SQLException {
        if (explain) out().note("Address: " + DatabaseUrl.explain(DatabaseUrl.named(url, settings())) + ".");
        try (Database db = openDatabase()) {
            String address = showPassword ? db.url().withPassword() : db.url().withoutPassword();
            out().reveal(
                            json
                                    ? Json.page(Json.object(
                                            "url",
                                            address,
                                            "environment",
                                            db.environment().toString()))
                                    : address);
        }
        return Exit.DONE;
    }
}

@Command(
        name = "reset",
        description =
                "Empty the database: everything in it is dropped but the operation log. Needs DB_RESET_CONFIRM=1.")
class DbReset extends Script {
    @Override
    int run() throws Exception {
        try (Database db = openDatabase()) {
            List<String> schemas = DatabaseReset.schemas(db.connection());
            long tables = DatabaseReset.tables(db.connection());
            Gate.before(
                            db,
                            "empty the database " + db + ": " + Format.count(tables, "table")
                                    + " with all rows, and everything else in " + String.join(", ", schemas))
                    .needs("DB_RESET_CONFIRM")
                    .needsInProduction("DB_RESET_ALLOW_PRODUCTION")
                    .changesSchema()
                    .destructive();
            OperationLog.record(db, "db reset", details -> {
                details.put("schemas", schemas);
                details.put("tables", tables);
                return db.inTransaction(c -> {
                    DatabaseReset.empty(c);
                    ProjectRecord.forget(c);
                    return null;
                });
            });
            out().print("The database " + db + " is empty; " + Format.count(tables, "table") + " dropped.");
            out().json(Json.object("database", db.name(), "schemas", schemas, "tableCount", tables));
        }
        return Exit.DONE;
    }
}
