-- Which columns have defaults that need some types or functions? Parameters: the names of both, text[].
WITH needed AS (
    SELECT 'pg_type'::regclass AS classid, k.oid
    FROM pg_type t
    CROSS JOIN unnest(ARRAY[t.oid, t.typarray]) k (oid)
    WHERE t.oid IN (SELECT to_regtype(name) FROM unnest(?::text[]) name)
    UNION ALL
    SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE oid::regprocedure::text = ANY (?::text[])
)
SELECT DISTINCT a.attrelid::regclass::text, quote_ident(a.attname)
FROM pg_attribute a
JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f')
JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = v.oid
JOIN needed n ON n.classid = d.refclassid AND n.oid = d.refobjid
WHERE a.attgenerated = ''
ORDER BY 1, 2
