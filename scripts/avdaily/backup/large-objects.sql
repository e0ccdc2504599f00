-- The statements that give large objects their owner, comment and grants, and the role that each one names.
WITH RECURSIVE objects AS (
  SELECT oid, lomowner, lomacl, pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata
  WHERE oid IN (SELECT o::oid FROM unnest(?::bigint[]) o)),
entries AS ( -- a role may be gone: what it has is left out, and what it passed on is the owner's to give
  SELECT o.oid, o.lomowner, coalesce(g.oid, o.lomowner) AS grantor, a.grantee, a.is_grantable,
    string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges
  FROM objects o CROSS JOIN aclexplode(o.lomacl) a LEFT JOIN pg_roles g ON g.oid = a.grantor
  WHERE a.grantee = 0 OR EXISTS (SELECT FROM pg_roles r WHERE r.oid = a.grantee)
  GROUP BY 1, 2, 3, 4, 5),
givers AS ( -- who passes a privilege on has it first; the server lets nobody go round in a circle
  SELECT oid, lomowner AS role, 0 AS steps FROM objects
  UNION
  SELECT e.oid, e.grantee, g.steps + 1 FROM givers g JOIN entries e ON e.oid = g.oid AND e.grantor = g.role
  WHERE e.is_grantable AND e.grantee <> e.grantor AND g.steps < 100)
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
  SELECT oid, 4 + (SELECT coalesce(max(steps), 0) FROM givers g WHERE g.oid = e.oid AND g.role = e.grantor),
    format(CASE WHEN grantor = lomowner THEN '%2$s' ELSE E'SET SESSION AUTHORIZATION %1$I;\n%2$s\nRESET SESSION '
      'AUTHORIZATION;' END, pg_get_userbyid(grantor), given),
    CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee) END
  FROM entries e, format('GRANT %s ON LARGE OBJECT %s TO %s%s;', privileges, oid,
    CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) given) s
ORDER BY oid, turn
