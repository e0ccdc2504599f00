-- The tables that Citus knows: those that are everywhere first, since others refer to them. No parameters.
SELECT c.oid::bigint AS oid, n.nspname, c.relname, c.relispartition,
  CASE WHEN p.partmethod = 'h' THEN 'DISTRIBUTED' WHEN p.partmethod <> 'n' THEN 'OTHER' -- by ranges, by appending
    WHEN p.repmodel = 't' THEN 'REFERENCE' WHEN p.colocationid <> 0 THEN 'OTHER' ELSE 'LOCAL' END AS kind, -- by schema
  CASE WHEN p.partmethod <> 'n'
    THEN pg_catalog.column_to_column_name(p.logicalrelid, p.partkey::text) END AS distribution_column,
  p.colocationid::bigint AS colocationid,
  (SELECT d.shardcount::int FROM pg_catalog.pg_dist_colocation d WHERE d.colocationid = p.colocationid) AS shardcount,
  pg_catalog.citus_table_size(p.logicalrelid) AS bytes
FROM pg_catalog.pg_dist_partition p JOIN pg_catalog.pg_class c ON c.oid = p.logicalrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY p.partmethod <> 'n', p.colocationid, c.oid
