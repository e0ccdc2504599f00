package avdaily.db;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parameters of a database's address: libpq's names and values, and what they are for pgjdbc. */
final class AddressParameters {
    /** libpq's parameters that pgjdbc has under another name; those with the same name stand for themselves. */
    static final Map<String, String> JDBC_NAMES = Map.ofEntries(
            Map.entry("sslmode", "sslmode"),
            Map.entry("sslcert", "sslcert"),
            Map.entry("sslkey", "sslkey"),
            Map.entry("sslrootcert", "sslrootcert"),
            Map.entry("sslpassword", "sslpassword"),
            Map.entry("sslnegotiation", "sslNegotiation"),
            Map.entry("channel_binding", "channelBinding"),
            Map.entry("require_auth", "requireAuth"),
            Map.entry("gssencmode", "gssEncMode"),
            Map.entry("krbsrvname", "kerberosServerName"),
            Map.entry("connect_timeout", "connectTimeout"),
            Map.entry("options", "options"),
            Map.entry("keepalives", "tcpKeepAlive"),
            Map.entry("target_session_attrs", "targetServerType"),
            Map.entry("load_balance_hosts", "loadBalanceHosts"));

    /** Parameters without a meaning here: the scripts set the first three themselves, the others concern libpq only. */
    static final Set<String> IGNORED = Set.of(
            "application_name",
            "fallback_application_name",
            "client_encoding",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "sslcompression",
            "sslsni",
            "tcp_user_timeout");

    private static final List<String> SSL_MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final List<String> CHANNEL_BINDINGS = List.of("disable", "prefer", "require");

    private static final Map<String, String> SERVER_TYPES = Map.of(
            "any",
            "any",
            "read-write",
            "primary",
            "primary",
            "primary",
            "read-only",
            "secondary",
            "standby",
            "secondary",
            "prefer-standby",
            "preferSecondary");

    /** What is wrong with a parameter, beginning with its name, without showing the value: it may be a secret. */
    static Optional<String> complaint(String name, String value) {
        return Optional.ofNullable(
                switch (name) {
                    case "passfile" -> null;
                    case "sslmode" -> noneOf(name, value, SSL_MODES);
                    case "channel_binding" -> noneOf(name, value, CHANNEL_BINDINGS);
                    case "connect_timeout" -> value.matches("[0-9]{1,6}") ? null : name + " is no number of seconds";
                    case "target_session_attrs" -> noneOf(name, value, new TreeSet<>(SERVER_TYPES.keySet()));
                    default ->
                        JDBC_NAMES.containsKey(name)
                                ? null
                                : "parameter " + name + " is not known here; known are "
                                        + String.join(", ", new TreeSet<>(JDBC_NAMES.keySet()));
                });
    }

    private static String noneOf(String name, String value, Collection<String> known) {
        return known.contains(value) ? null : name + " is none of " + String.join(", ", known);
    }

    static String jdbcValue(String name, String value) {
        return switch (name) {
            case "keepalives" -> String.valueOf(!value.equals("0"));
            case "load_balance_hosts" -> String.valueOf(value.equals("random"));
            case "target_session_attrs" -> SERVER_TYPES.get(value);
            default -> value;
        };
    }

    private AddressParameters() {}
}
