-- Every range type of the user, with the options of CREATE TYPE; one with a canonical function is not among them.
SELECT t.tableoid AS catalog, t.oid, (pg_identify_object(t.tableoid, t.oid, 0)).identity, n.nspname AS schema,
  t.typowner,
  concat_ws(E',\n    ',
    'subtype = ' || format_type(r.rngsubtype, NULL),
    (SELECT format('multirange_type_name = %I.%I', mn.nspname, m.typname)
     FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid),
    (SELECT format('subtype_opclass = %I.%I', cn.nspname, o.opcname)
     FROM pg_opclass o JOIN pg_namespace cn ON cn.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
    (SELECT format('collation = %I.%I', cn.nspname, l.collname)
     FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
     WHERE l.oid = r.rngcollation
       AND r.rngcollation <> (SELECT typcollation FROM pg_type WHERE oid = r.rngsubtype)),
    'subtype_diff = ' || nullif(r.rngsubdiff, 0)::regproc::text) AS options
FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE r.rngcanonical = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = t.tableoid AND e.objid = t.oid AND e.deptype = 'e')
