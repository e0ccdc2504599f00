-- What a migration would have to wait for: old transactions, sessions that wait for locks, prepared transactions.
SELECT format('pid %s (%s, %s) has been in a transaction for %s', pid,
              coalesce(nullif(application_name, ''), 'unknown program'), usename,
              date_trunc('second', clock_timestamp() - xact_start))
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND xact_start < clock_timestamp() - interval '1 minute'
UNION ALL
SELECT format('pid %s waits for %s', pid, array_to_string(pg_blocking_pids(pid), ', '))
FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0
UNION ALL
SELECT format('the prepared transaction %s of %s is open since %s', gid, owner, date_trunc('second', prepared))
FROM pg_prepared_xacts
WHERE database = current_database()
