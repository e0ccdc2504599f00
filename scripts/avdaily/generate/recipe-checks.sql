-- The checks of tables: what they say, which columns they have, and whether the server alone knows how to look: no
-- function, operator or domain of anybody else's. No parameters.
SELECT k.oid, n.nspname, t.relname, pg_get_constraintdef(k.oid) AS definition,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum) AS columns,
  NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
  AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                  WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey) AND y.typtype = 'd') AS is_servers
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype = 'c' AND cardinality(k.conkey) > 0 AND NOT t.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'avdaily_ops'
ORDER BY n.nspname, t.relname, k.conname
