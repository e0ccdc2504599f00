-- Every composite type of the user, with its columns.
SELECT t.tableoid AS catalog, t.oid, (pg_identify_object(t.tableoid, t.oid, 0)).identity, n.nspname AS schema,
  t.typowner,
  (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
     (SELECT format(' COLLATE %I.%I', cn.nspname, l.collname)
      FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
      WHERE l.oid = a.attcollation AND a.attcollation <> b.typcollation)), E',\n    ' ORDER BY a.attnum)
   FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = t.tableoid AND e.objid = t.oid AND e.deptype = 'e')
