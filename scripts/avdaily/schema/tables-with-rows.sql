-- Every table that holds rows, the largest first. It stands behind the query that names strangers and what is
-- dangerous. A standby has no rows of what is unlogged.
SELECT c.oid, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS name,
  rn.nspname AS root_schema, r.relname AS root_table, pg_table_size(c.oid) AS bytes,
  pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
  coalesce(m.amname = 'heap', false)
    AND c.oid NOT IN (SELECT relation FROM danger) AS is_divisible,
  NOT (c.relpersistence = 'u' AND pg_is_in_recovery()) AS is_readable,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY a.attnum) AS columns,
  EXISTS (SELECT FROM pg_depend e
          WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e') AS member
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
ORDER BY bytes DESC, name
