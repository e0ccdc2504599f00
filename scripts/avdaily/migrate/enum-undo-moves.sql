-- Which statements move the columns of some enums over to the types that have the enums' names now?
-- Parameter: the names of the enums, text[].
WITH enums AS (
    SELECT e.oid AS enum, k.oid
    FROM pg_type e
    LEFT JOIN pg_range r ON r.rngtypid = e.oid
    LEFT JOIN pg_type m ON m.oid = r.rngmultitypid
    CROSS JOIN unnest(ARRAY[e.oid, e.typarray, m.oid, m.typarray]) k (oid)
    WHERE e.oid = ANY (?::text[]::regtype[]) AND k.oid IS NOT NULL
), columns AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attinhcount, a.attgenerated, r.relkind, r.relispartition
    FROM pg_attribute a
    JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f', 'c')
    WHERE a.atttypid IN (SELECT oid FROM enums) AND a.attnum > 0 AND NOT a.attisdropped
      AND r.reltype NOT IN (SELECT enum FROM enums) -- which is the old one
)
SELECT CASE c.relkind
       WHEN 'c' THEN format('ALTER TYPE %s ALTER ATTRIBUTE %I TYPE %s;',
                            c.attrelid::regclass, c.attname, format_type(c.atttypid, NULL))
       ELSE format('ALTER TABLE %s ALTER COLUMN %2$I TYPE %3$s USING %2$I::text%4$s::%3$s;',
                   c.attrelid::regclass, c.attname, format_type(c.atttypid, NULL),
                   CASE WHEN (SELECT typcategory FROM pg_type WHERE oid = c.atttypid) = 'A' THEN '[]' END)
       END
FROM columns c
JOIN enums e ON e.oid = c.atttypid
WHERE c.attinhcount = 0 AND NOT c.relispartition
ORDER BY c.relkind = 'c' DESC, c.attrelid::regclass::text, c.attnum
