-- The statements that give another database the connection limit, comment and grants of this one.
-- Parameters: the other database's name, this one's name.
WITH d AS (
  SELECT ?::text AS other, oid, datdba, datconnlimit, datistemplate, datacl,
         shobj_description(oid, 'pg_database') AS comment
  FROM pg_database WHERE datname = ?)
SELECT format('ALTER DATABASE %I WITH CONNECTION LIMIT %s IS_TEMPLATE %s', other, datconnlimit,
              CASE WHEN datistemplate THEN 'true' ELSE 'false' END)
FROM d
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %L', other, comment) FROM d WHERE comment IS NOT NULL
UNION ALL
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', other, pg_get_userbyid(datdba))
FROM d WHERE datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, other,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM d, aclexplode(datacl) a
