-- Which columns refer to which table, and may the reference be false until the transaction ends? Keys of several
-- columns are included. No parameters.
SELECT k.conrelid, k.confrelid, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid
    AND a.attnum = ANY (k.conkey)), k.condeferrable
FROM pg_constraint k
WHERE k.contype = 'f'
