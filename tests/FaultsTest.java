import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to a command that writes, the database is old or new and whole, the error says how to go on, the
 * next run ends the work, and nothing stays. {@code tests/faults/campaign.java} is the long form.
 */
class FaultsTest extends ScriptTest {
    private static final long SEED = 1;
    private static final int STEPS = 8;
    /** Those that leave the server to the other tests, and need no process. */
    private static final List<Fault> QUICK = List.of(
            Fault.CONNECTION_CUT,
            Fault.MESSAGE_HALVED,
            Fault.ANSWER_LOST,
            Fault.CLIENT_UNHEARD,
            Fault.SESSION_ENDED,
            Fault.STATEMENT_CANCELLED,
            Fault.MESSAGE_DELAYED);

    private final List<String> said = new ArrayList<>();

    @Test
    void everyCommandThatWritesKeepsItsPromises() throws Exception {
        Campaign campaign = new Campaign(SEED, 1, said::add);
        int next = 0;
        for (Subject subject : Subjects.ALL)
            campaign.run(List.of(subject), List.of(QUICK.get(next++ % QUICK.size())));
        assertEquals(List.of(), campaign.broken());
        assertTrue(campaign.tried() > Subjects.ALL.size() / 2, String.join("\n", said));
    }

    @Test
    void noFaultOfAFileLosesABackup() throws Exception {
        assumeTrue(Calls.canFail(), "strace is not installed, or may not look at processes");
        Campaign campaign = new Campaign(SEED, 1, said::add);
        for (Subject subject : Subjects.ALL)
            if (subject.name().equals("backup create"))
                campaign.run(List.of(subject), List.of(Fault.FORCE_FAILS, Fault.RENAME_KILLS));
            else if (subject.name().equals("restore one table"))
                campaign.run(List.of(subject), List.of(Fault.READ_FAILS));
        assertEquals(List.of(), campaign.broken());
        assertEquals(3, campaign.tried(), String.join("\n", said));
    }

    @Test
    void aLifeGoesOn() throws Exception {
        Life life = new Life(SEED, said::add);
        life.live(() -> life.steps() < STEPS, QUICK);
        assertEquals(List.of(), life.broken(), String.join("\n", said));
        assertTrue(life.struck() > 0, String.join("\n", said));
    }
}
