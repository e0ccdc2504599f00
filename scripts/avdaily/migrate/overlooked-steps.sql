-- Which statements say what a comparison of schemas overlooks: the defaults, collations, storage, compression and
-- statistics of columns, row security and replica identity, checks and foreign keys, the comment on the schema public,
-- what partitions, and other children as to NOT NULL, have besides their parents? Each with what it is about; what may
-- be missing, with its table and the statement that drops it. No parameters.
WITH columns AS (
    SELECT a.*, c.relkind, c.relispartition, t.typcollation, t.typstorage,
      format('%s.%I', c.oid::regclass, a.attname) AS name,
      format('ALTER TABLE ONLY %s ALTER COLUMN %I ', c.oid::regclass, a.attname) AS alter,
      pg_get_expr(v.adbin, v.adrelid) AS value
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
)
SELECT 'default ' || name, alter || coalesce('SET DEFAULT ' || value, 'DROP DEFAULT') || ';',
       NULL AS relation, NULL AS drop
FROM columns
WHERE attgenerated = '' AND attidentity = '' AND relkind <> 'm'
UNION ALL
SELECT 'collation ' || name, format('ALTER TABLE %s ALTER COLUMN %I TYPE %s COLLATE %s;', attrelid::regclass, attname,
                                    format_type(atttypid, atttypmod), attcollation::regcollation), NULL, NULL
FROM columns
WHERE attcollation <> 0 AND attinhcount = 0 AND relkind <> 'm'
UNION ALL
SELECT 'storage ' || name, alter || 'SET STORAGE ' || CASE attstorage
       WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END || ';', NULL, NULL
FROM columns
UNION ALL
SELECT 'statistics ' || name, alter || 'SET STATISTICS ' || coalesce(attstattarget, -1) || ';', NULL, NULL
FROM columns
UNION ALL
SELECT 'compression ' || name, alter || 'SET COMPRESSION '
       || CASE attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE 'default' END || ';', NULL, NULL
FROM columns
WHERE typstorage <> 'p' AND relkind = 'r'
UNION ALL
SELECT format('constraint %I on %s', k.conname, k.conrelid::regclass),
       format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %3$s;', k.conrelid::regclass, k.conname,
              pg_get_constraintdef(k.oid)), NULL, NULL
FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
WHERE k.contype IN ('c', 'f', 'n') AND k.conrelid <> 0 AND k.coninhcount = 0 AND k.conparentid = 0
UNION ALL
SELECT 'row security of ' || c.oid::regclass, format('ALTER TABLE %s %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY;',
       c.oid::regclass, CASE WHEN c.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
       CASE WHEN c.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END), NULL, NULL
FROM pg_class c
WHERE c.relkind IN ('r', 'p')
UNION ALL
SELECT 'replica identity of ' || c.oid::regclass, format('ALTER TABLE ONLY %s REPLICA IDENTITY %s;', c.oid::regclass,
       CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'd' THEN 'DEFAULT'
         ELSE coalesce('USING INDEX ' || quote_ident(r.relname), 'NOTHING') END), NULL, NULL
FROM pg_class c
LEFT JOIN (pg_index i JOIN pg_class r ON r.oid = i.indexrelid) ON i.indrelid = c.oid AND i.indisreplident
WHERE c.relkind IN ('r', 'p')
UNION ALL
SELECT 'comment', format('COMMENT ON SCHEMA public IS %L;', d.description), NULL, NULL
FROM pg_namespace n
LEFT JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid
WHERE n.nspname = 'public'
UNION ALL
SELECT format('own constraint %I on %s', k.conname, c.oid::regclass),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s;', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)),
       c.oid::regclass::text, format('ALTER TABLE %s DROP CONSTRAINT %I;', c.oid::regclass, k.conname)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid AND c.relispartition
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.coninhcount = 0 AND k.conparentid = 0
UNION ALL
SELECT 'own null ' || name, alter || 'SET NOT NULL;', attrelid::regclass::text, alter || 'DROP NOT NULL;'
FROM columns -- before PostgreSQL 18 each child's is its own
WHERE attnotnull AND attinhcount > 0 AND relkind = 'r' AND NOT relispartition
  AND current_setting('server_version_num')::int < 180000
UNION ALL
SELECT format('own null %I on %s', k.conname, k.conrelid::regclass),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s;', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)),
       k.conrelid::regclass::text, format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
FROM pg_constraint k
WHERE k.contype = 'n' AND k.conislocal AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = k.conrelid)
UNION ALL
SELECT format('own index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid) || ';',
       c.oid::regclass::text, format('DROP INDEX %s;', i.indexrelid::regclass)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relispartition AND c.relkind = 'r'
WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT format('own trigger %I on %s', t.tgname, c.oid::regclass), pg_get_triggerdef(t.oid) || ';',
       c.oid::regclass::text, format('DROP TRIGGER %I ON %s;', t.tgname, c.oid::regclass)
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid AND c.relispartition
WHERE NOT t.tgisinternal AND t.tgparentid = 0
