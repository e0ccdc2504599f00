-- The statements that give large objects their owner, comment and grants, and the role that each one names.
WITH objects AS (
  SELECT oid, lomowner, lomacl, pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata
  WHERE oid IN (SELECT o::oid FROM unnest(?::bigint[]) o)),
entries AS (
  SELECT o.oid, o.lomowner, a.grantor, a.grantee, a.is_grantable,
    string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges
  FROM objects o, aclexplode(o.lomacl) a
  GROUP BY 1, 2, 3, 4, 5)
SELECT statement, role FROM (
  SELECT oid, 1 AS turn, format('ALTER LARGE OBJECT %s OWNER TO %I;', oid, owner) AS statement, owner AS role
  FROM objects
  UNION ALL
  SELECT o.oid, 2, format('COMMENT ON LARGE OBJECT %s IS %L;', o.oid, d.description), NULL
  FROM objects o JOIN pg_description d ON d.classoid = 'pg_largeobject'::regclass AND d.objoid = o.oid
  UNION ALL -- a list of grants that does not have the owner's own
  SELECT oid, 3, format('REVOKE ALL ON LARGE OBJECT %s FROM %I;', oid, owner), owner
  FROM objects WHERE lomacl IS NOT NULL
  UNION ALL
  SELECT oid, CASE WHEN grantor = lomowner THEN 4 ELSE 5 END,
    format(CASE WHEN grantor = lomowner THEN '%2$s' ELSE E'SET SESSION AUTHORIZATION %1$I;\n%2$s\nRESET SESSION '
      'AUTHORIZATION;' END, pg_get_userbyid(grantor), given),
    CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee) END
  FROM entries, format('GRANT %s ON LARGE OBJECT %s TO %s%s;', privileges, oid,
    CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) given) s
ORDER BY oid, turn
