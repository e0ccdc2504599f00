-- Every column of the user's tables and views, with its default and, from PostgreSQL 18 on, its NOT NULL constraint.
SELECT a.attrelid, a.attname, quote_ident(a.attname) AS quoted, format_type(a.atttypid, a.atttypmod) AS type,
  a.attnotnull, a.attgenerated::text AS generated, a.attislocal, a.attinhcount > 0 AS inherited,
  pg_get_expr(d.adbin, d.adrelid) AS expression, d.tableoid AS catalog, d.oid, a.attstattarget,
  CASE WHEN a.attstorage <> y.typstorage THEN a.attstorage::text END AS storage,
  a.attcompression::text AS compression,
  (SELECT string_agg(format('%I=%L', option_name, option_value), ', ' ORDER BY position)
   FROM pg_options_to_table(a.attoptions) WITH ORDINALITY o(option_name, option_value, position)) AS options,
  (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
   WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation) AS collation,
  k.conname, k.conislocal, k.convalidated, k.connoinherit, quote_ident(k.conname) AS not_null,
  k.oid IS NOT NULL AND EXISTS (SELECT FROM pg_constraint o
    WHERE o.conname = k.conname AND o.connamespace = k.connamespace AND o.oid <> k.oid) AS is_name_shared,
  above.is_not_valid AS is_not_valid_above, above.is_of_several AS is_of_several_above,
  k.tableoid AS k_catalog, k.oid AS k_oid, pg_get_constraintdef(k.oid) AS k_definition
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm')
  JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
    AND s.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), s.nspname)
  JOIN pg_type y ON y.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_constraint k ON k.contype = 'n' AND k.conrelid = a.attrelid AND k.conkey[1] = a.attnum
  LEFT JOIN LATERAL (
    SELECT bool_and(NOT o.convalidated) AS is_not_valid, count(*) > 1 AS is_of_several
    FROM pg_inherits i JOIN pg_constraint o ON o.contype = 'n' AND o.conrelid = i.inhparent
      JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attnum = o.conkey[1] AND p.attname = a.attname
    WHERE i.inhrelid = k.conrelid) above ON true
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
