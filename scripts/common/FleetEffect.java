/** What a command does to each of many databases. */
enum FleetEffect {
    /** What it finds is its result, and no reason to stop. */
    READS,
    /** What it does is done once, and is not asked for. */
    ADDS,
    /** It adds what is of a whole database: of several schemas of one it is done once. */
    SAVES,
    /** It changes databases: all are looked at, and a person is asked, before the first of them is changed. */
    CHANGES
}
