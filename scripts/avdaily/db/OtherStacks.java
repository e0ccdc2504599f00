package avdaily.db;

import avdaily.base.Failure;
import java.util.Map;
import java.util.Set;

/**
 * What Prisma, node-postgres and others write into an address and libpq does not know. What means something is
 * translated, what is for a pool of connections is dropped, and what would have another meaning here is refused.
 */
final class OtherStacks {
    private static final Set<String> FOR_POOLS = Set.of(
            "pgbouncer",
            "connection_limit",
            "pool_timeout",
            "pool_size",
            "pool_max_conns",
            "max_idle_connection_lifetime",
            "socket_timeout",
            "statement_cache_size",
            "uselibpqcompat");

    /** Changes the parameters in place. */
    static void translate(Map<String, String> query) {
        query.keySet().removeAll(FOR_POOLS);
        query.replace("sslmode", "no-verify", "require");
        String ssl = query.remove("ssl");
        if (ssl != null)
            translate(query, "ssl", ssl, Map.of("true", "verify-full", "1", "verify-full", "no-verify", "require"));
        String accept = query.remove("sslaccept");
        if (accept != null)
            translate(query, "sslaccept", accept, Map.of("strict", "verify-full", "accept_invalid_certs", "require"));
        String schema = query.remove("schema");
        if (schema != null && !schema.equals("public"))
            throw Failure.usage(
                    "the database URL cannot be used: its parameter schema names " + schema
                            + ", and the commands look at all schemas",
                    "leave it out; name the schema in the files, or set the role's search_path.");
    }

    private static void translate(Map<String, String> query, String name, String value, Map<String, String> modes) {
        if (name.equals("ssl") && value.matches("false|0")) return;
        if (!modes.containsKey(value))
            throw Failure.usage(
                    "the database URL cannot be used: its parameter " + name + " is none of "
                            + String.join(", ", modes.keySet().stream().sorted().toList()),
                    "write sslmode=require or sslmode=verify-full in its place.");
        query.putIfAbsent("sslmode", modes.get(value));
    }

    private OtherStacks() {}
}
