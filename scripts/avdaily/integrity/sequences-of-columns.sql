-- The sequences that fill a whole-number column, and do not start again at their end.
SELECT format('%I.%I', sn.nspname, s.relname) AS name, n.nspname || '.' || t.relname AS table, a.attname AS column,
  q.seqincrement AS increment
FROM pg_sequence q
  JOIN pg_class s ON s.oid = q.seqrelid
  JOIN pg_namespace sn ON sn.oid = s.relnamespace
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  JOIN pg_class t ON t.oid = d.refobjid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE q.seqincrement > 0 AND NOT q.seqcycle
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
ORDER BY 1
