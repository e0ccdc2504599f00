-- What unique indexes and NOT NULL prove, in the words of a rule's enforced_by: 'unique wallets(user_id)'.
SELECT 'unique ' || CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname || '('
  || (SELECT string_agg(a.attname, ',' ORDER BY k.place)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
      WHERE k.place <= i.indnkeyatts) || ')' AS claim
FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND i.indisvalid AND i.indisready AND i.indpred IS NULL AND i.indexprs IS NULL
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
UNION ALL
SELECT 'not null ' || CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
  || '(' || a.attname || ')'
FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey[1] = a.attnum AND NOT k.convalidated)
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
