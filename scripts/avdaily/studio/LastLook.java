package avdaily.studio;

/** What the monitor's last look says of single tables: where they drifted, and which rules they break. */
record LastLook(DriftState drift, BrokenRules broken) {
    static final LastLook NONE = new LastLook(DriftState.NONE, BrokenRules.NONE);

    Html mark(Relation relation) {
        return Html.all(drift.mark(relation), broken.mark(relation));
    }

    Html sections(Relation relation, BrokenRules.Masking masking) {
        return Html.all(drift.section(relation), broken.section(relation, masking));
    }
}
