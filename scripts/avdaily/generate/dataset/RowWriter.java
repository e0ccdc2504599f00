package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;
import java.util.Locale;

/**
 * What the rows of all tables share: how their ids come about, and when the same thing happened wherever it is told.
 */
abstract class RowWriter {
    /** The streams of ids that rows of several tables refer to. */
    static final long USER = CounterRandom.stream("user.id"),
            CHECK = CounterRandom.stream("kyc_verification.id"),
            SESSION = CounterRandom.stream("session.id"),
            PLAN = CounterRandom.stream("savings_plans.id"),
            TRANSACTION = CounterRandom.stream("transactions.id"),
            GROUP = CounterRandom.stream("ajo_groups.id");

    static final byte[] NAIRA = {'N', 'G', 'N'};
    private static final long EMAIL = CounterRandom.stream("user.email"),
            VERIFIED = CounterRandom.stream("user.kyc_verified_at");

    final CounterRandom random;
    final HistoryWindow window;

    RowWriter(CounterRandom random, HistoryWindow window) {
        this.random = random;
        this.window = window;
    }

    String email(Person person) {
        String number = Long.toString(random.shuffled(16, EMAIL, person.row), 36);
        return (person.first + "." + person.family + "." + number + "@example.test")
                .replace("'", "")
                .toLowerCase(Locale.ROOT);
    }

    static String padded(long number, int digits) {
        String text = Long.toString(number);
        return "0".repeat(digits - text.length()) + text;
    }

    long joined(Person person) {
        return window.second(person.joined, person.joinedSecond);
    }

    /**
     * The tier is reached some days after joining, the second after the first; the administrator's in a short history
     * on its last day.
     */
    long verified(Person person, int tier) {
        int day = person.joined
                + (tier == 1
                        ? 1 + random.below(3, VERIFIED, person.row)
                        : 5 + random.below(4, VERIFIED + 1, person.row));
        return window.second(
                Math.min(day, window.days - 1), 9 * 3600 + random.below(8 * 3600, VERIFIED + tier, person.row));
    }

    /** Sometime in the last week, and not before they joined. */
    long lastSeen(Person person) {
        return Math.max(
                joined(person) + 120,
                window.second(
                        window.days - 1 - random.below(6, SESSION + 1, person.row),
                        6 * 3600 + random.below(15 * 3600, SESSION + 2, person.row)));
    }

    boolean isSignedIn(Person person) {
        return person.isActive(window) && (person.row == 0 || random.below(100, SESSION + 3, person.row) < 25);
    }

    /** From the ranges for documentation. */
    String address(Person person) {
        return (random.below(2, SESSION + 4, person.row) == 0 ? "192.0.2." : "198.51.100.")
                + (1 + random.below(254, SESSION + 5, person.row));
    }

    long founded(AjoGroup group) {
        return window.second(group.created, 8 * 3600);
    }

    static String naira(long kobo) {
        return kobo / 100 + "." + padded(kobo % 100, 2);
    }

    BinaryCopyBuffer id(BinaryCopyBuffer rows, long stream, long row) {
        return rows.uuid(random.uuidHigh(stream, row), random.uuidLow(stream, row));
    }

    static BinaryCopyBuffer when(BinaryCopyBuffer rows, boolean happened, long at) {
        return happened ? rows.timestamp(at) : rows.none();
    }
}
