package avdaily.studio;

/**
 * What the monitor's last look says of single tables: where they drifted, which rules they break, and what pending
 * migrations would do to them.
 */
record LastLook(DriftState drift, BrokenRules broken, LintState lint) {
    static final LastLook NONE = new LastLook(DriftState.NONE, BrokenRules.NONE, LintState.NONE);

    Html mark(Relation relation) {
        return Html.all(drift.mark(relation), broken.mark(relation), lint.mark(relation));
    }

    Html sections(Relation relation, BrokenRules.Masking masking) {
        return Html.all(drift.section(relation), broken.section(relation, masking), lint.section(relation));
    }
}
