-- For how many milliseconds the one has waited for this session that came first; 0 if nobody waits.
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart)) * 1000, 0)::bigint
FROM pg_catalog.pg_locks l
WHERE NOT l.granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid))
