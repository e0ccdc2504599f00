-- Which columns refer to which table? Keys of several columns are included. No parameters.
SELECT t.relname, r.relname, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid
    AND a.attnum = ANY (k.conkey))
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
WHERE k.contype = 'f' AND pg_table_is_visible(t.oid) AND pg_table_is_visible(r.oid)
