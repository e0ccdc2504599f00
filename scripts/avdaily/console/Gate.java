package avdaily.console;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Visible;
import avdaily.db.Database;
import avdaily.db.Environment;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The only way to anything destructive: looks at the environment, the variables that must be set, and asks. Unattended
 * means refuse, unless {@code --yes} is given.
 */
public final class Gate {
    private final Invocation invocation;
    private final Environment environment;
    private final String name;
    private final String deed;
    private String confirm;
    private String allowProduction;
    private String allowUnattendedProduction;
    private boolean byName;

    private Gate(Invocation invocation, Environment environment, String name, String deed) {
        this.invocation = invocation;
        this.environment = environment;
        this.name = name;
        this.deed = Visible.line(deed);
    }

    /** A gate before a deed, said so that it can be asked: "empty x on y". */
    public static Gate before(Database db, String deed) {
        return new Gate(db.invocation(), db.environment(), db.name(), deed);
    }

    /**
     * A gate before a deed on something that belongs to the database {@code name} of {@code environment} and is not in
     * it.
     */
    public static Gate before(Invocation invocation, Environment environment, String name, String deed) {
        return new Gate(invocation, environment, name, deed);
    }

    /** The deed also needs {@code NAME=1} in the environment. */
    public Gate needs(String variable) {
        confirm = variable;
        return this;
    }

    /** In production the deed also needs {@code NAME=1} in the environment. */
    public Gate needsInProduction(String variable) {
        allowProduction = variable;
        return this;
    }

    /**
     * In production, and with nobody at a terminal to type its name, the deed also needs {@code NAME=1} in the
     * environment.
     */
    public Gate needsInUnattendedProduction(String variable) {
        allowUnattendedProduction = variable;
        return this;
    }

    /** A person confirms by the database's name, as is always so in production. */
    public Gate byName() {
        byName = true;
        return this;
    }

    /** The deed is never done in production. */
    public Gate neverInProduction(String insteadDo) {
        if (production())
            throw Failure.refused("this would " + deed + ", and that is never done in production", insteadDo);
        return this;
    }

    /** Lets through or throws (21); what it says tells the whole way on, so that nobody is refused twice. */
    public void destructive() {
        List<String> needed = neededVariables();
        List<String> missing = needed.stream()
                .filter(variable -> !invocation.settings().isOn(variable))
                .toList();
        boolean silent = !invocation.out().isInteractive() && !invocation.assumeYes();
        if (!missing.isEmpty() || silent)
            throw Failure.refused(
                    "this would " + deed + ", and "
                            + (missing.isEmpty()
                                    ? "nobody is at the terminal to confirm it and --yes is not given"
                                    : String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are")
                                            + " not set"),
                    "if that is what you want: " + wayOn(needed));
        if (!invocation.out().isInteractive() || invocation.assumeYes() && !production()) return;
        String answer = production() || byName
                ? invocation
                        .out()
                        .ask("This will " + deed + ".\nIt is "
                                + environment.toString().toUpperCase(Locale.ROOT) + ". Type the database's name ("
                                + name + ") to go on:")
                : invocation.out().ask("This will " + deed + ". Go on? [y/N]");
        if (!(production() || byName ? answer.equals(name) : answer.matches("(?i)y|yes")))
            throw Failure.refused("not confirmed", "nothing was changed; run it again when you are sure.");
    }

    private boolean production() {
        return environment == Environment.PRODUCTION;
    }

    private List<String> neededVariables() {
        return Stream.of(
                        confirm,
                        production() ? allowProduction : null,
                        production() && !invocation.out().isInteractive() ? allowUnattendedProduction : null)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The command as it was typed, with what it lacks. */
    private String wayOn(List<String> needed) {
        String typed = Format.words(invocation.arguments());
        return needed.stream().map(variable -> variable + "=1 ").collect(Collectors.joining()) + invocation.program()
                + " " + typed + (invocation.out().isInteractive() || invocation.assumeYes() ? "" : " --yes");
    }
}
