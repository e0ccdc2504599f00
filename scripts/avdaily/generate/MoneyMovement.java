package avdaily.generate;

/** A movement of a person's money, or an attempt. */
final class MoneyMovement {
    enum Type {
        CONTRIBUTION,
        WITHDRAWAL,
        DEPOSIT,
        INTEREST,
        PENALTY,
        REFUND
    }

    enum Status {
        COMPLETED,
        FAILED,
        CANCELLED
    }

    enum Source {
        WALLET,
        BANK,
        CARD,
        CRYPTO
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
    static long row(Person p, int day, int slot) {
        return (p.row << 12 | day) << 5 | slot;
    }

    static long row(Person member, AjoGroup.Due due) {
        return row(member, due.day(), (due.isPot() ? GET_POT : PAY_GROUP) + due.place());
    }

    /** Seconds until money from there has arrived. */
    static int delay(Source source) {
        return source == Source.WALLET ? 0 : source == Source.BANK ? 120 : 60;
    }
}
