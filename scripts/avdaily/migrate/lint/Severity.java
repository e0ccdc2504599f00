package avdaily.migrate.lint;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How much a finding matters. */
public enum Severity {
    DANGEROUS("error"),
    WARNING("warning"),
    INFO("notice");

    /** The kind of annotation that GitHub shows. */
    final String annotation;

    Severity(String annotation) {
        this.annotation = annotation;
    }

    /** The severity that {@code lint.sql} names. */
    static Severity of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
