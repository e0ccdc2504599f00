-- The column that each column of a foreign key leads to; a partition's columns are those of the topmost table above it.
-- No parameters.
SELECT cn.nspname, c.relname, ca.attname, pn.nspname, p.relname, pa.attname
FROM pg_constraint k
  CROSS JOIN LATERAL unnest(k.conkey, k.confkey) u(child, parent)
  JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
  JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent
  JOIN pg_class c ON c.oid = coalesce(pg_partition_root(k.conrelid), k.conrelid)
  JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
  JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f'
