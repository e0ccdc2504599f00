package avdaily.generate.dataset;

import java.util.Locale;

/** A plan to save an amount a day, and how far it has come. Amounts are in kobo. */
final class SavingsPlan {
    enum Fate {
        ACTIVE,
        PAUSED,
        COMPLETED,
        CANCELLED;

        /** As the tables have it. */
        final String word = name().toLowerCase(Locale.ROOT);
    }

    static final int MOST = 4;

    long row;
    int place;
    String name;
    long daily;
    int cycle;
    int start;
    int end;
    MoneyMovement.Source source;
    Fate planned;
    int fateDay;

    // what the simulation adds up
    Fate fate = Fate.ACTIVE;
    long current;
    int contributions;
    int streak;
    int last = -1;
    int missed;
    int lastSecond;
    int touched;
    int touchedSecond;
    int thirty = -1;

    long target() {
        return daily * cycle;
    }
}
