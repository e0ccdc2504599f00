-- The indexes of the user's tables by name, but for those of primary keys, unique and exclusion constraints.
-- Parameter: whether valid ones count too; invalid ones, which a broken CREATE INDEX CONCURRENTLY leaves, always do.
SELECT format('%I.%I', n.nspname, i.relname)
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND x.indrelid <> coalesce(to_regclass('public.flyway_schema_history'), 0::oid)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
  AND (? OR NOT x.indisvalid)
ORDER BY 1
