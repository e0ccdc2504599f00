-- The constraints of the user's tables, with their columns and those that they refer to, and whether they hold: whether
-- they are valid and none of their triggers is off.
SELECT k.contype AS kind, k.conname AS name, n.nspname AS schema, c.relname AS table,
  ARRAY(
    SELECT a.attname::text
    FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
    ORDER BY u.place) AS columns,
  fn.nspname AS target_schema, f.relname AS target,
  ARRAY(
    SELECT a.attname::text
    FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
    ORDER BY u.place) AS target_columns,
  k.confmatchtype = 'f' AS is_full,
  coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'true' AS is_period,
  k.convalidated
    AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O') AS holds,
  k.conparentid = 0 AS is_root
FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class f ON f.oid = k.confrelid
  LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
ORDER BY k.conname, n.nspname, c.relname
