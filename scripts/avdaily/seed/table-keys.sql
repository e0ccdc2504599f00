-- Which primary and unique keys has each table? No parameters.
SELECT t.relname, k.contype = 'p', ARRAY(SELECT a.attname::text
    FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
                                         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.n
                                             ORDER BY u.i)
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE k.contype IN ('p', 'u') AND pg_table_is_visible(t.oid)
    AND t.relnamespace <> 'pg_catalog'::regnamespace ORDER BY k.conname
