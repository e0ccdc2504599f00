-- Every sequence of the user, with the column that owns it or whose identity it is.
SELECT c.tableoid AS catalog, c.oid, (pg_identify_object(c.tableoid, c.oid, 0)).identity, n.nspname AS schema,
  c.relowner, c.relpersistence = 'u' AS unlogged, format_type(s.seqtypid, NULL) AS type, s.*,
  d.refobjid, d.deptype, quote_ident(a.attname) AS attname, a.attidentity::text AS identity_kind
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e')
