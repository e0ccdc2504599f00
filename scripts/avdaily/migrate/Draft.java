package avdaily.migrate;

import avdaily.base.Format;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Generated migrations, each with its undo, before they are written.
 *
 * @param title what they do
 * @param remarks what people must look at in the migrations
 * @param undoRemarks the same of the undo
 */
record Draft(String title, List<String> remarks, List<String> undoRemarks, List<Step> steps) {
    private static final String MARK = ": generated, to be reviewed.";

    /**
     * One migration.
     *
     * @param notes what its file says of it
     */
    record Step(BigInteger version, String word, List<String> notes, List<String> forward, List<String> undo) {
        String forwardName() {
            return "V" + version + "__" + word + ".sql";
        }

        String undoName() {
            return "U" + version + "__" + word + ".sql";
        }

        /** Whether there is nothing to do, nor to take back. */
        boolean isEmpty() {
            return forward.isEmpty() && undo.isEmpty();
        }

        Step as(BigInteger other) {
            return new Step(other, word, notes, forward, undo);
        }

        /** How the undo's file begins. */
        String undoTitle() {
            return "Takes V" + version + " back" + MARK;
        }
    }

    /** With what its proof showed. */
    Draft with(List<String> more) {
        List<String> lines = more.stream().map(Draft::sentence).toList();
        return new Draft(title, joined(remarks, lines), joined(undoRemarks, lines), steps);
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    static String sentence(String remark) {
        return Format.capital(remark) + ".";
    }

    String forward(Step step) {
        return StatementText.file(
                title + MARK, joined(step.notes, step == steps.get(0) ? remarks : List.of()), step.forward);
    }

    String undo(Step step) {
        return StatementText.file(step.undoTitle(), step == steps.get(0) ? undoRemarks : List.of(), step.undo);
    }

    BigInteger last() {
        return steps.get(steps.size() - 1).version;
    }
}
