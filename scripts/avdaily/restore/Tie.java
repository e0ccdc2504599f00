package avdaily.restore;

/** Something outside of a database that is tied to this very database, so that another one cannot take its place. */
record Tie(Kind kind, String name) {
    enum Kind {
        REPLICATION_SLOT("the replication slot"),
        PREPARED_TRANSACTION("the prepared transaction"),
        SECURITY_LABEL("a security label of"),
        PUBLICATION("the publication"),
        SUBSCRIPTION("the subscription");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    @Override
    public String toString() {
        return kind.words + " " + name;
    }
}
