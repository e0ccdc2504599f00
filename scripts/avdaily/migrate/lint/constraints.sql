-- Which constraints do tables have, on which columns, and which index belongs to them? No parameters.
SELECT k.oid::bigint,
       k.conrelid::bigint,
       quote_ident(k.conname),
       k.contype,
       k.convalidated,
       pg_get_constraintdef(k.oid),
       k.conindid::bigint,
       ARRAY(SELECT quote_ident(a.attname)
             FROM unnest(k.conkey) WITH ORDINALITY key (num, n)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.num
             ORDER BY key.n)
FROM pg_constraint k
WHERE k.conrelid <> 0 AND k.conparentid = 0 AND k.contype IN ('c', 'f', 'p', 'u', 'x')
