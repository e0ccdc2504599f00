-- What the planner knows of each table and of each column, and of the expressions of indexes, but nothing of rows that
-- are not in the backup: a table knows of its partitions' rows, and a materialized view may have those of any table.
-- %s stands for the columns of pg_stats, as text. Parameter: the names of the tables whose rows are left out.
WITH RECURSIVE bare AS (
  SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE format('%%s.%%s', n.nspname, t.relname) = ANY (?)
  UNION SELECT i.inhparent FROM bare JOIN pg_inherits i ON i.inhrelid = bare.oid)
SELECT n.nspname, t.relname, t.relpages, t.reltuples, t.relallvisible, a.attnum, s.attname, s.inherited,
  i.indexrelid IS NOT NULL AS is_index,
  %s
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = t.oid
  JOIN pg_class o ON o.oid = coalesce(i.indrelid, t.oid)
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = t.relname
  LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = s.attname
WHERE (t.relkind IN ('r', 'm', 'p') OR t.relkind IN ('i', 'I') AND s.attname IS NOT NULL)
  AND t.relpersistence <> 't' AND (s.attname IS NOT NULL OR t.reltuples > 0)
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND o.oid NOT IN (SELECT oid FROM bare) AND (o.relkind <> 'm' OR NOT EXISTS (SELECT FROM bare))
ORDER BY n.nspname, t.relname, s.inherited, a.attnum
