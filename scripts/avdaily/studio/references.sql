-- Every foreign key between tables that people may look at, those of partitions folded. No parameters.
SELECT k.conname, fn.nspname, f.relname, tn.nspname, t.relname,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.place),
  ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.place),
  pg_get_constraintdef(k.oid), k.convalidated,
  EXISTS (SELECT FROM pg_index i
          WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = ANY (k.conkey)),
  EXISTS (SELECT FROM pg_index i
          WHERE i.indrelid = k.conrelid AND i.indisunique AND i.indpred IS NULL
            AND (SELECT array_agg(x ORDER BY x) FROM unnest(i.indkey::int2[]) x)
              = (SELECT array_agg(x ORDER BY x) FROM unnest(k.conkey) x)),
  EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND NOT a.attnotnull)
FROM pg_constraint k
  JOIN pg_class f ON f.oid = k.conrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
  JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT f.relispartition AND NOT t.relispartition
  AND fn.nspname !~ '^pg_' AND fn.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY 2, 3, 1
