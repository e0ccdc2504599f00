-- The names that the findings of integrity checks have for tables and indexes, and the table that is meant. No
-- parameters.
SELECT n.nspname, t.relname AS table_name, quote_ident(cn.nspname) || '.' || quote_ident(c.relname) AS full_name,
  CASE WHEN cn.nspname = 'public' THEN '' ELSE quote_ident(cn.nspname) || '.' END || quote_ident(c.relname) AS name
FROM pg_class c JOIN pg_namespace cn ON cn.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid) JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND cn.nspname !~ '^pg_'
  AND cn.nspname NOT IN ('information_schema', 'avdaily_ops')
