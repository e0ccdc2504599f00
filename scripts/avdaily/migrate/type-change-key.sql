-- The columns of the index along which a table is best walked through: of the primary key, else of the smallest unique
-- one, else of any other. Each row has a value in each. The parameter is the table.
SELECT ARRAY(SELECT quote_ident(a.attname)
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
             WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS columns
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am m ON m.oid = i.relam AND m.amname = 'btree'
WHERE x.indrelid = ? AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
  AND (x.indnkeyatts = 1 OR NOT EXISTS (SELECT FROM unnest(x.indoption::int2[]) o WHERE o & 1 = 1))
  AND NOT EXISTS (SELECT FROM unnest(x.indkey::int2[]) WITH ORDINALITY k (number, place)
                  JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
                  WHERE k.place <= x.indnkeyatts AND NOT a.attnotnull)
ORDER BY x.indisprimary DESC, x.indisunique DESC, x.indnkeyatts, i.relname
LIMIT 1
