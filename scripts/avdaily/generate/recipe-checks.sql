-- The checks of tables: what they say, which columns they have, and whether to look runs the server's code alone: no
-- function, operator or cast of anybody else's, no type whose values are read by such, and no function of the server's
-- that runs SQL or changes something. No parameters.
SELECT k.oid, n.nspname, t.relname, pg_get_constraintdef(k.oid) AS definition,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum) AS columns,
  NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
  AND NOT EXISTS (
    SELECT FROM regexp_matches(k.conbin::text, ':(?:funcid|opfuncid) ([0-9]+)', 'g') AS called (id)
    JOIN pg_proc p ON p.oid = called.id[1]::oid
    WHERE p.provolatile = 'v' OR p.proname LIKE '%to_xml%')
  AND NOT EXISTS (
    SELECT FROM (
      SELECT a.atttypid AS id FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey)
      UNION ALL
      SELECT d.refobjid FROM pg_depend d
      WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_type'::regclass) used
    JOIN pg_type y ON y.oid = used.id
    LEFT JOIN pg_type e ON e.oid = y.typelem
    -- from 16384 on, an object is nobody's but the users'
    WHERE y.oid >= 16384 AND y.typtype NOT IN ('b', 'e')
       OR e.oid >= 16384 AND e.typtype NOT IN ('b', 'e')
       OR y.oid >= 16384 AND EXISTS (
            SELECT FROM pg_cast x
            WHERE x.castmethod = 'f' AND (x.castsource IN (y.oid, e.oid) OR x.casttarget IN (y.oid, e.oid)))
  ) AS is_servers
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype = 'c' AND cardinality(k.conkey) > 0 AND NOT t.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'avdaily_ops'
ORDER BY n.nspname, t.relname, k.conname
