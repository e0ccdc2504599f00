-- The statements that take from tables what shall not come with them: one word of what, and the numbers of the tables.
WITH asked AS (SELECT ?::text AS word, unnest(?::bigint[])::oid AS relid)
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', k.conrelid::regclass, k.conname)
FROM asked JOIN pg_constraint k ON k.conrelid = relid
WHERE word = 'keys' AND k.contype IN ('p', 'u', 'x', 'f') AND k.conparentid = 0
UNION ALL
SELECT format('DROP INDEX %s CASCADE', i.indexrelid::regclass)
FROM asked JOIN pg_index i ON i.indrelid = relid JOIN pg_class c ON c.oid = i.indexrelid
WHERE word = 'indexes' AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT format('DROP STATISTICS %s.%I', x.stxnamespace::regnamespace, x.stxname)
FROM asked JOIN pg_statistic_ext x ON x.stxrelid = relid
WHERE word = 'indexes'
UNION ALL
SELECT format('DROP TRIGGER %I ON %s', g.tgname, g.tgrelid::regclass)
FROM asked JOIN pg_trigger g ON g.tgrelid = relid
WHERE word = 'triggers' AND NOT g.tgisinternal AND g.tgparentid = 0
UNION ALL
SELECT format('DROP RULE %I ON %s', r.rulename, r.ev_class::regclass)
FROM asked JOIN pg_rewrite r ON r.ev_class = relid
WHERE word = 'triggers' AND r.rulename <> '_RETURN'
UNION ALL
SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', a.attrelid::regclass, a.attname)
FROM asked JOIN pg_attribute a ON a.attrelid = relid JOIN pg_class c ON c.oid = relid
WHERE word = 'sequences' AND a.attidentity <> '' AND NOT a.attisdropped AND NOT c.relispartition
UNION ALL
SELECT format('DROP SEQUENCE %s CASCADE', d.objid::regclass)
FROM asked JOIN pg_depend d ON d.refobjid = relid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
  JOIN pg_class s ON s.oid = d.objid AND d.classid = 'pg_class'::regclass AND s.relkind = 'S'
WHERE word = 'sequences'
