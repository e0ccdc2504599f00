-- Who waits for this session: the longest time in milliseconds, how many, and whether one of them is autovacuum.
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart)) * 1000, 0)::bigint, count(*),
  coalesce(bool_or(a.backend_type = 'autovacuum worker'), false)
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
WHERE NOT l.granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid))
