package avdaily.generate.dataset;

import java.util.Locale;
import avdaily.generate.CounterRandom;

/** A rotating savings group: in each round all pay in, and one of them gets the pot. Amounts are in kobo. */
final class AjoGroup {
    enum Frequency {
        DAILY,
        WEEKLY,
        MONTHLY;

        /** As the tables have it. */
        final String word = name().toLowerCase(Locale.ROOT);
    }

    /** A contribution to a group, or its pot, on the day on which the money moves. */
    record Due(
            int day,
            int second,
            long amount,
            boolean isPot,
            MoneyMovement.Source source,
            AjoGroup group,
            int round,
            int place) {}

    static final int MOST_MEMBERS = 10;
    private static final long DUE = CounterRandom.stream("group_contributions.paid_at");

    long row;
    String name;
    int size;
    long amount;
    Frequency frequency;
    int order;
    boolean isPrivate;
    Person[] members; // by position, the first at 0
    int organizer;
    int created;
    /** Negative while it recruits. */
    int start = -1;

    int[] due;
    int paidOut;
    long collected;
    long[] contributed;

    boolean recruits() {
        return start < 0;
    }

    boolean isComplete() {
        return !recruits() && paidOut == size;
    }

    int round() {
        return Math.min(paidOut + 1, size);
    }

    /** How many rounds have contributions: those paid out, and the one that runs. */
    int rounds() {
        return recruits() ? 0 : round();
    }

    long memberRow(int position) {
        return row * 16 + position;
    }

    /** Between the last due day and this one; the same for everybody who asks. */
    int payDay(CounterRandom random, int round, int position) {
        int early = frequency == Frequency.DAILY ? 1 : frequency == Frequency.WEEKLY ? 4 : 6;
        return due[round] - random.below(early, DUE, contributionRow(round, position));
    }

    int paySecond(CounterRandom random, int round, int position) {
        return 12 * 3600 + random.below(4 * 3600, DUE + 1, contributionRow(round, position));
    }

    MoneyMovement.Source paySource(CounterRandom random, int round, int position) {
        return MoneyMovement.Source.values()[
                random.weighted(new int[] {60, 15, 25}, DUE + 2, contributionRow(round, position))];
    }

    long contributionRow(int round, int position) {
        return (row * 16 + round) * 16 + position;
    }

    long pot() {
        return amount * size;
    }

    long fee() {
        return pot() / 50; // 2 %
    }

    long net() {
        return pot() - fee();
    }
}
