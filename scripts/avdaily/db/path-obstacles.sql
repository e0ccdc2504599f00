-- Continues strangers.sql: what in the schemas of avdaily.schemas would run for the project's SQL although a stranger
-- wrote it. To a role of powers, that is everything of theirs; to others, what stands in for what the server or the
-- project has, and what the project's own tables run.
, path AS MATERIALIZED (
  SELECT oid FROM pg_namespace
  WHERE nspname = ANY (current_setting('avdaily.schemas')::name[]) AND nspname !~ '^pg_'),
original AS MATERIALIZED (SELECT oid FROM path UNION ALL SELECT 'pg_catalog'::regnamespace),
obstacle (what) AS (
  SELECT format('the function %s belongs to %I', f.oid::regprocedure, s.rolname)
  FROM pg_proc f JOIN path ON path.oid = f.pronamespace JOIN stranger s ON s.oid = f.proowner, me
  WHERE me.is_powerful OR EXISTS (
    SELECT FROM pg_proc b JOIN original ON original.oid = b.pronamespace
    WHERE b.proname = f.proname AND b.proowner NOT IN (SELECT oid FROM stranger))
  UNION ALL
  SELECT format('the function %s %s', f.oid::regprocedure, code.what)
  FROM pg_proc f JOIN path ON path.oid = f.pronamespace
    JOIN code ON code.classid = 'pg_proc'::regclass AND code.objid = f.oid
  WHERE f.proowner NOT IN (SELECT oid FROM stranger)
  UNION ALL
  SELECT format('the operator %s belongs to %I', o.oid::regoperator, s.rolname)
  FROM pg_operator o JOIN path ON path.oid = o.oprnamespace JOIN stranger s ON s.oid = o.oprowner, me
  WHERE me.is_powerful OR EXISTS (
    SELECT FROM pg_operator b JOIN original ON original.oid = b.oprnamespace
    WHERE b.oprname = o.oprname AND b.oprowner NOT IN (SELECT oid FROM stranger))
  UNION ALL
  SELECT format('the operator %s %s', o.oid::regoperator, code.what)
  FROM pg_operator o JOIN path ON path.oid = o.oprnamespace
    JOIN code ON code.classid = 'pg_operator'::regclass AND code.objid = o.oid
  WHERE o.oprowner NOT IN (SELECT oid FROM stranger)
  UNION ALL
  SELECT format('the type %s belongs to %I', t.oid::regtype, s.rolname)
  FROM pg_type t JOIN path ON path.oid = t.typnamespace JOIN stranger s ON s.oid = t.typowner
    LEFT JOIN pg_class c ON c.oid = t.typrelid, me
  WHERE t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c' AND (me.is_powerful OR EXISTS (
    SELECT FROM pg_type b JOIN original ON original.oid = b.typnamespace
    WHERE b.typname = t.typname AND b.typowner NOT IN (SELECT oid FROM stranger)))
  UNION ALL
  SELECT format('the type %s %s', t.oid::regtype, code.what)
  FROM pg_type t JOIN path ON path.oid = t.typnamespace
    JOIN code ON code.classid = 'pg_type'::regclass AND code.objid = t.oid
  WHERE t.typcategory <> 'A' AND t.typowner NOT IN (SELECT oid FROM stranger)
  UNION ALL
  -- a cast between types of the server's is in no schema
  SELECT format('the cast from %s to %s %s', c.castsource::regtype, c.casttarget::regtype, code.what)
  FROM pg_cast c JOIN code ON code.classid = 'pg_proc'::regclass AND code.objid = c.castfunc
  WHERE greatest(c.castsource, c.casttarget) < 16384
  UNION ALL
  SELECT format('%s %s', c.oid::regclass, min(d.what))
  FROM danger d JOIN pg_class c ON c.oid = d.relation JOIN path ON path.oid = c.relnamespace, me
  WHERE me.is_powerful OR c.relowner NOT IN (SELECT oid FROM stranger)
  GROUP BY c.oid)
SELECT what FROM obstacle ORDER BY what LIMIT 3
