-- What the server says of the database as a whole, in one row. No parameters.
SELECT pg_database_size(d.oid) AS bytes, current_setting('server_version') AS version,
  pg_postmaster_start_time() AS started, pg_is_in_recovery() AS is_standby, current_user AS role,
  s.numbackends AS sessions, s.xact_commit AS commits, s.xact_rollback AS rollbacks, s.deadlocks, s.conflicts,
  s.temp_bytes, s.checksum_failures, s.stats_reset,
  pg_encoding_to_char(d.encoding) || ', ' || d.datcollate AS locale,
  (SELECT failed_count FROM pg_stat_archiver) AS archive_failures,
  (SELECT count(*) FROM pg_settings WHERE pending_restart) AS waiting_settings,
  ARRAY(SELECT e.extname || ' ' || e.extversion || ' (' || a.default_version || ' is there)'
        FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
        WHERE a.default_version <> e.extversion ORDER BY 1) AS old_extensions
FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
WHERE d.datname = current_database()
