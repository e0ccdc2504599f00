///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Look at a database in use: backups, drift, integrity, locks, disk; for cron, Nagios and Prometheus
//DOCS ../docs/monitor.md
//DOCS night=../docs/at-night.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Monitor
//SOURCES common.java
//SOURCES avdaily/monitor/package-info.java

import avdaily.backup.Backups;
import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.base.Visible;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.deploy.Configuration;
import avdaily.deploy.Thresholds;
import avdaily.migrate.MigrationFiles;
import avdaily.monitor.HealthCheck;
import avdaily.monitor.HealthChecks;
import avdaily.monitor.MonitorReport;
import avdaily.monitor.Trend;
import avdaily.notify.Job;
import avdaily.notify.Notifications;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks once, or again and again, at all that can go wrong with a database in use. */
@Command(
        name = "avdaily-monitor",
        description = "Look at a database from all sides: backups, migrations, drift, integrity, connections, locks, "
                + "replication, performance, disk. Only reads.")
class Monitor extends Script {
    enum Format {
        TEXT,
        JSON,
        PROMETHEUS,
        NAGIOS
    }

    enum FailOn {
        CRITICAL,
        WARNING
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "text, json, prometheus, or nagios, which ends with 0, 1, 2 or 3 as its plugins do "
                    + "(default: text).")
    Format format;

    @Option(names = "--out", paramLabel = "FILE", description = "Write it there, under a temporary name first.")
    Path out;

    @Option(
            names = "--fail-on",
            paramLabel = "LEVEL",
            defaultValue = "critical",
            description = "critical or warning: from where on it ends with 22 (default: critical). "
                    + "What could not be checked always does.")
    FailOn failOn;

    @Option(names = "--watch", paramLabel = "SECONDS", description = "Look again and again, until interrupted.")
    Integer watch;

    @Option(names = "--verify", description = "Also read the newest backup whole and compare its checksum.")
    boolean verify;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Option(
            names = "--test-notify",
            description = "Tell everybody whom 'notify' in avdaily.yaml names, as a trial; look at no database "
                    + "(22 if somebody cannot be told).")
    boolean testNotify;

    public static void main(String... args) {
        Script.main(new Monitor(), args);
    }

    @Override
    int run() throws Exception {
        if (watch != null && watch < 1)
            throw Failure.usage("--watch is " + watch, "name the seconds between two looks, from 1 on.");
        if (json && format != null && format != Format.JSON)
            throw Failure.usage(
                    "--json and --format " + format.name().toLowerCase(Locale.ROOT) + " contradict each other",
                    "name one.");
        if (testNotify) return testNotify();
        Configuration configuration = Configuration.read(settings());
        MigrationFiles files = MigrationFiles.in(settings(), migrations);
        JobNotices notices = notices(Job.MONITOR);
        for (; ; Thread.sleep(watch * 1000L)) {
            int code = notices.around(() -> look(configuration, files));
            if (watch == null) return code;
        }
    }

    private int look(Configuration configuration, MigrationFiles files) throws Exception {
        MonitorReport report = runOnce(configuration, files);
        show(report);
        Optional<Failure> trouble = trouble(report);
        int code = watch != null
                ? trouble.map(failure -> Exit.code(failure.kind)).orElse(Exit.DONE)
                : format() == Format.NAGIOS
                        ? report.nagiosCode()
                        : trouble.map(this::failed).orElse(Exit.DONE);
        conclude(report.troubles(), trouble.map(failure -> failure.next).orElse(null));
        return code;
    }

    private int testNotify() {
        List<Notifications.Trial> trials = Notifications.read(settings(), out()).test();
        if (trials.isEmpty())
            throw Failure.usage(
                    "nobody is to be told: there is no 'notify' in the project's avdaily.yaml",
                    "write one, as docs/monitor.md shows, or name the file with --config.");
        out().table(
                        List.of("told", "answer"),
                        trials.stream()
                                .map(trial -> List.of(trial.target(), trial.isTold() ? "took it" : trial.trouble()))
                                .toList());
        out().json(Json.object("notified", trials));
        long lost = trials.stream().filter(trial -> !trial.isTold()).count();
        return lost == 0
                ? Exit.DONE
                : findings(
                        lost + " of " + trials.size() + " could not be told",
                        "see what stands beside each; then try again.");
    }

    private Format format() {
        if (format != null) return format;
        return json ? Format.JSON : Format.TEXT;
    }

    private MonitorReport runOnce(Configuration configuration, MigrationFiles files) throws Exception {
        Instant start = Instant.now();
        try (Database db = openProjectToRead()) {
            HealthChecks.Look look =
                    HealthChecks.run(db, configuration, files, verify ? Backups.Proof.CHECKSUM : Backups.Proof.SIZE);
            return new MonitorReport(
                    db.name(),
                    db.environment().toString(),
                    start,
                    Duration.between(start, Instant.now()),
                    look.results(),
                    look.trend());
        } catch (Failure e) {
            if (e.kind != Failure.Kind.UNREACHABLE) throw e;
            Optional<DatabaseUrl> named = DatabaseUrl.named(url, settings()).map(found -> found.parse(settings()));
            return new MonitorReport(
                    named.map(DatabaseUrl::database).orElse("unknown"),
                    environmentOf(named).toString(),
                    start,
                    Duration.between(start, Instant.now()),
                    HealthCheck.unreachable(e.getMessage()),
                    new Trend(List.of(), start));
        }
    }

    private void show(MonitorReport report) throws IOException {
        String text =
                switch (format()) {
                    case TEXT ->
                        (watch == null ? report.text() : report.logged())
                                .stream().map(Visible::line).collect(Collectors.joining("\n"));
                    case JSON -> watch == null || out != null ? Json.page(report.json()) : Json.text(report.json());
                    case PROMETHEUS -> report.prometheus().stripTrailing();
                    case NAGIOS -> Visible.line(report.nagios());
                };
        if (out != null) AtomicFile.write(out, Secrets.redact(text + "\n")); // readable for other programs' users
        else if (json && watch != null) out().jsonLine(report.json());
        else if (json) out().json(report.json());
        else out().page(text);
    }

    private Optional<Failure> trouble(MonitorReport report) {
        if (!report.isReached())
            return Optional.of(Failure.unreachable(
                    report.outage().get(),
                    "start the server or correct the address ('avdaily-db url --explain'); nothing else was looked at.",
                    null));
        Thresholds.Level least = failOn == FailOn.WARNING ? Thresholds.Level.WARNING : Thresholds.Level.UNKNOWN;
        return report.level().compareTo(least) < 0
                ? Optional.empty()
                : Optional.of(Failure.findings(
                        report.summary(),
                        "each line says what it saw; thresholds are in avdaily.yaml under 'monitor'."));
    }
}
