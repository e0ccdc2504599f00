///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Show a database in the browser: its health, schema, diagrams, rows and history; only for this machine
//DOCS ../docs/studio.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Studio
//SOURCES common.java
//SOURCES avdaily/studio/package-info.java

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.deploy.Configuration;
import avdaily.migrate.MigrationFiles;
import avdaily.seed.SeedFiles;
import avdaily.studio.Browser;
import avdaily.studio.StudioPages;
import avdaily.studio.StudioServer;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves pages about a database to the browser of whoever started it, until it is interrupted or nobody looks. */
@Command(
        name = "avdaily-studio",
        description =
                "Show a database in the browser: its health, its schema with diagrams, its rows, its history, and "
                        + "what a query says. Only reads without --write, and only this machine and this user are "
                        + "served.")
class Studio extends Script {
    private static final int MOST_PORT = 65_535;
    private static final Duration LONGEST_ARRIVAL = Duration.ofSeconds(20);

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Listen on this port of 127.0.0.1 (default: one that is free).")
    int port;

    @Option(names = "--no-open", description = "Print the address, and open no browser.")
    boolean noOpen;

    @Option(
            names = "--idle",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "End when nobody has looked for so long (default: ${DEFAULT-VALUE}).")
    int idle;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write the pages of the schema and the last findings as files into this folder, and serve "
                    + "nothing.")
    Path folder;

    @Option(
            names = "--write",
            description = "Let rows be changed one by one, each change shown before and kept so that it can be taken "
                    + "back. Refused in production.")
    boolean write;

    public static void main(String... args) {
        Script.main(new Studio(), args);
    }

    @Override
    int run() throws Exception {
        if (port < 0 || port > MOST_PORT) throw Failure.usage("--port is " + port, "name a number from 1 to 65535.");
        if (idle < 1) throw Failure.usage("--idle is " + idle, "name the minutes, from 1 on.");
        if (write && folder != null)
            throw Failure.usage("--write and --out contradict each other", "name one: files hold no rows.");
        if (write && json)
            throw Failure.usage("--write and --json contradict each other", "name one: a document serves nobody.");
        StudioPages.Project project = new StudioPages.Project(
                Configuration.read(settings()),
                () -> MigrationFiles.in(settings(), migrations),
                SeedFiles.manifestOf(settings(), null));
        if (folder != null || json) return write(project);
        try (Database db = openProjectToRead();
                StudioServer server = new StudioServer(
                        new StudioPages(db, this::openQuietly, writing(), project),
                        port,
                        LONGEST_ARRIVAL,
                        this::announceNext)) {
            server.beginLook();
            show(db, server.address());
            if (!noOpen && out().isInteractive()) Browser.open(server.address());
            while (server.idle().compareTo(Duration.ofMinutes(idle)) < 0) {
                Thread.sleep(1000);
                server.tidy();
            }
            out().note("Nobody looked for " + idle + " minutes, so the studio ends.");
        }
        return Exit.DONE;
    }

    private int write(StudioPages.Project project) throws Exception {
        try (Database db = openProjectToRead();
                StudioPages pages = new StudioPages(db, this::openQuietly, Optional.empty(), project)) {
            Map<String, Object> facts = json ? pages.facts() : Map.of();
            if (folder != null) {
                int files = pages.write(folder);
                out().print(Format.count(files, "file") + " about " + db + " written to " + folder
                        + "; begin with index.html.");
                if (json) facts.putAll(Json.object("folder", folder.toString(), "fileCount", files));
            }
            out().json(facts);
        }
        return Exit.DONE;
    }

    private void show(Database db, String address) {
        out().print("Studio of " + db + ", until Ctrl-C or " + idle + " minutes without a look:");
        out().print("  " + address);
        out().print("The address lets one browser in, once.");
    }

    private void announceNext(String address) {
        out().note("A browser was let in. For another one: " + address);
    }

    private Optional<StudioPages.Opening> writing() {
        return write ? Optional.of(() -> Database.open(silent(), choice())) : Optional.empty();
    }

    /** The same database again; what is to be said of it was said at the start. */
    private Database openQuietly() throws SQLException {
        return Database.openToRead(silent(), choice());
    }

    private Invocation silent() {
        Out silent = Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), List.of());
        return new Invocation(
                invocation().program(), invocation().arguments(), invocation().assumeYes(), silent, settings());
    }
}
