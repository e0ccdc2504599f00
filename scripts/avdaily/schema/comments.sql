-- Every comment on an object of the user. In a new database the schema public has the standard one.
SELECT d.classoid, d.objoid, d.description, k.contype,
  CASE WHEN k.contypid <> 0 THEN 'CONSTRAINT'
    WHEN i.type LIKE '% column' THEN 'COLUMN'
    WHEN i.type LIKE '% constraint' THEN 'CONSTRAINT'
    WHEN i.type = 'statistics object' THEN 'STATISTICS'
    WHEN i.type = 'aggregate' THEN 'ROUTINE'
    ELSE upper(i.type) END AS type,
  CASE WHEN k.contypid <> 0 THEN format('%I ON DOMAIN %s', k.conname, format_type(k.contypid, NULL))
    ELSE i.identity END AS identity,
  coalesce(i.schema, '') AS schema
FROM pg_description d
  LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid,
  pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE d.objoid >= 16384
UNION ALL SELECT n.tableoid, n.oid, description, NULL, 'SCHEMA', 'public', 'public'
FROM pg_namespace n LEFT JOIN pg_description d ON d.classoid = n.tableoid AND d.objoid = n.oid
WHERE n.nspname = 'public' AND d.description IS DISTINCT FROM 'standard public schema'
ORDER BY type, identity
