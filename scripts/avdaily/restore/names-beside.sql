-- What of a table has a name of its own in the schema: its kind, its number, its name, its schema.
WITH asked AS (SELECT ?::oid AS relid)
SELECT 'INDEX', c.oid, c.relname, NULL
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = (SELECT relid FROM asked)
UNION ALL
SELECT 'SEQUENCE', s.oid, s.relname, NULL
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND d.classid = 'pg_class'::regclass AND s.relkind = 'S'
WHERE d.refobjid = (SELECT relid FROM asked) AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
UNION ALL
SELECT 'STATISTICS', x.oid, x.stxname, n.nspname
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace
WHERE x.stxrelid = (SELECT relid FROM asked)
ORDER BY 1, 3, 2
