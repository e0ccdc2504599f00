-- Foreign keys, column by column in their order, but for those of partitions: constraint, where it stands, its columns,
-- where it leads to, the columns there.
SELECT k.oid, n.nspname, t.relname, fn.nspname, ft.relname,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.place),
  ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.place)
FROM pg_constraint k
  JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_class ft ON ft.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = ft.relnamespace
WHERE k.contype = 'f' AND NOT t.relispartition AND NOT ft.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'avdaily_ops'
ORDER BY n.nspname, t.relname, k.conname
