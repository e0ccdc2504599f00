package avdaily.db;

import avdaily.base.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

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

    /** @param service what the address names, or null for PGSERVICE */
    static AddressDefaults of(String service, Settings settings) {
        AddressDefaults defaults = new AddressDefaults();
        ServiceFile.of(service, settings).forEach((name, value) -> defaults.add(name, value, "the connection service"));
        defaults.add("PGHOSTADDR", "host", settings);
        VARIABLES.forEach((variable, name) -> defaults.add(variable, name, settings));
        return defaults;
    }

    private void add(String variable, String name, Settings settings) {
        settings.get(variable)
                .ifPresent(value -> add(
                        name,
                        value,
                        variable + ", set by " + settings.value(variable).get().source() + ","));
    }

    private void add(String name, String value, String source) {
        if (values.putIfAbsent(name, value) == null) sources.put(name, source);
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
