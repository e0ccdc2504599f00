-- The statements that complete avdaily_ops once its rows are in: keys and checks, indexes, foreign keys, where the
-- sequences stand, comments, grants, owners.
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
         AS statement,
       CASE contype WHEN 'f' THEN 2 ELSE 0 END AS place
FROM pg_constraint
WHERE contype IN ('p', 'u', 'c', 'x', 'f') AND conrelid <> 0 AND connamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT pg_get_indexdef(indexrelid), 1
FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE relnamespace = 'avdaily_ops'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL
SELECT format('SELECT setval(%L, %s, true)', format('%I.%I', schemaname, sequencename), last_value), 3
FROM pg_sequences WHERE schemaname = 'avdaily_ops' AND last_value IS NOT NULL
UNION ALL
SELECT format('COMMENT ON SCHEMA avdaily_ops IS %L', d), 4
FROM obj_description('avdaily_ops'::regnamespace, 'pg_namespace') d WHERE d IS NOT NULL
UNION ALL
SELECT format('COMMENT ON %s IS %L',
              CASE objsubid WHEN 0 THEN 'TABLE ' || c.oid::regclass
                            ELSE format('COLUMN %s.%I', c.oid::regclass, attname) END,
              description), 4
FROM pg_description JOIN pg_class c ON c.oid = objoid
LEFT JOIN pg_attribute a ON attrelid = c.oid AND attnum = objsubid
WHERE classoid = 'pg_class'::regclass AND relkind = 'r' AND relnamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT format('GRANT %s ON %s TO %s%s', privilege_type, c.oid::regclass,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), 5
FROM pg_class c, aclexplode(relacl) x
WHERE relkind = 'r' AND grantee <> relowner AND relnamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT format('GRANT %s ON SCHEMA avdaily_ops TO %s%s', privilege_type,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), 5
FROM pg_namespace, aclexplode(nspacl) x WHERE nspname = 'avdaily_ops' AND grantee <> nspowner
UNION ALL
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, pg_get_userbyid(relowner)), 6
FROM pg_class c
WHERE relkind = 'r' AND pg_get_userbyid(relowner) <> current_user AND relnamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT format('ALTER SCHEMA avdaily_ops OWNER TO %I', pg_get_userbyid(nspowner)), 7
FROM pg_namespace WHERE nspname = 'avdaily_ops' AND pg_get_userbyid(nspowner) <> current_user
ORDER BY place
