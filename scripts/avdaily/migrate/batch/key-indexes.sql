-- The columns of each index of a table along which its rows can be read in order. The parameters are the table, and
-- whether all columns have to be ascending.
SELECT ARRAY(
    SELECT coalesce(a.attname::text, '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY k (number, place)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
    WHERE k.place <= x.indnkeyatts ORDER BY k.place)
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = i.relam
WHERE x.indrelid = ? AND x.indisvalid AND x.indpred IS NULL AND m.amname = 'btree'
  AND (NOT ? OR NOT EXISTS (SELECT FROM unnest(x.indoption::int2[]) o WHERE o & 1 = 1))
