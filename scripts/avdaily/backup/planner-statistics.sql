-- What the planner knows of each table and of each column, and of the expressions of indexes.
-- %s stands for the columns of pg_stats, as text.
SELECT n.nspname, t.relname, t.relpages, t.reltuples, t.relallvisible, a.attnum, s.attname, s.inherited,
  t.relkind IN ('i', 'I') AS is_index,
  CASE WHEN t.relkind IN ('i', 'I') THEN (SELECT format('%%s.%%s', ni.nspname, ti.relname)
      FROM pg_index i JOIN pg_class ti ON ti.oid = i.indrelid JOIN pg_namespace ni ON ni.oid = ti.relnamespace
      WHERE i.indexrelid = t.oid)
    ELSE format('%%s.%%s', n.nspname, t.relname) END AS table_of,
  %s
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = t.relname
  LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = s.attname
WHERE (t.relkind IN ('r', 'm', 'p') OR t.relkind IN ('i', 'I') AND s.attname IS NOT NULL)
  AND t.relpersistence <> 't' AND (s.attname IS NOT NULL OR t.reltuples > 0)
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY n.nspname, t.relname, s.inherited, a.attnum
