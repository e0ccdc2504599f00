package avdaily.migrate;

/** What to do once a file is correct that failed: other words on a scratch database, which is gone by then. */
enum RunAgain {
    UP(
            "run up again.",
            "run up again: it goes on there.",
            "see 'avdaily-migrate repair'; then up again.",
            "it ran outside a transaction, so what it did before that line stays"),
    ROLLBACK("run rollback again."),
    TRIAL("run it again.");

    /** After a run of which nothing stays. */
    final String whole;

    /** After batches, which stay. */
    final String batches;

    /** After a file outside of a transaction. */
    final String halfway;

    /** What such a file leaves. */
    final String left;

    RunAgain(String all) {
        this(all, all, all, "it was tried on a scratch database, so nothing was changed");
    }

    RunAgain(String whole, String batches, String halfway, String left) {
        this.whole = whole;
        this.batches = batches;
        this.halfway = halfway;
        this.left = left;
    }
}
