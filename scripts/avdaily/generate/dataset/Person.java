package avdaily.generate.dataset;

import java.util.ArrayList;
import java.util.List;

/** Somebody who saves: who they are, and what the simulation makes of it. Amounts are in kobo; limits are by tier. */
final class Person {
    private static final long[] COMFORTABLE_BALANCES = {25_000_00, 120_000_00, 300_000_00};
    private static final long[] PLAN_LIMITS = {18_000_00, 90_000_00, 250_000_00};
    private static final long[] DAILY_LIMITS = {50_000_00, 200_000_00, 5_000_000_00L};
    long row;
    String first;
    String family;
    int joined;
    int joinedSecond;
    int tier;
    boolean rejected;
    /** The day on which the person gave up, or the number of days if the person stayed. */
    int left;

    double diligence;
    int wealth;
    int market;
    SavingsPlan[] plans;
    final List<AjoGroup.Due> dues = new ArrayList<>();
    int groups;

    // what the simulation adds up
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

    /** The balance that a wallet of the tier holds with room for a pot. */
    long comfortableBalance() {
        return COMFORTABLE_BALANCES[tier];
    }

    /** The highest target of a plan. */
    long planLimit() {
        return PLAN_LIMITS[tier];
    }

    /** The most that may be withdrawn in a day. */
    long dailyLimit() {
        return DAILY_LIMITS[tier];
    }
}
