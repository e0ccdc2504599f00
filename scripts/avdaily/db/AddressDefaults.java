package avdaily.db;

import avdaily.base.Settings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What counts if a database's address leaves it out: the service's parameters, then libpq's variables. */
final class AddressDefaults {
    /** By the parameters that they are. */
    private static final Map<String, String> VARIABLES = Map.ofEntries(
            Map.entry("PGHOST", "host"),
            Map.entry("PGPORT", "port"),
            Map.entry("PGUSER", "user"),
            Map.entry("PGPASSWORD", "password"),
            Map.entry("PGDATABASE", "dbname"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGSSLNEGOTIATION", "sslnegotiation"),
            Map.entry("PGCHANNELBINDING", "channel_binding"),
            Map.entry("PGGSSENCMODE", "gssencmode"),
            Map.entry("PGKRBSRVNAME", "krbsrvname"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGOPTIONS", "options"),
            Map.entry("PGTARGETSESSIONATTRS", "target_session_attrs"),
            Map.entry("PGLOADBALANCEHOSTS", "load_balance_hosts"));

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, String> sources = new HashMap<>();
    /** The parameters that a file in the folder says, which nobody named. */
    private final Set<String> found = new HashSet<>();

    private final Set<String> borrowed = new TreeSet<>();

    /** @param service what the address names, or null for PGSERVICE */
    static AddressDefaults of(String service, Settings settings) {
        AddressDefaults defaults = new AddressDefaults();
        ServiceFile.of(service, settings)
                .forEach((name, value) ->
                        defaults.add(name, value, "the connection service", ServiceFile.isFound(settings)));
        defaults.add("PGHOSTADDR", "host", settings);
        VARIABLES.forEach((variable, name) -> defaults.add(variable, name, settings));
        return defaults;
    }

    private void add(String variable, String name, Settings settings) {
        settings.value(variable).filter(value -> !value.text().isEmpty()).ifPresent(value -> {
            if (settings.isFound(value)) borrowed.addAll(value.borrowed());
            add(name, value.text(), variable + ", set by " + value.source() + ",", settings.isFound(value));
        });
    }

    private void add(String name, String value, String source, boolean isFound) {
        if (values.putIfAbsent(name, value) != null) return;
        sources.put(name, source);
        if (isFound) found.add(name);
    }

    /** Whether a file that lay in the folder says it. */
    boolean isFound(String name) {
        return found.contains(name);
    }

    /** The process's variables to which such a file refers. */
    Set<String> borrowed() {
        return borrowed;
    }

    /** The parameter's value, or null; {@link #addTo} leaves it out from now on. */
    String take(String name) {
        return values.remove(name);
    }

    void addTo(Map<String, String> parameters) {
        values.forEach(parameters::putIfAbsent);
    }

    /** Who says the parameter, for people. */
    Optional<String> source(String name) {
        return Optional.ofNullable(sources.get(name));
    }
}
