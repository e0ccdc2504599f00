-- Whether autovacuum freezes this table, or a partition of it, before the server runs out of transaction numbers. It
-- does not give way to others, and every row that changes behind it has to be frozen once more.
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l USING (pid)
  WHERE a.datname = current_database() AND a.query LIKE 'autovacuum: VACUUM %(to prevent wraparound)'
    AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock'
    AND l.relation IN (SELECT ?::oid UNION ALL SELECT relid FROM pg_catalog.pg_partition_tree(?::oid)))
