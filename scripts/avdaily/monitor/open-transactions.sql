-- How long the oldest open transaction of this database has been open, in seconds; how many there are; the oldest one.
SELECT coalesce(max(age), 0), count(*), (array_agg(who ORDER BY age DESC))[1]
FROM (
  SELECT extract(epoch FROM clock_timestamp() - xact_start) AS age,
         format('pid %s (%s, %s, %s)', pid, coalesce(nullif(application_name, ''), 'unknown program'), usename, state)
           AS who
  FROM pg_stat_activity
  WHERE datname = current_database() AND xact_start IS NOT NULL
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  UNION ALL
  SELECT extract(epoch FROM clock_timestamp() - prepared), format('prepared %s of %s', gid, owner)
  FROM pg_prepared_xacts
  WHERE database = current_database()) t
