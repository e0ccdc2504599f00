package avdaily.console;

import avdaily.base.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The exit codes, the same for every script. */
public final class Exit {
    public static final int DONE = 0;
    static final int ERROR = 1;
    public static final int FINDINGS = 22;
    public static final int INTERRUPTED = 130;

    /** Code to meaning, in the order in which {@code --help} lists them. */
    public static final Map<String, String> MEANINGS = meanings();

    private static Map<String, String> meanings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(" " + DONE, "done");
        for (Failure.Kind kind : Failure.Kind.values())
            all.put(kind == Failure.Kind.INTERRUPTED ? "" + INTERRUPTED : " " + code(kind), meaning(kind));
        return all;
    }

    /** From the gravest to what is none: of many works the gravest counts. */
    private static final List<Integer> BY_GRAVITY = List.of(INTERRUPTED, ERROR, 24, 25, 20, 23, 21, 2, FINDINGS, DONE);

    /** The gravest of the codes with which several works ended. */
    public static int worst(List<Integer> codes) {
        return BY_GRAVITY.stream().filter(codes::contains).findFirst().orElse(DONE);
    }

    /** With which code a command ends that fails so. */
    public static int code(Failure.Kind kind) {
        return switch (kind) {
            case ERROR -> ERROR;
            case USAGE -> 2;
            case UNREACHABLE -> 20;
            case REFUSED -> 21;
            case FINDINGS -> FINDINGS;
            case LOCKED -> 23;
            case DAMAGED -> 24;
            case SQL -> 25;
            case INTERRUPTED -> INTERRUPTED;
        };
    }

    private static String meaning(Failure.Kind kind) {
        return switch (kind) {
            case ERROR -> "unexpected error";
            case USAGE -> "wrong usage, or a mistake in a file given to the command";
            case UNREACHABLE -> "database unreachable";
            case REFUSED -> "refused by a safety gate";
            case FINDINGS -> "findings: drift, broken data, a dangerous migration, or pending ones with --check";
            case LOCKED -> "lock not obtained: another run or session holds it";
            case DAMAGED -> "backup file invalid or damaged";
            case SQL -> "SQL given to the command failed: of a migration, a seed, a rule, a dump";
            case INTERRUPTED -> "interrupted";
        };
    }

    private Exit() {}
}
