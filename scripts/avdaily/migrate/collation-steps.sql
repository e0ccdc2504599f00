-- What has a collation: columns with their table, views and indexes that name it, the statements that drop such checks,
-- and, as 'move', those that give columns the collation that has its name then. Parameter: its name.
WITH meant AS (SELECT ?::regcollation AS oid),
columns AS (
    SELECT a.*
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    WHERE a.attcollation = (SELECT oid FROM meant) AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0
), users AS (
    SELECT d.classid, d.objid
    FROM pg_depend d
    WHERE d.refclassid = 'pg_collation'::regclass AND d.refobjid = (SELECT oid FROM meant)
)
SELECT 'column', format('%s.%I', attrelid::regclass, attname) FROM columns
UNION
SELECT 'relation', coalesce(w.ev_class, i.indexrelid)::regclass::text
FROM users u
LEFT JOIN pg_rewrite w ON u.classid = 'pg_rewrite'::regclass AND w.oid = u.objid
LEFT JOIN pg_index i ON u.classid = 'pg_class'::regclass AND i.indexrelid = u.objid
WHERE w.oid IS NOT NULL OR i.indexrelid IS NOT NULL
UNION
SELECT 'check', format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
FROM users u
JOIN pg_constraint k ON u.classid = 'pg_constraint'::regclass AND k.oid = u.objid AND k.contype = 'c'
WHERE k.conrelid <> 0 AND k.coninhcount = 0
UNION
SELECT 'move', format('ALTER TABLE %s ALTER COLUMN %I TYPE %s COLLATE %s;', attrelid::regclass, attname,
                      format_type(atttypid, atttypmod), attcollation::regcollation)
FROM columns
ORDER BY 1, 2
