-- The indexes, triggers and policies that somebody put on an extension's tables: they are younger than its objects, and
-- no transaction that made it made them.
WITH made AS (
  SELECT refobjid AS extension, max(objid::bigint) AS newest, array_agg(xmin::text) AS transactions
  FROM pg_depend WHERE deptype = 'e' GROUP BY 1)
SELECT format('%s on %s, which belongs to the extension %I', o.name, o.relation::regclass, e.extname)
FROM (SELECT 'INDEX ' || indexrelid::regclass, indrelid, indexrelid, xmin::text FROM pg_index
      UNION ALL SELECT format('TRIGGER %I', tgname), tgrelid, oid, xmin::text FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT format('POLICY %I', polname), polrelid, oid, xmin::text FROM pg_policy)
    o(name, relation, oid, transaction)
  JOIN pg_depend m ON m.classid = 'pg_class'::regclass AND m.objid = o.relation AND m.objsubid = 0 AND m.deptype = 'e'
  JOIN pg_extension e ON e.oid = m.refobjid
  JOIN made ON made.extension = e.oid
WHERE o.oid::bigint > newest AND o.transaction <> ALL (transactions) AND o.transaction <> e.xmin::text
ORDER BY 1
