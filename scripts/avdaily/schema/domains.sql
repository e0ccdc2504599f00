-- Every domain of the user, with its default and the name that its NOT NULL usually has.
SELECT t.tableoid AS catalog, t.oid, (pg_identify_object(t.tableoid, t.oid, 0)).identity, n.nspname AS schema,
  t.typowner, t.typnotnull, quote_ident(t.typname || '_not_null') AS usual_name,
  format_type(t.typbasetype, t.typtypmod) AS base,
  pg_get_expr(t.typdefaultbin, 'pg_type'::regclass) AS expression, t.typdefault,
  (SELECT format(' COLLATE %I.%I', cn.nspname, l.collname)
   FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
   WHERE l.oid = t.typcollation AND t.typcollation <> b.typcollation) AS collation
FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = t.tableoid AND e.objid = t.oid AND e.deptype = 'e')
