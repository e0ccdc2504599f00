-- What of other tables refers to these, and so is not theirs: foreign keys, and views outside of the schemas.
WITH asked AS (SELECT unnest(?::bigint[])::oid AS relid)
SELECT format('FK CONSTRAINT %I on %s', k.conname, k.conrelid::regclass)
FROM pg_constraint k
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid IN (SELECT relid FROM asked)
  AND k.conrelid NOT IN (SELECT relid FROM asked)
UNION
SELECT format('%s %s', CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, v.oid::regclass)
FROM asked JOIN pg_depend d ON d.refobjid = relid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
  JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
WHERE v.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname = ANY (?))
ORDER BY 1
