-- Statements that give the schema public the owner and the comment of a new database.
WITH standard AS (
  SELECT rolname FROM pg_roles
  WHERE rolname = 'pg_database_owner' AND current_setting('server_version_num')::int >= 150000
    OR oid = 10 AND current_setting('server_version_num')::int < 150000)
SELECT format('ALTER SCHEMA public OWNER TO %I', s.rolname)
FROM pg_namespace n, standard s WHERE n.nspname = 'public' AND pg_get_userbyid(n.nspowner) <> s.rolname
UNION ALL
SELECT format('COMMENT ON SCHEMA public IS %L', 'standard public schema')
FROM pg_namespace n
WHERE n.nspname = 'public' AND obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM 'standard public schema'
