package avdaily.generate;

/** A plan to save an amount a day, and how far it has come. Amounts are in kobo. */
final class SavingsPlan {
    enum Fate {
        ACTIVE,
        PAUSED,
        COMPLETED,
        CANCELLED
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

    // what follows from living
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
