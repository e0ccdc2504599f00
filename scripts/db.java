///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Run the local PostgreSQL server, print a database's address, empty a database
//DESCRIPTION Commands: start, stop, status, url, reset
//DOCS ../docs/db.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//SOURCES common.java

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts, stops and shows the local PostgreSQL server, prints a database's address, and empties a database. */
@Command(name = "avdaily-db",
        description = "The local PostgreSQL server for development, testing and demo; a database's address; a fresh start.",
        subcommands = {DbStart.class, DbStop.class, DbStatus.class, DbUrl.class, DbReset.class})
class Db {
    public static void main(String... args) {
        Script.main(new Db(), args);
    }
}

@Command(name = "start", description = "Start the local server (other commands do so by themselves) and create the environment's database.")
class DbStart extends Script {
    @Override
    int run() throws SQLException {
        boolean ran = LocalServer.here().running().isPresent();
        if (Settings.get("DATABASE_URL").isPresent()) Out.note("DATABASE_URL is set, so the other commands use that database and not the local server.");
        DatabaseUrl address = LocalServer.here().start(local());
        Out.print((ran ? "The local server runs already: " : "The local server runs: ") + address.withoutPassword());
        Out.json(Out.object("started", !ran, "url", address.withoutPassword()));
        return Exit.DONE;
    }

    private Environment local() {
        Environment environment = env == null ? Environment.DEVELOPMENT : env;
        if (!environment.mayBeLocal())
            throw Failure.refused("the local server is not for " + environment, "use it for development, testing or demo; for " + environment + " set DATABASE_URL.");
        return environment;
    }
}

@Command(name = "stop", description = "Stop the local server; its data stay.")
class DbStop extends Script {
    @Override
    int run() {
        boolean stopped = LocalServer.here().stop();
        Out.print(stopped ? "The local server is stopped; its data stay in " + LocalServer.here().data() + "." : "The local server does not run.");
        Out.json(Out.object("stopped", stopped));
        return Exit.DONE;
    }
}

@Command(name = "status", description = "Say whether the local server runs, and what is in it.")
class DbStatus extends Script {
    @Override
    int run() throws SQLException {
        LocalServer server = LocalServer.here();
        Optional<DatabaseUrl> running = server.running();
        if (running.isEmpty()) {
            Out.print("The local server does not run. 'avdaily-db start' starts it, and so does every command that needs it.");
            Out.json(Out.object("running", false, "data", server.data().toString()));
            return Exit.DONE;
        }
        try (Database maintenance = Database.at(running.get(), Environment.DEVELOPMENT)) {
            show(server, maintenance);
        }
        return Exit.DONE;
    }

    private void show(LocalServer server, Database maintenance) throws SQLException {
        Connection c = maintenance.connection();
        String version = Database.one(c, "SHOW server_version", String.class);
        List<Map<String, Object>> databases = Database.list(c, """
                SELECT datname, pg_size_pretty(pg_database_size(oid)),
                       (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = d.datname AND a.pid <> pg_backend_pid())
                FROM pg_database d WHERE datname LIKE 'avdaily%' ORDER BY datname""",
                row -> Out.object("name", row.getString(1), "size", row.getString(2), "sessions", row.getInt(3)));
        Out.print("The local server runs: PostgreSQL " + version + ", port " + maintenance.url().hosts().get(0).port() + ", data in " + server.data() + ".");
        if (!databases.isEmpty())
            Out.table(List.of("Database", "Size", "Sessions"), databases.stream().map(d -> d.values().stream().map(String::valueOf).toList()).toList());
        Out.json(Out.object("running", true, "version", version, "port", maintenance.url().hosts().get(0).port(),
                "data", server.data().toString(), "log", server.log().toString(), "databases", databases));
    }
}

@Command(name = "url", description = "Print the address of the database that the other commands use, as in: psql \"$(jbang avdaily-db url)\"")
class DbUrl extends Script {
    @Option(names = "--show-password", description = "With its password, for programs that read no password file.")
    boolean showPassword;

    @Override
    int run() throws SQLException {
        try (Database db = Database.open(this)) {
            String address = showPassword ? db.url().withPassword() : db.url().withoutPassword();
            Out.reveal(json ? Json.page(Out.object("url", address, "environment", db.environment().toString())) : address);
        }
        return Exit.DONE;
    }
}

@Command(name = "reset", description = "Empty the database: everything in it is dropped but the operation log. Needs DB_RESET_CONFIRM=1.")
class DbReset extends Script {
    @Override
    int run() throws Exception {
        try (Database db = Database.open(this)) {
            List<String> schemas = Emptying.schemas(db.connection());
            long tables = Emptying.tables(db.connection());
            Gate.before(this, db, "empty the database " + db + ": " + Out.count(tables, "table") + " with all rows, and everything else in "
                    + String.join(", ", schemas)).needs("DB_RESET_CONFIRM").needsInProduction("DB_RESET_ALLOW_PRODUCTION").destructive();
            Operation.record(db, "db reset", details -> {
                details.put("schemas", schemas);
                details.put("tables", tables);
                return db.inTransaction(c -> {
                    Emptying.empty(c);
                    return null;
                });
            });
            Out.print("The database " + db + " is empty; " + Out.count(tables, "table") + " dropped.");
            Out.json(Out.object("database", db.name(), "schemas", schemas, "tables", tables));
        }
        return Exit.DONE;
    }
}
