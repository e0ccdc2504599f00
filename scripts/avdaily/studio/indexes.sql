-- The indexes of a table, with how often they were used. Parameter: the table's number.
SELECT c.oid, c.relname, pg_get_indexdef(i.indexrelid) AS definition, i.indisunique, i.indisprimary, i.indisvalid,
  CASE WHEN c.relkind = 'i' AND NOT EXISTS (
      SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.granted)
    THEN pg_relation_size(c.oid) END AS bytes,
  s.idx_scan AS scans
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE i.indrelid = ?
ORDER BY i.indisprimary DESC, i.indisunique DESC, c.relname
