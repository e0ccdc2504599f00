-- Which functions, types and domains do some types need? Parameter: the names of the types, text[].
WITH RECURSIVE needed AS (
    SELECT 'pg_type'::regclass::oid AS classid, oid
    FROM pg_type
    WHERE oid::regtype::text = ANY (?::text[])
    UNION
    SELECT x.classid, x.oid
    FROM needed n
    CROSS JOIN LATERAL (
        SELECT d.refclassid, d.refobjid
        FROM pg_depend d
        WHERE d.classid = n.classid AND d.objid = n.oid AND d.deptype = 'n'
        UNION ALL -- the constraints of a domain, the columns of a composite type
        SELECT d.classid, d.objid
        FROM pg_depend d
        WHERE d.refclassid = n.classid AND d.refobjid = n.oid AND n.classid = 'pg_type'::regclass
          AND (d.classid = 'pg_constraint'::regclass AND d.deptype = 'a'
               OR d.classid = 'pg_class'::regclass AND d.deptype = 'i')
        UNION ALL -- what an array is one of
        SELECT 'pg_type'::regclass, t.typelem
        FROM pg_type t
        WHERE n.classid = 'pg_type'::regclass AND t.oid = n.oid AND t.typelem <> 0
    ) x (classid, oid)
)
SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || t.oid::regtype
FROM needed n
JOIN pg_type t ON n.classid = 'pg_type'::regclass AND t.oid = n.oid
UNION
SELECT 'FUNCTION ' || p.oid::regprocedure
FROM needed n
JOIN pg_proc p ON n.classid = 'pg_proc'::regclass AND p.oid = n.oid
