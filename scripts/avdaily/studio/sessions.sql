-- The sessions of this database but our own: what they do, for how long, and who is in their way. Values within
-- statements are left out. No parameters.
SELECT pid, coalesce(usename, '') || coalesce(' (' || nullif(application_name, '') || ')', '') AS who,
  coalesce(state, 'not yours to see') AS state,
  coalesce(date_trunc('second', clock_timestamp() - coalesce(query_start, backend_start))::text, '') AS age,
  array_to_string(pg_blocking_pids(pid), ', ') AS blockers,
  coalesce(wait_event_type || ': ' || wait_event, '') AS waits,
  coalesce(regexp_replace(left(query, 300), '''[^'']*(''|$)|\$(\w*)\$.*', '''…''', 'g'), '') AS statement
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
ORDER BY state = 'idle', query_start
LIMIT 100
