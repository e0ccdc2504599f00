-- A column of a table: its type, whether every row has a value, and its number. The parameters are table and name.
SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attnum
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = ? AND a.attname = ? AND a.attnum > 0 AND NOT a.attisdropped
