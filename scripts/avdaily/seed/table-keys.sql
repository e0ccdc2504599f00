-- Which keys has each table: primary and unique constraints, and unique indexes, also those of some rows or of
-- expressions. No parameters.
SELECT i.indrelid, k.contype,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = i.indrelid AND (a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
               OR i.indexprs IS NOT NULL AND a.attnum IN (
                 SELECT d.refobjsubid FROM pg_depend d
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0)
                 AND (i.indpred IS NULL OR strpos(pg_get_expr(i.indexprs, i.indrelid), a.attname) > 0))
             ORDER BY array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum), a.attnum),
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false)
                                                  FROM generate_series(1, i.indnkeyatts) n) ELSE '{}' END,
       pg_get_expr(i.indpred, i.indrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_class x ON x.oid = i.indexrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
WHERE i.indisunique AND i.indisvalid AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY coalesce(k.conname, x.relname)
