-- Continues strangers.sql: what in the schemas of avdaily.schemas would run for the project's SQL although a stranger
-- wrote it. To a role of powers, that is everything of theirs; to others, what stands in for the server's own.
, path AS MATERIALIZED (
  SELECT oid FROM pg_namespace
  WHERE nspname = ANY (current_setting('avdaily.schemas')::name[]) AND nspname !~ '^pg_'),
obstacle (what) AS (
  SELECT format('the function %s belongs to %I', f.oid::regprocedure, s.rolname)
  FROM pg_proc f JOIN path ON path.oid = f.pronamespace JOIN stranger s ON s.oid = f.proowner, me
  WHERE me.is_powerful OR EXISTS (
    SELECT FROM pg_proc b WHERE b.proname = f.proname AND b.pronamespace = 'pg_catalog'::regnamespace)
  UNION ALL
  SELECT format('the operator %s belongs to %I', o.oid::regoperator, s.rolname)
  FROM pg_operator o JOIN path ON path.oid = o.oprnamespace JOIN stranger s ON s.oid = o.oprowner, me
  WHERE me.is_powerful OR EXISTS (
    SELECT FROM pg_operator b WHERE b.oprname = o.oprname AND b.oprnamespace = 'pg_catalog'::regnamespace)
  UNION ALL
  SELECT format('%s belongs to %I', c.oid::regclass, s.rolname)
  FROM pg_class c JOIN path ON path.oid = c.relnamespace JOIN stranger s ON s.oid = c.relowner, me
  WHERE me.is_powerful AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
SELECT what FROM obstacle ORDER BY what LIMIT 3
