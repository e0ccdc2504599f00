-- The table of this name, with the columns of its primary key in their order, and those that rows have besides.
-- Parameters: its schema and name.
SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'p',
  ARRAY(
    SELECT a.attname::text
    FROM pg_index i
      CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS place (number, position)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = place.number
    WHERE i.indrelid = c.oid AND i.indisprimary AND place.position <= i.indnkeyatts
    ORDER BY place.position),
  ARRAY(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
