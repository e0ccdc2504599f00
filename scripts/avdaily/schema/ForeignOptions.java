package avdaily.schema;

/**
 * Which options of foreign data wrappers, servers, user mappings and foreign tables may be shown and written down. Of
 * servers only those are whose meaning is known: another may be a secret under any name.
 */
public final class ForeignOptions {
    private static final String SHOWN =
            """
            (CASE %1$s WHEN 'pg_foreign_server'::regclass THEN %2$s ~ '(?x)^(service|host|hostaddr|port|dbname|database
               |address|dbserver|servername|region|encoding|client_encoding|character_set|language|tds_version|nchar
               |isolation_level|connect_timeout|tcp_user_timeout|keepalives(_[a-z]+)?|ssl_?mode|sslcertmode
               |sslnegotiation|sslsni|sslcompression|ssl(rootcert|crl|crldir)|ssl_(min|max)_protocol_version|gssencmode
               |krbsrvname|channel_binding|require_auth|requirepeer|target_session_attrs|load_balance_hosts
               |(fallback_)?application_name|use_scram_passthrough|fetch_size|batch_size|fdw_(startup|tuple)_cost
               |use_remote_estimate|extensions|updatable|truncatable|async_capable|parallel_(commit|abort)
               |analyze_sampling|keep_connections|restore_stats)$'
             WHEN 'pg_user_mapping'::regclass THEN %2$s ~ '^(user|username|password_required)$'
             ELSE %2$s !~* '(pass|secret|token|key|credential)' AND %2$s <> 'program' END
             AND %3$s !~ '://[^/]*@' AND %3$s !~* '(pass|pwd|secret|token|key|credential)[a-z_]*[[:space:]]*=')""";

    private ForeignOptions() {}

    /**
     * The condition in SQL, each part of which is SQL, too; of no columns of foreign tables.
     *
     * @param catalog where the option's owner stands
     */
    public static String areShown(String catalog, String name, String value) {
        return SHOWN.formatted(catalog, name, value);
    }
}
