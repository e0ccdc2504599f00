-- Every index of the user, with the key or exclusion constraint that stands on it and the index that it is attached to.
SELECT i.tableoid AS catalog, i.oid, (pg_identify_object(i.tableoid, i.oid, 0)).identity, n.nspname AS schema,
  x.indrelid, i.relkind, x.indisvalid, x.indisclustered, x.indisreplident, quote_ident(i.relname) AS index_name,
  (SELECT spcname FROM pg_tablespace WHERE oid = i.reltablespace) AS tablespace,
  k.tableoid AS k_catalog, k.oid AS k_oid, quote_ident(k.conname) AS key_name, k.contype, k.condeferrable,
  k.condeferred,
  CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.oid) ELSE pg_get_constraintdef(k.oid) END AS definition,
  (SELECT string_agg(format('%I=%L', option_name, option_value), ', ' ORDER BY position)
   FROM pg_options_to_table(i.reloptions) WITH ORDINALITY o(option_name, option_value, position)) AS options,
  (SELECT string_agg(format(E'\nALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s;', n.nspname, i.relname, a.attnum,
     a.attstattarget), '' ORDER BY a.attnum)
   FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0) AS statistics,
  h.inhparent
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
  LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_inherits h ON h.inhrelid = i.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = i.tableoid AND e.objid = i.oid AND e.deptype = 'e')
