-- Which generated columns are made of columns of some types, or of some columns? Each with its table. Parameters: the
-- names of the types, and of the columns with their table, both text[].
SELECT DISTINCT format('%s.%I', g.attrelid::regclass, g.attname), format('ALTER TABLE %s DROP COLUMN %I;',
                                                                       g.attrelid::regclass, g.attname)
FROM pg_type t
LEFT JOIN pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray, m.oid, m.typarray) AND NOT a.attisdropped
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
LEFT JOIN pg_attrdef v ON d.classid = 'pg_attrdef'::regclass AND v.oid = d.objid
JOIN pg_attribute g ON g.attrelid = a.attrelid AND g.attgenerated <> '' AND g.attinhcount = 0
    AND (g.attnum = v.adnum OR d.classid = 'pg_class'::regclass AND d.objid = a.attrelid AND g.attnum = d.objsubid)
WHERE (t.oid = ANY (?::text[]::regtype[]) OR format('%s.%I', a.attrelid::regclass, a.attname) = ANY (?::text[]))
  AND g.attnum <> a.attnum
ORDER BY 1
