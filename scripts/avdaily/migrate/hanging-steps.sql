-- Which statements drop what keeps some functions and keys where they are? Triggers, checks and views on functions are
-- not among it. Parameters: the functions with their arguments' types, the keys as table and name, the tables that get
-- another replica identity, all text[].
WITH hanging AS (
    SELECT d.classid, d.objid
    FROM pg_depend d
    JOIN unnest(?::text[]) f (name) ON d.refobjid = f.name::regprocedure
    WHERE d.refclassid = 'pg_proc'::regclass AND d.deptype = 'n'
)
SELECT format('DROP POLICY %I ON %s;', p.polname, p.polrelid::regclass) AS statement
FROM pg_policy p
WHERE ('pg_policy'::regclass::oid, p.oid) IN (SELECT * FROM hanging)
UNION
SELECT format('DROP RULE %I ON %s;', w.rulename, w.ev_class::regclass)
FROM pg_rewrite w
JOIN pg_class r ON r.oid = w.ev_class AND r.relkind IN ('r', 'p')
WHERE ('pg_rewrite'::regclass::oid, w.oid) IN (SELECT * FROM hanging)
UNION
SELECT format('ALTER DOMAIN %s DROP CONSTRAINT %I;', k.contypid::regtype, k.conname)
FROM pg_constraint k
WHERE k.contypid <> 0 AND ('pg_constraint'::regclass::oid, k.oid) IN (SELECT * FROM hanging)
UNION
SELECT format('ALTER DOMAIN %s DROP DEFAULT;', t.oid::regtype)
FROM pg_type t
WHERE t.typtype = 'd' AND t.typdefault IS NOT NULL AND ('pg_type'::regclass::oid, t.oid) IN (SELECT * FROM hanging)
UNION
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', f.conrelid::regclass, f.conname)
FROM pg_constraint f
JOIN pg_constraint k ON k.conindid = f.conindid AND k.contype IN ('p', 'u')
JOIN unnest(?::text[]) key (name) ON k.conrelid::regclass || ' ' || quote_ident(k.conname) = key.name
WHERE f.contype = 'f' AND f.conparentid = 0 AND f.coninhcount = 0
UNION
SELECT format('ALTER TABLE ONLY %s REPLICA IDENTITY DEFAULT;', c.oid::regclass)
FROM pg_class c
JOIN unnest(?::text[]) changed (name) ON c.oid::regclass::text = changed.name
WHERE c.relreplident = 'i'
ORDER BY statement
