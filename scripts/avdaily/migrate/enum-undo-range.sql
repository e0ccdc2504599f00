-- Which statements give way for another range of the same name: its functions, and its multirange, get other names.
-- Parameter: the name of a type, which may be no range.
SELECT statement
FROM pg_range r
JOIN pg_type m ON m.oid = r.rngmultitypid
CROSS JOIN LATERAL (
    SELECT 1, format('ALTER FUNCTION %s RENAME TO %I;', p.oid::regprocedure, left(p.proname, 56) || '_before')
    FROM pg_depend d
    JOIN pg_proc p ON p.oid = d.objid
    WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
      AND d.refobjid IN (r.rngtypid, r.rngmultitypid)
    UNION ALL
    SELECT 2, format('ALTER TYPE %s RENAME TO %I;', m.oid::regtype, left(m.typname, 56) || '_before')
) x (place, statement)
WHERE r.rngtypid = to_regtype(?)
ORDER BY place, statement
