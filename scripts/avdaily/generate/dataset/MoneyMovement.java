package avdaily.generate.dataset;

import java.util.Locale;

/** A movement of a person's money, or an attempt. */
final class MoneyMovement {
    enum Type {
        CONTRIBUTION,
        WITHDRAWAL,
        DEPOSIT,
        INTEREST,
        PENALTY,
        REFUND;

        /** As the tables have it. */
        final String word = name().toLowerCase(Locale.ROOT);
    }

    enum Status {
        COMPLETED,
        FAILED,
        CANCELLED;

        /** As the tables have it. */
        final String word = name().toLowerCase(Locale.ROOT);
    }

    enum Source {
        WALLET,
        BANK,
        CARD,
        CRYPTO;

        /** As the tables have it. */
        final String word = name().toLowerCase(Locale.ROOT);
    }

    /**
     * Something that happens at most once a day to a person: with the day it names a transaction. The numbers leave
     * room for plans and groups.
     */
    static final int PAY_PLAN = 0,
            MISS_PLAN = 4,
            DEPOSIT = 8,
            BAD_DEPOSIT = 9,
            LEAVE_PLAN = 10,
            PAY_GROUP = 14,
            GET_POT = 18,
            CASH_OUT = 22,
            INTEREST = 23,
            PENALTY = 24,
            REFUND = 25,
            BAD_CASH_OUT = 26;

    int day;
    int second;
    int slot;
    Type type;
    Status status;
    Source source;
    long amount;
    SavingsPlan plan;
    AjoGroup.Due due;
    String description;
    String failure;

    void cancel() {
        status = Status.CANCELLED;
        failure = null;
    }

    int settled() {
        return second + delay(source);
    }

    /** The number of a transaction: its user, day and slot. */
    static long row(Person person, int day, int slot) {
        return (person.row << 12 | day) << 5 | slot;
    }

    static long row(Person member, AjoGroup.Due due) {
        return row(member, due.day(), (due.isPot() ? GET_POT : PAY_GROUP) + due.place());
    }

    /** Seconds until money of this source has arrived. */
    static int delay(Source source) {
        return switch (source) {
            case WALLET -> 0;
            case BANK -> 120;
            case CARD, CRYPTO -> 60;
        };
    }
}
