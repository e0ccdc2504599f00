-- Which statements give a table a parent, from which it has alone what was its own? Parameters: the table, the parent,
-- and its own columns and constraints before, text[].
WITH RECURSIVE child AS (
    SELECT c.oid, c.oid::regclass AS name,
           format('%s.%I', c.relnamespace::regnamespace, left(c.relname, 56) || '_parent') AS stand_in
    FROM pg_class c
    WHERE c.oid = ?::regclass
), heirs AS (
    SELECT oid FROM child
    UNION
    SELECT i.inhrelid FROM heirs h JOIN pg_inherits i ON i.inhparent = h.oid
), parent AS (
    SELECT ?::regclass AS oid
), own AS (
    SELECT unnest(?::text[]) AS word
), columns AS (
    SELECT a.attnum, quote_ident(a.attname) AS name, quote_ident(left(a.attname, 56) || '_before') AS before,
           format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
           AS type, a.attnotnull
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = (SELECT oid FROM child) AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attislocal
      AND a.attgenerated = '' AND quote_ident(a.attname) IN (SELECT word FROM own)
      AND EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = (SELECT oid FROM parent) AND p.attname = a.attname)
), constraints AS (
    SELECT format('CONSTRAINT %I', k.conname) AS word, pg_get_constraintdef(k.oid) AS definition
    FROM pg_constraint k
    WHERE k.conrelid = (SELECT oid FROM child) AND k.contype IN ('c', 'n') AND NOT k.conislocal
      AND k.conkey <@ ARRAY(SELECT attnum FROM columns)
)
SELECT x.place, x.statement
FROM child
CROSS JOIN parent
CROSS JOIN LATERAL (
    SELECT 0, 0, name FROM columns
    UNION ALL SELECT 1, 0, format('ALTER TABLE %s DROP %s;', child.name, word) FROM constraints JOIN own USING (word)
    UNION ALL SELECT 1, 1, format('ALTER TABLE %s RENAME COLUMN %s TO %s;', child.name, name, before) FROM columns
    UNION ALL SELECT 1, 2, format('CREATE TABLE %s ();', child.stand_in)
    UNION ALL SELECT 1, 3, format('ALTER TABLE %s INHERIT %s;', child.name, child.stand_in)
    UNION ALL SELECT 1, 4, format('ALTER TABLE %s ADD COLUMN %s %s;', child.stand_in, name, type) FROM columns
    UNION ALL SELECT 1, 5, format('UPDATE ONLY %s SET %s = %s;', heirs.oid::regclass, name, before) FROM columns, heirs
    UNION ALL SELECT 1, 6, format('ALTER TABLE %s DROP COLUMN %s;', child.name, before) FROM columns
    UNION ALL SELECT 1, 7, format('ALTER TABLE %s ADD %s %s;', child.stand_in, word, definition) FROM constraints
    UNION ALL SELECT 1, 7, format('ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;', child.stand_in, name) FROM columns
        WHERE attnotnull AND current_setting('server_version_num')::int < 180000
    UNION ALL SELECT 1, 8, format('ALTER TABLE %s INHERIT %s;', child.name, parent.oid)
    UNION ALL SELECT 1, 9, format('ALTER TABLE %s NO INHERIT %s;', child.name, child.stand_in)
    UNION ALL SELECT 1, 10, format('DROP TABLE %s;', child.stand_in)
) x (place, turn, statement)
ORDER BY x.place, x.turn, x.statement
