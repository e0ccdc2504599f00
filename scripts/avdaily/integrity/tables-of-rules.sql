-- The user's tables and partitioned tables: their size, columns, primary key, and the columns whose values the first
-- column of a B-tree holds in their order; and why to read it could run a stranger's code, if so.
-- Continues strangers.sql.
SELECT n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS is_visible,
  pg_table_size(c.oid) AS bytes, greatest(c.reltuples, 0)::bigint AS rows,
  ARRAY(
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
  ARRAY(
    SELECT a.attname::text
    FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE i.indrelid = c.oid AND i.indisprimary
    ORDER BY k.place) AS key,
  ARRAY(
    SELECT DISTINCT a.attname::text
    FROM pg_index i
      JOIN pg_attribute a
        ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attcollation = i.indcollation[0]
      JOIN pg_opclass o ON o.oid = i.indclass[0] AND o.opcdefault
      JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS sorted,
  c.relpersistence = 'u' AND pg_is_in_recovery() AS is_empty_here,
  (SELECT min(d.what) FROM danger d WHERE d.relation = c.oid) AS danger
FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
