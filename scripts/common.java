//DEPS info.picocli:picocli:4.7.7
//DEPS org.postgresql:postgresql:42.7.14
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS io.github.cdimascio:dotenv-java:3.2.0
//DEPS me.tongfei:progressbar:0.10.2
//DEPS eu.maveniverse.maven.mima:context:2.4.33
//DEPS eu.maveniverse.maven.mima.runtime:standalone-static:2.4.33
//DEPS org.apache.commons:commons-compress:1.28.0
//DEPS org.tukaani:xz:1.12
//DEPS com.github.luben:zstd-jni:1.5.7-28
//DEPS com.exceptionfactory.jagged:jagged-framework:1.0.0
//DEPS com.exceptionfactory.jagged:jagged-x25519:1.0.0
//DEPS org.slf4j:slf4j-nop:1.7.36
//SOURCES common/BackupFile.java
//SOURCES common/BackupSink.java
//SOURCES common/BackupWriter.java
//SOURCES common/Database.java
//SOURCES common/DatabaseUrl.java
//SOURCES common/Emptying.java
//SOURCES common/Environment.java
//SOURCES common/Failure.java
//SOURCES common/Folder.java
//SOURCES common/Gate.java
//SOURCES common/Json.java
//SOURCES common/LocalServer.java
//SOURCES common/Lock.java
//SOURCES common/Operation.java
//SOURCES common/Out.java
//SOURCES common/PgDump.java
//SOURCES common/Schema.java
//SOURCES common/SchemaCatalog.java
//SOURCES common/SchemaComments.java
//SOURCES common/SchemaData.java
//SOURCES common/SchemaGrants.java
//SOURCES common/SchemaGraph.java
//SOURCES common/SchemaRules.java
//SOURCES common/SchemaTables.java
//SOURCES common/SchemaTypes.java
//SOURCES common/Scratch.java
//SOURCES common/Settings.java
//SOURCES common/Snapshot.java
//SOURCES common/SqlFile.java

import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What every command of every script has: the shared options, and one way from {@code main} to an exit code. */
abstract class Script implements Callable<Integer> {
    static final String VERSION = "0.1.0";

    @Option(names = "--env", paramLabel = "ENV",
            description = "development, testing, staging, demo or production (default: AVDAILY_ENV, NODE_ENV, what the database says of itself).")
    Environment env;

    @Option(names = "--url", paramLabel = "URL",
            description = "postgresql://user@host:port/database (default: DATABASE_URL; without either, the local server). A password is safer in the variable.")
    String url;

    @Option(names = "--json", description = "Print one JSON document on standard output.")
    boolean json;

    @Option(names = "--yes", description = "Answer yes where the command would ask.")
    boolean yes;

    @Option(names = "--verbose", description = "Say more, and print a stack trace for an error.")
    boolean verbose;

    @Spec
    CommandSpec spec;

    /** Does the command's work and returns its exit code; the table of contents of what it does. */
    abstract int run() throws Exception;

    /** The environment that the command line names, or null. */
    Environment named() {
        return env;
    }

    /** What {@link #named} is where an argument may name the environment too. */
    final Environment eitherOf(Environment target) {
        if (env != null && target != null && env != target)
            throw Failure.usage("two environments are named: " + target + " and --env " + env, "name one.");
        return target != null ? target : env;
    }

    @Override
    public final Integer call() throws Exception {
        return run();
    }

    /** Runs {@code root} as a program: parses, runs, reports, and ends the process with the exit code. */
    static void main(Object root, String... args) {
        Out.redactStandardStreams();
        Out.configure(List.of(args).contains("--json"), List.of(args).contains("--verbose")); // before parsing, so that its errors obey too
        LogManager.getLogManager().reset(); // the libraries' chatter is not for the user
        CommandLine line = new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .registerConverter(Environment.class, Environment::parse)
                .setParameterExceptionHandler((e, a) -> Failures.report(usage(e), e.getCommandLine()))
                .setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, command));
        complete(line);
        int code = line.execute(args);
        System.out.flush();
        System.exit(code);
    }

    /** Gives the command and those below it what all have: help with the exit codes, and a version. */
    private static void complete(CommandLine line) {
        CommandSpec command = line.getCommandSpec();
        command.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(Exit.MEANINGS);
        command.versionProvider(() -> new String[] {command.root().name() + " " + VERSION + " on Java " + System.getProperty("java.version")});
        command.addOption(OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
        if (!command.optionsMap().containsKey("--version"))
            command.addOption(OptionSpec.builder("-V", "--version").versionHelp(true).description("Show the version.").build());
        line.getSubcommands().values().forEach(Script::complete);
    }

    private static Failure usage(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        boolean guess = e instanceof UnmatchedArgumentException u && !u.getSuggestions().isEmpty();
        String hint = guess ? "did you mean " + String.join(" or ", ((UnmatchedArgumentException) e).getSuggestions()) + "? " : "";
        return Failure.usage(e.getMessage(), hint + "'" + command + " --help' lists what there is.");
    }
}
