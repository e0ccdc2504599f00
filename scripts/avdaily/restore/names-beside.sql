-- What of a table has a name of its own in the schema: its kind, its name in SQL, its name.
WITH asked AS (SELECT ?::oid AS relid)
SELECT 'INDEX', i.indexrelid::regclass::text, c.relname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = (SELECT relid FROM asked)
UNION ALL
SELECT 'SEQUENCE', s.oid::regclass::text, s.relname
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND d.classid = 'pg_class'::regclass AND s.relkind = 'S'
WHERE d.refobjid = (SELECT relid FROM asked) AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
UNION ALL
SELECT 'STATISTICS', format('%s.%I', x.stxnamespace::regnamespace, x.stxname), x.stxname
FROM pg_statistic_ext x
WHERE x.stxrelid = (SELECT relid FROM asked)
ORDER BY 1, 2
