import avdaily.base.CiJob;
import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Project;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import avdaily.console.Exit;
import avdaily.console.Placement;
import avdaily.db.Database;
import avdaily.db.DatabaseChoice;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.ProjectFile;
import avdaily.db.ProjectRecord;
import avdaily.fleet.Target;
import avdaily.fleet.TargetOutcome;
import avdaily.notify.Job;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command of every script has: the shared options, and one way from {@code main} to an exit code. */
abstract class Script implements Callable<Integer> {
    @Option(
            names = "--env",
            paramLabel = "ENV",
            description = "development, testing, staging, demo or production "
                    + "(default: AVDAILY_ENV, NODE_ENV, what the database says of itself).")
    Environment env;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "postgresql://user@host:port/database (default: DATABASE_URL; without either, the local server). "
                            + "A password is safer in the variable.")
    String url;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "Read variables from it, in place of .env and .env.ENV in the project's folder.")
    Path envFile;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The project's file (default: AVDAILY_CONFIG, else avdaily.yaml beside the folder of "
                    + "migrations, in the working directory or above it).")
    Path config;

    @Option(names = "--json", description = "Print one JSON document on standard output.")
    boolean json;

    @Option(names = "--yes", description = "Answer yes where the command would ask.")
    boolean yes;

    @Option(names = "--quiet", description = "Do not say what is going on: only results, remarks and errors.")
    boolean quiet;

    @Option(names = "--verbose", description = "Say more, and print a stack trace for an error.")
    boolean verbose;

    @Spec
    CommandSpec spec;

    private Out out;
    private Database opened;
    private JobNotices.End end;
    private Settings process;
    private Settings settings;
    /** The one of many that this command is for, if it is. */
    private Target target;

    private Optional<String> agreed = Optional.empty();
    private int sharers = 1;
    /** With the others of many. */
    Shared shared = new Shared();

    /** Does the command's work and returns its exit code; the table of contents of what it does. */
    abstract int run() throws Exception;

    /** What the run is to those whom avdaily.yaml wants to be told; nothing if nobody is. */
    Optional<Job> job() {
        return Optional.empty();
    }

    /** The schema to work on as if there were no other; nothing if it is the whole database. */
    Optional<String> schema() {
        return Optional.empty();
    }

    /** The options for many databases; nothing if the command knows one only. */
    Optional<FleetOptions> many() {
        return Optional.empty();
    }

    /** Refuses what the command line says that holds for one database only, and targets that it is not for. */
    void mustSuitMany(List<Target> targets) {}

    /** What the command does to each of many databases. */
    FleetEffect effect() {
        return FleetEffect.READS;
    }

    /** What is to be said of one target beside the others, by its name; the documents of all are known. */
    Map<Target, String> compare(List<TargetOutcome> outcomes) {
        return Map.of();
    }

    /** The commands below this one. */
    List<Class<? extends Script>> commands() {
        return List.of();
    }

    /** The environment that the command line names, or null. */
    Environment named() {
        return env;
    }

    final Out out() {
        return out;
    }

    /** Where it prints, and the variables of the process. */
    final void attach(Out output, Settings variables) {
        out = output;
        process = variables;
    }

    /** The variables; which files hold some is known when the command line has been read. */
    final Settings settings() {
        if (settings == null) {
            Optional<Environment> environment = Optional.ofNullable(named()).or(() -> Environment.ofProcess(process));
            settings = process.reading(
                            envFile, environment.map(Environment::toString).orElse(null))
                    .working(new Project.Named(config, folder("--migrations"), folder("--seeds")));
        }
        return settings;
    }

    /** What an option says, if the command has it and it is given, or null. */
    private Path folder(String option) {
        OptionSpec found = spec.findOption(option);
        return found == null ? null : found.getValue();
    }

    /** What engines may know of this run. */
    final Invocation invocation() {
        return invocation(out, agreed);
    }

    /** The same with the output of one of many works. */
    final Invocation invocation(Out output, Optional<String> agreedFor) {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return new Invocation(spec.root().name(), arguments, yes, output, settings(), agreedFor);
    }

    final DatabaseChoice choice() {
        return target == null
                ? new DatabaseChoice(named(), url, settings().project().file()).in(schema())
                : choice(target);
    }

    /** Which database one of many is. */
    final DatabaseChoice choice(Target one) {
        return new DatabaseChoice(named(), url, settings().project().file())
                .listed(new DatabaseChoice.Listed(one.name(), one.url(), one.source()))
                .in(one.schema());
    }

    /** The same command with the same words and variables, that prints elsewhere. */
    final Script copy(Out output) {
        try {
            Constructor<?> constructor = spec.root().userObject().getClass().getDeclaredConstructor();
            constructor.setAccessible(true);
            List<String> words = spec.root().commandLine().getParseResult().originalArgs();
            CommandLine line =
                    CommandParser.of(NamedCommands.of((Script) constructor.newInstance(), words), output, process);
            CommandLine.ParseResult parsed = line.parseArgs(words.toArray(String[]::new));
            while (parsed.hasSubcommand()) parsed = parsed.subcommand();
            Script copy = (Script) parsed.commandSpec().userObject();
            copy.settings = settings();
            copy.shared = shared;
            return copy;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Runs the command for one of many, and returns its exit code.
     *
     * @param agreedFor the environment for which a person has agreed already
     * @param width how many do so at the same time
     */
    final int runOn(Target one, Optional<String> agreedFor, int width) {
        target = one;
        agreed = agreedFor;
        sharers = width;
        try {
            return run();
        } catch (Exception e) {
            Failure failure = Failures.explain(e);
            conclude(failure.getMessage(), failure.next);
            return report(e, spec.commandLine(), out, settings());
        }
    }

    /** The part of what this machine can do at the same time that is this command's. */
    final int share(int whole) {
        return Math.max(1, whole / sharers);
    }

    final boolean isOneOfMany() {
        return target != null;
    }

    /** The database that the command line and the variables name. */
    final Database openDatabase() throws SQLException {
        return opened = Database.open(invocation(), choice());
    }

    /** The same, for a command that only reads: what the database keeps about itself need not be to be believed. */
    final Database openToRead() throws SQLException {
        return opened = Database.openToRead(invocation(), choice());
    }

    /**
     * The same, for a command that works with the project's migrations, seeds or rules.
     *
     * @throws Failure (21) if the database remembers another project
     */
    final Database openProjectDatabase() throws SQLException {
        return fitting(openDatabase());
    }

    /** Both at once. */
    final Database openProjectToRead() throws SQLException {
        return fitting(openToRead());
    }

    private static Database fitting(Database db) throws SQLException {
        try {
            ProjectRecord.mustFit(db);
            return db;
        } catch (SQLException | Failure e) {
            db.close();
            throw e;
        }
    }

    /** The two lines, and the exit code, of a command whose result stands already but holds findings. */
    final int findings(String what, String next) {
        conclude((end == null ? "" : end.summary() + "; ") + what, next);
        out.advise(spec.root().name(), what, next);
        return Exit.FINDINGS;
    }

    /** The end of a command that found nothing to work on: a word, and with {@code --strict} the code of findings. */
    final int nothing(String what, boolean strict) {
        String next = "see with 'avdaily-db url --explain' that it is the right database.";
        if (strict) return findings(what, next);
        out.note("Note: " + what + "; " + next);
        return Exit.DONE;
    }

    /** The two lines, and the exit code, of a command that failed and has told the rest itself. */
    final int failed(Failure failure) {
        conclude((end == null ? "" : end.summary() + "; ") + failure.getMessage(), failure.next);
        tell(failure, spec, out, settings());
        return Exit.code(failure.kind);
    }

    /** What those are told of the run's end who are told of the job; {@code next} may be null. */
    final void conclude(String summary, String next) {
        end = new JobNotices.End(summary, next);
    }

    /** A line of the result that they are told too. */
    final void summarize(String line) {
        conclude(line, null);
        out.print(line);
    }

    @Override
    public final Integer call() throws Exception {
        Optional<Job> job = job();
        Optional<FleetOptions> fleet = many().filter(FleetOptions::isAsked);
        Callable<Integer> work = fleet.isEmpty() ? this::run : () -> new Fleet(this, fleet.get()).run();
        return job.isEmpty() ? work.call() : notices(job.get()).around(work);
    }

    /** How the run ended, if it has said so. */
    final Optional<JobNotices.End> end() {
        return Optional.ofNullable(end);
    }

    /** For the job's beginning and end, or for each look of one that looks again and again. */
    final JobNotices notices(Job job) {
        return new JobNotices(job, this);
    }

    /** The last database that was opened; it may be closed already. */
    final Optional<Database> opened() {
        return Optional.ofNullable(opened);
    }

    /** What a database that does not answer is called when it does, so far as that can be known. */
    final Environment environmentOf(Optional<DatabaseUrl> named) {
        List<Environment.Signal> observed =
                named.flatMap(address -> ProjectFile.called(choice().project(), address)).stream()
                        .toList();
        return Environment.decide(Environment.named(named(), settings()), observed);
    }

    /** Runs {@code root} as a program: parses, runs, reports, and ends the process with the exit code. */
    static void main(Script root, String... args) {
        // the libraries' chatter is not for the user: a configuration that names nobody who prints it
        System.setProperty("java.util.logging.config.class", Object.class.getName());
        Preloading.begin(root, args);
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // a number in SQL or JSON has the digits 0 to 9
        Out out = Out.ofProcess(List.of(args), Ansi.AUTO.enabled(), () -> System.exit(Exit.INTERRUPTED));
        out.becomeStandardStreams();
        int code = run(root, out, Settings.ofProcess(), args);
        System.out.flush();
        System.exit(code);
    }

    /** Parses, runs and reports; returns the exit code. */
    static int run(Script root, Out out, Settings settings, String... args) {
        settings.real("AVDAILY_COMMAND").ifPresent(out::callCommands);
        CommandLine line = CommandParser.of(NamedCommands.of(root, List.of(args)), out, settings);
        int code = execute(line, out, settings, List.of(args));
        StepSummary.add(line, code, out, settings);
        line.getOut().flush();
        return code;
    }

    /** The script and its commands, as the command line is read by them. */
    static CommandLine parser(Script root, Out out, Settings settings) {
        return CommandParser.of(NamedCommands.all(root), out, settings);
    }

    private static int execute(CommandLine line, Out out, Settings settings, List<String> words) {
        words.forEach(Secrets::addFrom); // before anything can fail and repeat it
        try {
            if (Completion.isAskedFor(words)) {
                Completion.print(line, words, out);
                return Exit.DONE;
            }
            return line.execute(arranged(line, words));
        } catch (Failure e) {
            return report(e, line, out, settings);
        }
    }

    /** The words in the order in which none of them is dropped. */
    static String[] arranged(CommandLine line, List<String> words) {
        return Placement.arrange(line, Script.class, words).toArray(String[]::new);
    }

    /**
     * The one door through which errors reach the user: two lines on standard error, with {@code --json} also a
     * document.
     */
    static int report(Exception e, CommandLine command, Out out, Settings settings) {
        Failure failure = Failures.explain(e);
        int code = Exit.code(failure.kind);
        out.trace(e);
        if (command.getCommand() instanceof Script script) script.conclude(failure.getMessage(), failure.next);
        tell(failure, command.getCommandSpec(), out, settings);
        out.jsonOf(failure, code);
        return code;
    }

    /** The two lines; in a CI job also where in the repository the cause stands. */
    private static void tell(Failure failure, CommandSpec command, Out out, Settings settings) {
        String program = command.root().name();
        Optional<CiJob> job = failure.place().isPresent() ? CiJob.of(settings) : Optional.empty();
        String text = failure.getMessage() + ". Go on: " + failure.next;
        job.ifPresent(
                ci -> out.commandAside(ci.annotation("error", failure.place().orElseThrow(), program, text)));
        out.advise(program, failure.getMessage(), failure.next);
    }
}
