-- What the server says of the database as a whole, in one row. No parameters.
SELECT pg_database_size(d.oid) AS bytes, current_setting('server_version') AS version,
  pg_postmaster_start_time() AS started, pg_is_in_recovery() AS is_standby, current_user AS role,
  s.numbackends AS sessions, s.xact_commit AS commits, s.xact_rollback AS rollbacks, s.deadlocks,
  s.temp_bytes, s.stats_reset,
  pg_encoding_to_char(d.encoding) || ', ' || d.datcollate AS locale
FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
WHERE d.datname = current_database()
