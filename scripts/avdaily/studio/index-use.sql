-- Indexes of some size that nobody used since the statistics began, and that hold no rule up. No parameters.
SELECT n.nspname, t.relname AS table_name, c.relname, pg_relation_size(c.oid) AS bytes
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid
WHERE s.idx_scan = 0 AND NOT i.indisunique AND NOT i.indisprimary AND c.relpages >= 8
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
  AND NOT EXISTS (SELECT FROM pg_locks l
                  WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.granted)
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY bytes DESC, 1, 2, 3
LIMIT 12
