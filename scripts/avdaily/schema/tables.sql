-- Every table, partitioned table, view and materialized view of the user, with all that its statement needs.
SELECT c.tableoid AS catalog, c.oid, (pg_identify_object(c.tableoid, c.oid, 0)).identity, n.nspname AS schema,
  c.relname, c.relkind, c.relpersistence = 'u' AS unlogged, c.relispartition, c.relowner, c.relreplident,
  concat_ws(', ',
    (SELECT string_agg(format('%I=%L', option_name, option_value), ', ' ORDER BY position)
     FROM pg_options_to_table(c.reloptions) WITH ORDINALITY o(option_name, option_value, position)),
    (SELECT string_agg(format('toast.%I=%L', option_name, option_value), ', ' ORDER BY position)
     FROM pg_options_to_table((SELECT reloptions FROM pg_class WHERE oid = c.reltoastrelid AND c.relkind IN ('r', 'm')))
       WITH ORDINALITY o(option_name, option_value, position))) AS options,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
  pg_get_expr(c.relpartbound, c.oid) AS bound,
  CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
  (SELECT quote_ident(amname) FROM pg_am WHERE oid = c.relam AND amname <> 'heap') AS access_method,
  (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) AS tablespace,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
  c.relispopulated,
  v.oid AS rule,
  EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = v.oid AND d.refclassid = c.tableoid AND d.refobjid = c.oid
      AND d.refobjsubid > 0 AND d.deptype = 'n') AS reads_itself
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_rewrite v ON v.ev_class = c.oid AND v.rulename = '_RETURN'
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e')
