package avdaily.seed;

import avdaily.base.Format;
import avdaily.base.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A row that a dry run would change.
 *
 * @param key the natural key as the files have it
 * @param columns of an update, each column that differs: what it is and what it would be
 */
public record SeedChange(String table, Kind kind, String key, Map<String, Values> columns) {
    enum Kind {
        INSERT,
        UPDATE,
        REMOVE
    }

    /** A column's two values, as text; null is no value. */
    record Values(String from, String to) {}

    /** So many are shown of each table and kind; the rest is counted. */
    static final int MOST = 20;

    private static final int LONGEST = 60;
    private static final Pattern SECRET =
            Pattern.compile(".*(passw|secret|token|credential|private_?key|api_?key|pwd|jwt).*"
                    + "|(.*_)?(otp|totp|hash|salt|pin)(_.*)?|pass|pw|(.*_)?(hashed|encrypted|user|login|db)_(pass|pw)"
                    + "|(.*_)?(verification|reset|login|access|backup|recovery|confirmation|activation)_?codes?"
                    + "|(.*_)?(auth|session|signing|encryption|master|access|license)_?key|remember(_me)?_digest"
                    + "|security_(answer|question)|(.*_)?cv[vc]2?|pin_?code|(.*_)?passphrase"
                    + "|(seed|recovery)_(phrase|words)|mnemonic"
                    + "|magic_link|kennwort|contrase(n|ñ)a|mot_de_passe|senha");
    /** Tables whose every row is a one-time secret, however its column is called. */
    private static final Pattern SECRET_TABLE = Pattern.compile("(?i)(.*_)?(verifications?|otps?|tokens?)");

    /** Whether a column of this name holds what opens an account. */
    static boolean secret(String column) {
        return SECRET.matcher(PersonalNames.plain(column)).matches();
    }

    static boolean secret(String table, String column) {
        return secret(column) || SECRET_TABLE.matcher(table).matches() && column.matches("(?i)value|code");
    }

    /** A change with the natural key as the files have it. */
    static SeedChange of(SeedPlan plan, Kind kind, Upsert.Row row, Map<String, Values> columns) {
        String key = plan.key().stream()
                .map(field -> row.source().fields().get(field))
                .map(value -> value.isContainerNode() ? value.toString() : value.asText())
                .collect(Collectors.joining(", "));
        return new SeedChange(plan.name(), kind, key, columns);
    }

    public String line() {
        String what =
                switch (kind) {
                            case INSERT -> "+ ";
                            case UPDATE -> "~ ";
                            case REMOVE -> "- ";
                        }
                        + table
                        + ' '
                        + key;
        return columns.isEmpty()
                ? what
                : what + ": "
                        + columns.entrySet().stream()
                                .map(column -> column.getKey() + ' ' + shown(column.getKey(), column.getValue().from)
                                        + " → " + shown(column.getKey(), column.getValue().to))
                                .collect(Collectors.joining(", "));
    }

    public Map<String, Object> json() {
        Map<String, Object> differences = new LinkedHashMap<>();
        columns.forEach((name, values) -> differences.put(
                name, secret(table, name) ? "not shown" : Json.object("from", values.from, "to", values.to)));
        return Json.object(
                "table", table, "change", kind.name().toLowerCase(Locale.ROOT), "key", key, "columns", differences);
    }

    private String shown(String column, String value) {
        if (value == null) return "null";
        if (secret(table, column)) return "(not shown)";
        return "'" + Format.within(value, LONGEST + 3, "...").replaceAll("\\s+", " ") + "'";
    }
}
