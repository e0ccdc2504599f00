-- Which statements set the defaults of the columns of some enums, as they are now?
-- Parameter: the names of the enums, text[].
WITH enums AS (
    SELECT e.oid AS enum, k.oid
    FROM pg_type e
    CROSS JOIN unnest(ARRAY[e.oid, e.typarray]) k (oid)
    WHERE e.oid = ANY (?::text[]::regtype[])
), columns AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attinhcount, a.attgenerated, r.relkind, r.relispartition
    FROM pg_attribute a
    JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f', 'c')
    WHERE a.atttypid IN (SELECT oid FROM enums) AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s;',
              c.attrelid::regclass, c.attname, pg_get_expr(d.adbin, d.adrelid))
FROM columns c
JOIN pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
WHERE c.attgenerated = ''
ORDER BY c.attrelid::regclass::text, c.attnum
