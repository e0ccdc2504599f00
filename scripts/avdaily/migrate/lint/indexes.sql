-- Which indexes do tables have, and on which columns? A partial index has none, an expression is an empty text.
-- No parameters.
SELECT x.indexrelid::bigint,
       x.indrelid::bigint,
       format('%I.%I', n.nspname, i.relname),
       coalesce(pg_relation_filenode(i.oid), 0)::bigint,
       pg_get_indexdef(i.oid),
       ARRAY(SELECT coalesce(quote_ident(a.attname), '')
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY key (num, n)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = key.num
             WHERE x.indpred IS NULL AND key.n <= x.indnkeyatts
             ORDER BY key.n)
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE x.indexrelid >= 16384
