-- Which columns has each table: type, the type beneath a domain, whether it is computed, and the table that its
-- foreign key leads to. No parameters.
SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       (WITH RECURSIVE d AS (SELECT a.atttypid AS type, a.atttypmod AS modifier
                             UNION ALL SELECT y.typbasetype, y.typtypmod FROM d JOIN pg_type y
                                 ON y.oid = d.type AND y.typtype = 'd')
        SELECT format_type(d.type, d.modifier) FROM d JOIN pg_type y ON y.oid = d.type
            AND y.typtype <> 'd'),
       a.attgenerated <> '',
       (SELECT r.relname FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
        WHERE k.conrelid = t.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
            AND pg_table_is_visible(r.oid)
          AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.confrelid AND x.indisprimary
                      AND x.indnkeyatts = 1 AND x.indkey[0] = k.confkey[1]) LIMIT 1)
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.relkind IN ('r', 'p') AND pg_table_is_visible(t.oid)
    AND t.relnamespace <> 'pg_catalog'::regnamespace
ORDER BY t.relname, a.attnum
