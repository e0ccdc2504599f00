package avdaily.console;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Visible;
import avdaily.db.Database;
import avdaily.db.Environment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The only way to anything that writes: looks at the environment, the variables that must be set, and asks. Unattended
 * means refuse, unless {@code --yes} is given; in production it also needs a variable. Variables count if the process
 * has them: those of a file in the folder allow nothing.
 */
public final class Gate {
    /** What allows a deed in production with nobody at a terminal, unless the deed has a variable of its own. */
    private static final String ALLOW_PRODUCTION = "DB_DEPLOY_ALLOW_PRODUCTION";

    private final Invocation invocation;
    private final Environment environment;
    private final Optional<Environment.Signal> reason;
    private final int approvals;
    private final String name;
    private final String deed;
    private final Set<String> unattended = new LinkedHashSet<>();
    private String confirm;
    private String allowProduction;
    private boolean byName;
    private String nameOf = "database";
    private String changesSchema; // how else, null if it does not
    private boolean isApproved;

    private Gate(
            Invocation invocation,
            Environment environment,
            Optional<Environment.Signal> reason,
            int approvals,
            String name,
            String deed) {
        this.invocation = invocation;
        this.environment = environment;
        this.reason = reason;
        this.approvals = approvals;
        this.name = name;
        this.deed = Visible.line(deed);
    }

    /** A gate before a deed, said so that it can be asked: "empty x on y". */
    public static Gate before(Database db, String deed) {
        return new Gate(
                db.invocation(),
                db.environment(),
                db.reason(),
                db.project().approvals(db.environment()),
                db.name(),
                deed);
    }

    /**
     * A gate before a deed on something that belongs to the database {@code name} of {@code environment} and is not in
     * it.
     */
    public static Gate before(Invocation invocation, Environment environment, String name, String deed) {
        return new Gate(invocation, environment, Optional.empty(), 0, name, deed);
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
     * In production, and with nobody at a terminal to type its name, the deed needs this variable: in place of the one
     * that all deeds need there, or besides the others that were named so.
     */
    public Gate needsInUnattendedProduction(String variable) {
        unattended.add(variable);
        return this;
    }

    /** The deed changes the schema: if the project demands approvals, it is done by an approved plan or not at all. */
    public Gate changesSchema() {
        return changesSchema("write it as a migration and make a plan with 'avdaily-deploy plan " + environment
                + " -o plan.json', have it approved ('avdaily-deploy approve plan.json'), then 'avdaily-deploy "
                + environment + " --plan plan.json'.");
    }

    /** The same, with the way to such a plan. */
    public Gate changesSchema(String plannedBy) {
        changesSchema = plannedBy;
        return this;
    }

    /** An approved plan is at hand, which stands for the variable of unattended production. */
    public Gate approved() {
        isApproved = true;
        return this;
    }

    /** The deed is not done in production with nobody at a terminal, whatever is set. */
    public Gate neverInUnattendedProduction(String insteadDo) {
        if (isUnattendedProduction())
            throw Failure.refused(
                    "this would " + deed + ", and that is never done in production with nobody at a terminal"
                            + whyProduction(),
                    insteadDo);
        return this;
    }

    /** A person confirms by the database's name, as is always so in production. */
    public Gate byName() {
        byName = true;
        return this;
    }

    /** The deed is done to many, and the name is that of a set of them. */
    public Gate ofSet() {
        nameOf = "set";
        return this;
    }

    /** The deed is never done in production. */
    public Gate neverInProduction(String insteadDo) {
        if (production())
            throw Failure.refused(
                    "this would " + deed + ", and that is never done in production" + whyProduction(), insteadDo);
        return this;
    }

    /** Lets through or throws (21); what it says tells the whole way on, so that nobody is refused twice. */
    public void destructive() {
        refuseWithoutApproval();
        List<String> needed = neededVariables();
        List<String> missing = needed.stream()
                .filter(variable -> !invocation.settings().isOn(variable))
                .toList();
        boolean silent = !isAttended() && !invocation.assumeYes();
        if (!missing.isEmpty() || silent)
            throw Failure.refused(
                    "this would " + deed + ", and "
                            + (missing.isEmpty()
                                    ? "nobody is at the terminal to confirm it and --yes is not given"
                                    : String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are")
                                            + " not set" + inFile(missing))
                            + whyProduction(),
                    "if that is what you want: " + wayOn(needed));
        if (isAgreed() || !invocation.out().isInteractive() || invocation.assumeYes() && !production()) return;
        String answer = production() || byName
                ? invocation
                        .out()
                        .ask("This will " + deed + ".\nIt is "
                                + environment.toString().toUpperCase(Locale.ROOT) + ". Type the " + nameOf + "'s name ("
                                + name
                                + ") to go on:")
                : invocation.out().ask("This will " + deed + ". Go on? [y/N]");
        if (!(production() || byName ? answer.equals(name) : answer.matches("(?i)y|yes")))
            throw Failure.refused("not confirmed", "nothing was changed; run it again when you are sure.");
    }

    private void refuseWithoutApproval() {
        if (changesSchema == null || isApproved || approvals == 0) return;
        throw Failure.refused(
                "this would " + deed + ", and the schema of " + environment + " changes only by a plan with "
                        + Format.count(approvals, "approval") + " (avdaily.yaml)",
                changesSchema);
    }

    private boolean production() {
        return environment == Environment.PRODUCTION;
    }

    private boolean isUnattendedProduction() {
        return production() && !isAttended();
    }

    /** A person has agreed to this for many databases, and this one is what it was then. */
    private boolean isAgreed() {
        return invocation.agreed().filter(environment.toString()::equals).isPresent();
    }

    private boolean isAttended() {
        return isAgreed() || invocation.out().isInteractive();
    }

    private List<String> neededVariables() {
        List<String> needed = new ArrayList<>();
        if (confirm != null) needed.add(confirm);
        if (production() && allowProduction != null) needed.add(allowProduction);
        if (!isUnattendedProduction()) return needed;
        if (!unattended.isEmpty()) needed.addAll(unattended);
        else if (allowProduction == null && !isApproved) needed.add(ALLOW_PRODUCTION);
        return needed;
    }

    /** Whoever has set it in the wrong place learns why it does not count. */
    private String inFile(List<String> missing) {
        return missing.stream().anyMatch(invocation.settings()::isOnInFile)
                ? " (in .env it does not count: only the process's own variables allow anything)"
                : "";
    }

    /** If a name alone made it production, the reader has to know. */
    private String whyProduction() {
        return reason.filter(signal -> production())
                .map(signal -> "; " + signal)
                .orElse("");
    }

    /** The command as it was typed, with what it lacks. */
    private String wayOn(List<String> needed) {
        String typed = Format.words(invocation.arguments());
        return needed.stream().map(variable -> variable + "=1 ").collect(Collectors.joining()) + invocation.program()
                + " " + typed + (isAttended() || invocation.assumeYes() ? "" : " --yes");
    }
}
