package avdaily.generate;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
    private static final Map<Enum<?>, String> WORDS = new ConcurrentHashMap<>();

    final CounterRandom mix;
    final HistoryWindow window;

    RowWriter(CounterRandom mix, HistoryWindow window) {
        this.mix = mix;
        this.window = window;
    }

    String email(Person p) {
        String number = Long.toString(mix.shuffled(16, EMAIL, p.row), 36);
        return (p.first + "." + p.family + "." + number + "@example.test")
                .replace("'", "")
                .toLowerCase(Locale.ROOT);
    }

    static String padded(long number, int digits) {
        String text = Long.toString(number);
        return "0".repeat(digits - text.length()) + text;
    }

    long joined(Person p) {
        return window.second(p.joined, p.joinedSecond);
    }

    /**
     * The tier is reached some days after joining, the second after the first; the administrator's in a short history
     * on its last day.
     */
    long verified(Person p, int tier) {
        int day = p.joined + (tier == 1 ? 1 + mix.below(3, VERIFIED, p.row) : 5 + mix.below(4, VERIFIED + 1, p.row));
        return window.second(Math.min(day, window.days - 1), 9 * 3600 + mix.below(8 * 3600, VERIFIED + tier, p.row));
    }

    /** Sometime in the last week, and not before they joined. */
    long lastSeen(Person p) {
        return Math.max(
                joined(p) + 120,
                window.second(
                        window.days - 1 - mix.below(6, SESSION + 1, p.row),
                        6 * 3600 + mix.below(15 * 3600, SESSION + 2, p.row)));
    }

    boolean isSignedIn(Person p) {
        return p.isActive(window) && (p.row == 0 || mix.below(100, SESSION + 3, p.row) < 25);
    }

    /** From the ranges for documentation. */
    String address(Person p) {
        return (mix.below(2, SESSION + 4, p.row) == 0 ? "192.0.2." : "198.51.100.")
                + (1 + mix.below(254, SESSION + 5, p.row));
    }

    long founded(AjoGroup g) {
        return window.second(g.created, 8 * 3600);
    }

    static String naira(long kobo) {
        return kobo / 100 + "." + padded(kobo % 100, 2);
    }

    static String word(Enum<?> value) {
        return WORDS.computeIfAbsent(value, v -> v.name().toLowerCase(Locale.ROOT));
    }

    BinaryCopyBuffer id(BinaryCopyBuffer rows, long stream, long row) {
        return rows.uuid(mix.uuidHigh(stream, row), mix.uuidLow(stream, row));
    }

    static BinaryCopyBuffer when(BinaryCopyBuffer rows, boolean happened, long at) {
        return happened ? rows.timestamp(at) : rows.none();
    }
}
