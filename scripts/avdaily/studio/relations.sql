-- Continues strangers.sql: every relation that people may look at, with its size as far as nobody has locked it; a
-- partition is told with the table that it belongs to. Why reading it could run a stranger's code stands last.
-- Parameters: a schema's name and a relation's name, both null for all, and the schema again.
, locked AS MATERIALIZED (
  SELECT DISTINCT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND pid <> pg_backend_pid()),
relation AS MATERIALIZED (
  SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
    AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
    AND (n.nspname = ?::name AND c.relname = ?::name OR ?::name IS NULL AND NOT c.relispartition)),
leaf AS (
  SELECT r.oid AS top, t.relid AS oid, l.relation IS NOT NULL AS is_locked
  FROM relation r CROSS JOIN LATERAL (
      SELECT r.oid AS relid WHERE r.relkind <> 'p'
      UNION ALL SELECT relid FROM pg_partition_tree(r.oid) WHERE r.relkind = 'p' AND isleaf) t
    LEFT JOIN locked l ON l.relation = t.relid),
measure AS (
  SELECT leaf.top, count(*) AS leaves, bool_or(leaf.is_locked) AS is_locked,
    sum(coalesce(nullif(c.reltuples, -1), s.n_live_tup, 0)) AS rows,
    sum(CASE WHEN NOT leaf.is_locked AND c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) END) AS table_bytes,
    sum(CASE WHEN NOT leaf.is_locked AND c.relkind IN ('r', 'm') THEN pg_indexes_size(c.oid) END) AS index_bytes,
    sum(s.seq_scan) AS seq_scans, sum(s.idx_scan) AS index_scans, sum(s.n_dead_tup) AS dead_rows,
    sum(s.n_live_tup) AS live_rows,
    max(greatest(s.last_vacuum, s.last_autovacuum)) AS vacuumed,
    max(greatest(s.last_analyze, s.last_autoanalyze)) AS analyzed
  FROM leaf JOIN pg_class c ON c.oid = leaf.oid LEFT JOIN pg_stat_all_tables s ON s.relid = leaf.oid
  GROUP BY leaf.top)
SELECT r.oid, r.nspname, r.relname, r.relkind, pg_get_userbyid(r.relowner) AS owner,
  obj_description(r.oid, 'pg_class') AS comment, r.relrowsecurity, r.relispartition,
  r.relkind = 'r' AND r.relhassubclass AS is_inherited, m.leaves, m.rows, m.is_locked,
  m.table_bytes, m.index_bytes, m.seq_scans, m.index_scans, m.live_rows, m.dead_rows, m.vacuumed, m.analyzed,
  CASE WHEN r.relkind IN ('r', 'p', 'm')
    THEN has_table_privilege(r.oid, 'SELECT') OR has_any_column_privilege(r.oid, 'SELECT') END AS is_readable,
  (SELECT min(d.what) FROM danger d WHERE d.relation = r.oid) AS danger
FROM relation r LEFT JOIN measure m ON m.top = r.oid
ORDER BY r.nspname = 'public' DESC, r.nspname, r.relname
