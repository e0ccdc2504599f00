-- The largest tables with their indexes, but those that somebody has locked. No parameters.
SELECT n.nspname || '.' || c.relname AS name, pg_total_relation_size(c.oid) AS bytes
FROM (
  SELECT * FROM pg_class c WHERE c.relkind IN ('r', 'm') AND NOT EXISTS (
    SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.granted)) c
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY c.relpages DESC, name LIMIT 12
