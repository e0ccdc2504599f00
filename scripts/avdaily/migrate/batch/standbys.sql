-- How far each standby has replayed, what the server says of its lag, and how far the log of changes is now. A role
-- that may not see it gets nulls.
SELECT pg_catalog.pg_wal_lsn_diff(replay_lsn, '0/0')::bigint,
  (extract(epoch FROM replay_lag) * 1000)::bigint,
  pg_catalog.pg_wal_lsn_diff(
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN '0/0' ELSE pg_catalog.pg_current_wal_lsn() END, '0/0')::bigint
FROM pg_catalog.pg_stat_replication WHERE state IS NULL OR state = 'streaming'
