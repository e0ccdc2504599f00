-- Why the table of deployments is not believed; no row if it is.
SELECT CASE WHEN relkind <> 'r' THEN 'it is no table'
            WHEN NOT (o.rolsuper OR o.rolname = current_user OR o.oid = d.datdba)
              THEN pg_catalog.format('it belongs to %s, who neither deploys now nor owns the database', o.rolname)
            WHEN relrowsecurity THEN 'it has row level security'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
              OR EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid)
              THEN 'it has triggers or rules'
            ELSE pg_catalog.format('%s may write to it', w.names) END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
CROSS JOIN LATERAL (
  SELECT pg_catalog.string_agg(DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC'
                                                     ELSE pg_catalog.pg_get_userbyid(grantee)::text END, ', ') AS names
  FROM (SELECT grantee, privilege_type FROM pg_catalog.aclexplode(c.relacl)
        UNION ALL
        SELECT x.grantee, x.privilege_type
        FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) x WHERE a.attrelid = c.oid) granted
  WHERE grantee <> c.relowner AND privilege_type <> 'SELECT') w
WHERE c.oid = pg_catalog.to_regclass('avdaily_ops.deployment')
  AND (relkind <> 'r' OR relrowsecurity OR w.names IS NOT NULL
       OR NOT (o.rolsuper OR o.rolname = current_user OR o.oid = d.datdba)
       OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
       OR EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid))
