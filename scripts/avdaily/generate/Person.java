package avdaily.generate;

import java.util.ArrayList;
import java.util.List;

/** Somebody who saves: who they are, and what follows from how they live. Amounts are in kobo. */
final class Person {
    long row;
    String first;
    String family;
    int joined;
    int joinedSecond;
    int tier;
    boolean rejected;
    /** The day on which they gave all up, or the number of days. */
    int left;

    double diligence;
    int wealth;
    int market;
    SavingsPlan[] plans;
    final List<AjoGroup.Due> dues = new ArrayList<>();
    int groups;

    // what follows from living
    final List<MoneyMovement> movements = new ArrayList<>();
    long balance;
    long saved;
    long withdrawn;
    long interest;
    int contributions;
    int streak;
    int longest;
    int lastContribution = -1;
    int lastMovement = -1;
    int lastMovementSecond;

    boolean isActive(HistoryWindow window) {
        return left == window.days;
    }

    /** What a wallet of their tier may hold, with room for a pot. */
    long comfortable() {
        return tier == 0 ? 25_000_00 : tier == 1 ? 120_000_00 : 300_000_00;
    }

    /** What a plan of theirs may lead to. */
    long most() {
        return tier == 0 ? 18_000_00 : tier == 1 ? 90_000_00 : 250_000_00;
    }

    /** What they may take out in a day. */
    long daily() {
        return tier == 0 ? 50_000_00 : tier == 1 ? 200_000_00 : 5_000_000_00L;
    }
}
