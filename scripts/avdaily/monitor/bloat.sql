-- How full tables and B-tree indexes are, as far as the planner's statistics tell: the pages that their rows need, of
-- those that they had when they were analyzed. No share where the role sees no statistics. Parameters: the fewest pages
-- that count, and a table's number twice, or null for all.
WITH relation AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.relname, coalesce(i.indrelid, c.oid) AS of_table, c.relkind = 'i' AS is_index,
    c.reltuples, c.relpages, pg_relation_size(c.oid) AS bytes, i.indkey, i.indnatts,
    coalesce((SELECT option_value::numeric FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'),
      CASE c.relkind WHEN 'i' THEN 90 ELSE 100 END) / 100 AS fill
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE (c.relkind IN ('r', 'm') OR c.relkind = 'i' AND i.indexprs IS NULL AND i.indpred IS NULL
         AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree'))
    AND c.relpages >= ? AND c.reltuples > 0 AND n.nspname !~ '^pg_'
    AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
    AND (?::oid IS NULL OR coalesce(i.indrelid, c.oid) = ?::oid)
    AND NOT EXISTS (SELECT FROM pg_locks l
                    WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.granted)),
width AS MATERIALIZED (
  SELECT a.attrelid, a.attnum, (1 - s.null_frac) * s.avg_width AS bytes, s.null_frac > 0 AS has_nulls
  FROM (SELECT DISTINCT of_table FROM relation) t JOIN pg_attribute a ON a.attrelid = t.of_table
    JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
      AND NOT s.inherited
  WHERE a.attnum > 0 AND NOT a.attisdropped),
entry AS (
  SELECT r.oid, CASE WHEN bool_and(w.bytes IS NOT NULL) THEN sum(w.bytes) END AS bytes,
    CASE WHEN bool_or(w.has_nulls) THEN 8 * ceil(greatest(count(*) - 8, 0) / 64.0) ELSE 0 END AS null_bytes
  FROM relation r JOIN width w ON w.attrelid = r.of_table AND (NOT r.is_index OR w.attnum = ANY (r.indkey))
  GROUP BY r.oid),
needed AS (
  SELECT r.*, e.bytes IS NOT NULL AS is_known,
    ceil(r.reltuples * (4 + CASE WHEN r.is_index THEN 8 ELSE 24 + e.null_bytes END + 8 * ceil(e.bytes / 8))
      / (current_setting('block_size')::int - CASE WHEN r.is_index THEN 40 ELSE 24 END) / r.fill) AS pages
  FROM relation r LEFT JOIN entry e USING (oid))
SELECT n.nspname, n.relname, n.of_table, n.oid, n.is_index, n.bytes, e.share
FROM needed n CROSS JOIN LATERAL (
  SELECT CASE WHEN n.is_known THEN greatest(0, 1 - n.pages / n.relpages)::float8 END AS share) e
ORDER BY e.share * n.bytes DESC NULLS LAST, n.oid
