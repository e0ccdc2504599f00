///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Run the project's tests, or the classes that are named, on a real PostgreSQL server
//DOCS ../docs/README.md
//JAVA 17+
//MAIN All
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//DEPS com.networknt:json-schema-validator:2.0.8
//DEPS org.junit.jupiter:junit-jupiter:5.14.4
//DEPS org.junit.platform:junit-platform-launcher:1.14.4
//DEPS org.seleniumhq.selenium:selenium-chrome-driver:4.52.0
//DEPS org.testcontainers:testcontainers-postgresql:2.0.5
//DEPS org.webjars.npm:axe-core:4.6.3
//SOURCES ../scripts/backup.java
//SOURCES ../scripts/db.java
//SOURCES ../scripts/deploy.java
//SOURCES ../scripts/integrity.java
//SOURCES ../scripts/migrate.java
//SOURCES ../scripts/monitor.java
//SOURCES ../scripts/restore.java
//SOURCES ../scripts/seed.java
//SOURCES ../scripts/studio.java
//SOURCES AdoptionTest.java
//SOURCES AnswersTest.java
//SOURCES ApprovalTest.java
//SOURCES AsPsqlTest.java
//SOURCES AtNightTest.java
//SOURCES BackupTest.java
//SOURCES BelievedTablesTest.java
//SOURCES BinaryRowsTest.java
//SOURCES BucketTest.java
//SOURCES CitusTest.java
//SOURCES CommonTest.java
//SOURCES CompareTest.java
//SOURCES CompletionTest.java
//SOURCES DataMigrationTest.java
//SOURCES DbTest.java
//SOURCES DeployFailureTest.java
//SOURCES DeployTest.java
//SOURCES DeveloperCopyTest.java
//SOURCES DocsTest.java
//SOURCES DoctorTest.java
//SOURCES DownloadTest.java
//SOURCES DriftSightTest.java
//SOURCES DriftTest.java
//SOURCES DryRunTest.java
//SOURCES FailureTest.java
//SOURCES FaultsTest.java
//SOURCES FixTest.java
//SOURCES FleetTest.java
//SOURCES GateTest.java
//SOURCES GenerateDetailsTest.java
//SOURCES GenerateRowsTest.java
//SOURCES GenerateSeedTest.java
//SOURCES GenerateTest.java
//SOURCES GenerateUnreadTest.java
//SOURCES GlobalsTest.java
//SOURCES HostileDatabaseTest.java
//SOURCES HostileFileTest.java
//SOURCES HostileFolderTest.java
//SOURCES HouseTest.java
//SOURCES IntegrityFailureTest.java
//SOURCES IntegrityTest.java
//SOURCES JsonTest.java
//SOURCES LauncherTest.java
//SOURCES LeastPrivilegeTest.java
//SOURCES LintTest.java
//SOURCES LockTest.java
//SOURCES LongRunTest.java
//SOURCES MaskTest.java
//SOURCES MatrixTest.java
//SOURCES MigrateFailureTest.java
//SOURCES MigrateTest.java
//SOURCES MonitorTest.java
//SOURCES NotifyTest.java
//SOURCES ObjectStorageFaultsTest.java
//SOURCES ObjectStorageTest.java
//SOURCES OldBackupTest.java
//SOURCES OwnProjectsTest.java
//SOURCES PathOptionTest.java
//SOURCES PlacementTest.java
//SOURCES PlanTest.java
//SOURCES ProjectTest.java
//SOURCES RecipeTest.java
//SOURCES RecoveryTest.java
//SOURCES RestoreNewTest.java
//SOURCES RestorePartTest.java
//SOURCES RestoreSettingsTest.java
//SOURCES RestoreTest.java
//SOURCES RoundTripTest.java
//SOURCES RulesTest.java
//SOURCES SafetyTest.java
//SOURCES SchemaTest.java
//SOURCES ScratchTest.java
//SOURCES ScriptReaderTest.java
//SOURCES SecrecyTest.java
//SOURCES SeedExportTest.java
//SOURCES SeedFilesTest.java
//SOURCES SeedLargeTest.java
//SOURCES SeedReturnTest.java
//SOURCES SeedTest.java
//SOURCES SeedWrittenTest.java
//SOURCES SessionTest.java
//SOURCES SettingsTest.java
//SOURCES ShopTest.java
//SOURCES SqlFileTest.java
//SOURCES StandbyTest.java
//SOURCES StrangersTest.java
//SOURCES StudioAccessTest.java
//SOURCES StudioBrowserTest.java
//SOURCES StudioDataTest.java
//SOURCES StudioEditTest.java
//SOURCES StudioTest.java
//SOURCES TenantTest.java
//SOURCES TextRowsTest.java
//SOURCES TypeChangeTest.java
//SOURCES UndoTest.java
//SOURCES UnixSocketTest.java
//SOURCES VisibleTest.java
//SOURCES avdaily/backup/AgeTest.java
//SOURCES avdaily/backup/BackupMetadataTest.java
//SOURCES avdaily/backup/BackupSinkTest.java
//SOURCES avdaily/backup/RangePlanTest.java
//SOURCES avdaily/base/AtomicFileTest.java
//SOURCES avdaily/base/ChildProcessTest.java
//SOURCES avdaily/base/FormatTest.java
//SOURCES avdaily/base/TextTableTest.java
//SOURCES avdaily/copy/LineFeedsTest.java
//SOURCES avdaily/copy/LineTest.java
//SOURCES avdaily/db/SortMemoryTest.java
//SOURCES avdaily/deploy/MaintenanceWindowTest.java
//SOURCES avdaily/migrate/BlockingSessionTest.java
//SOURCES avdaily/migrate/FlywayErrorsTest.java
//SOURCES avdaily/migrate/HistoryTableTest.java
//SOURCES avdaily/migrate/batch/BatchSizeTest.java
//SOURCES avdaily/restore/DumpStatementTest.java
//SOURCES avdaily/seed/CsvRowsTest.java
//SOURCES avdaily/seed/RelativeDatesTest.java
//SOURCES faults/Calls.java
//SOURCES faults/Campaign.java
//SOURCES faults/Clock.java
//SOURCES faults/Fault.java
//SOURCES faults/FaultyPort.java
//SOURCES faults/Ground.java
//SOURCES faults/Life.java
//SOURCES faults/SmallDisk.java
//SOURCES faults/State.java
//SOURCES faults/Subject.java
//SOURCES faults/Subjects.java
//SOURCES faults/Trial.java
//SOURCES support/Await.java
//SOURCES support/Chromium.java
//SOURCES support/CommandHelp.java
//SOURCES support/DatabaseAccess.java
//SOURCES support/DockerEngine.java
//SOURCES support/FaultyNetwork.java
//SOURCES support/HostileDatabase.java
//SOURCES support/JsonSchema.java
//SOURCES support/JsonShape.java
//SOURCES support/Kills.java
//SOURCES support/LongForm.java
//SOURCES support/ManualPage.java
//SOURCES support/MigrationFolder.java
//SOURCES support/RoundTrips.java
//SOURCES support/S3Server.java
//SOURCES support/ScriptTest.java
//SOURCES support/SharedTerminal.java
//SOURCES support/SteadyWriter.java
//SOURCES support/StudioVisits.java
//SOURCES support/TableContent.java
//SOURCES support/Terminal.java
//SOURCES support/TestServer.java
//SOURCES support/Testdata.java
//SOURCES support/TravelLists.java

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import avdaily.backup.AgeTest;
import avdaily.backup.BackupMetadataTest;
import avdaily.backup.BackupSinkTest;
import avdaily.backup.RangePlanTest;
import avdaily.base.AtomicFileTest;
import avdaily.base.ChildProcessTest;
import avdaily.base.FormatTest;
import avdaily.base.TextTableTest;
import avdaily.copy.LineFeedsTest;
import avdaily.copy.LineTest;
import avdaily.db.SortMemoryTest;
import avdaily.deploy.MaintenanceWindowTest;
import avdaily.migrate.BlockingSessionTest;
import avdaily.migrate.FlywayErrorsTest;
import avdaily.migrate.HistoryTableTest;
import avdaily.migrate.batch.BatchSizeTest;
import avdaily.restore.DumpStatementTest;
import avdaily.seed.CsvRowsTest;
import avdaily.seed.RelativeDatesTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs all tests, or those of the classes that the arguments name (MigrateTest SeedTest). Ends with the seconds that
 * each class took, the longest first, and with "N passed, N failed".
 */
class All {
    private static final List<Class<?>> TESTS = List.of(
            AdoptionTest.class,
            AgeTest.class,
            AnswersTest.class,
            ApprovalTest.class,
            AsPsqlTest.class,
            AtomicFileTest.class,
            AtNightTest.class,
            BackupMetadataTest.class,
            BackupSinkTest.class,
            BackupTest.class,
            BatchSizeTest.class,
            BelievedTablesTest.class,
            BinaryRowsTest.class,
            BlockingSessionTest.class,
            ChildProcessTest.class,
            CitusTest.class,
            CommonTest.class,
            CompareTest.class,
            CompletionTest.class,
            CsvRowsTest.class,
            DataMigrationTest.class,
            DbTest.class,
            DeployFailureTest.class,
            DeployTest.class,
            DeveloperCopyTest.class,
            DocsTest.class,
            DoctorTest.class,
            DownloadTest.class,
            DriftSightTest.class,
            DriftTest.class,
            DryRunTest.class,
            DumpStatementTest.class,
            FailureTest.class,
            FaultsTest.class,
            FlywayErrorsTest.class,
            FormatTest.class,
            FixTest.class,
            FleetTest.class,
            GateTest.class,
            GenerateDetailsTest.class,
            GenerateRowsTest.class,
            GenerateSeedTest.class,
            GenerateTest.class,
            GenerateUnreadTest.class,
            GlobalsTest.class,
            HistoryTableTest.class,
            HostileDatabaseTest.class,
            HostileFileTest.class,
            HostileFolderTest.class,
            HouseTest.class,
            IntegrityFailureTest.class,
            IntegrityTest.class,
            JsonTest.class,
            LauncherTest.class,
            LeastPrivilegeTest.class,
            LineFeedsTest.class,
            LineTest.class,
            LintTest.class,
            LockTest.class,
            LongRunTest.class,
            MaintenanceWindowTest.class,
            MaskTest.class,
            MatrixTest.class,
            MigrateFailureTest.class,
            MigrateTest.class,
            MonitorTest.class,
            NotifyTest.class,
            ObjectStorageFaultsTest.class,
            ObjectStorageTest.class,
            OldBackupTest.class,
            OwnProjectsTest.class,
            PathOptionTest.class,
            PlacementTest.class,
            PlanTest.class,
            ProjectTest.class,
            RelativeDatesTest.class,
            RangePlanTest.class,
            RecipeTest.class,
            RecoveryTest.class,
            RestoreNewTest.class,
            RestorePartTest.class,
            RestoreSettingsTest.class,
            RestoreTest.class,
            RoundTripTest.class,
            RulesTest.class,
            SafetyTest.class,
            SchemaTest.class,
            ScratchTest.class,
            ScriptReaderTest.class,
            SecrecyTest.class,
            SeedExportTest.class,
            SeedFilesTest.class,
            SeedLargeTest.class,
            SeedReturnTest.class,
            SeedTest.class,
            SeedWrittenTest.class,
            SessionTest.class,
            SettingsTest.class,
            SortMemoryTest.class,
            SqlFileTest.class,
            StandbyTest.class,
            StrangersTest.class,
            StudioAccessTest.class,
            StudioBrowserTest.class,
            StudioDataTest.class,
            StudioEditTest.class,
            StudioTest.class,
            TextRowsTest.class,
            TextTableTest.class,
            TenantTest.class,
            TypeChangeTest.class,
            UndoTest.class,
            UnixSocketTest.class,
            VisibleTest.class);

    public static void main(String... names) throws IOException {
        LogManager.getLogManager().reset();
        if (List.of(names).contains("--help")) help();
        if (List.of(names).contains("--fix-lists")) fixLists();
        refuseUnknown(names);
        refuseAbroad();
        List<Class<?>> chosen = names.length == 0
                ? TESTS
                : TESTS.stream()
                        .filter(test -> List.of(names).contains(test.getSimpleName()))
                        .toList();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(chosen.stream().map(test -> selectClass(test)).toList())
                .configurationParameter("junit.jupiter.execution.timeout.default", "10 m")
                .configurationParameter("junit.jupiter.execution.timeout.thread.mode.default", "separate_thread")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "same_thread")
                .configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter(
                        "junit.jupiter.execution.parallel.config.fixed.parallelism",
                        String.valueOf(2 * Runtime.getRuntime().availableProcessors() + 1)) // most wait for something
                .build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        System.out.println("Server: " + TestServer.describe());
        Progress progress = new Progress();
        LauncherFactory.create().execute(request, summary, progress);
        TestServer.stop();
        TestExecutionSummary result = summary.getSummary();
        result.printFailuresTo(new PrintWriter(System.out, true), 12);
        progress.printSeconds();
        long failed = result.getTestsFailedCount() + result.getContainersFailedCount();
        long skipped = result.getTestsSkippedCount() + result.getTestsAbortedCount();
        if (skipped > 0) System.out.println(skipped + " left out, as their lines say");
        System.out.println(result.getTestsSucceededCount() + " passed, " + failed + " failed");
        System.exit(failed == 0 && result.getTestsSucceededCount() > 0 ? 0 : 1);
    }

    private static void help() {
        System.out.println(
                """
                Usage: avdaily-test [CLASS...] | --fix-lists
                Run all tests, or those of the classes that are named, on a real PostgreSQL server.
                      --fix-lists   List every migration and every seed file where the scripts find what
                                      travels with them, and run no test.
                      --help        Show this help.
                Classes:""");
        TESTS.forEach(test -> System.out.println("  " + test.getSimpleName()));
        System.exit(0);
    }

    /** The tests look at the files of a clone: the catalog, the sources, the manual. */
    private static void refuseAbroad() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve("jbang-catalog.json")) && Files.exists(at.resolve("tests/all.java"))) return;
        System.err.println("avdaily-test: the working directory is in no clone of the project");
        System.err.println("Go on: clone the repository, and run ./jbang avdaily-test in it.");
        System.exit(2);
    }

    private static void fixLists() throws IOException {
        refuseAbroad();
        List<Path> changed = new TravelLists(ScriptTest.PROJECT).fix();
        System.out.println(changed.isEmpty() ? "The lists were right." : "Written: " + changed);
        System.exit(0);
    }

    private static void refuseUnknown(String... names) {
        List<String> known = TESTS.stream().map(Class::getSimpleName).toList();
        List<String> unknown =
                Stream.of(names).filter(name -> !known.contains(name)).toList();
        if (unknown.isEmpty()) return;
        System.err.println("avdaily-test: there is no test class " + String.join(", ", unknown));
        System.err.println("Go on: name some of " + String.join(", ", known) + ".");
        System.exit(2);
    }

    private static final class Progress implements TestExecutionListener {
        private final Map<TestIdentifier, Long> started = new ConcurrentHashMap<>();
        private final Map<String, Double> seconds = new ConcurrentHashMap<>();

        @Override
        public void executionStarted(TestIdentifier test) {
            started.put(test, System.nanoTime());
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            System.out.printf("skipped %s %s, 0.0 s: %s%n", nameOf(test), test.getDisplayName(), reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            String name = nameOf(test);
            double took = (System.nanoTime() - started.getOrDefault(test, System.nanoTime())) / 1e9;
            if (test.isTest()) seconds.merge(name, took, Double::sum);
            else if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) return;
            String what =
                    switch (result.getStatus()) {
                        case SUCCESSFUL -> "ok      ";
                        case ABORTED -> "skipped ";
                        case FAILED -> "FAILED  ";
                    };
            String why = result.getThrowable()
                    .map(t -> ": "
                            + String.valueOf(t.getMessage()).lines().findFirst().orElse(""))
                    .orElse("");
            System.out.printf(Locale.ROOT, "%s%s %s, %.1f s%s%n", what, name, test.getDisplayName(), took, why);
        }

        private static String nameOf(TestIdentifier test) {
            return test.getUniqueId().replaceAll(".*\\[class:(?:\\w+\\.)*(\\w+)].*", "$1");
        }

        void printSeconds() {
            seconds.entrySet().stream()
                    .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                    .forEach(one -> System.out.printf(Locale.ROOT, "%5.0f s  %s%n", one.getValue(), one.getKey()));
        }
    }
}
