-- Which statements take default privileges back to what they are by themselves? Each with what it is about, as the
-- schema's items have it. No parameters.
WITH entries AS (
    SELECT a.defaclacl, a.defaclnamespace,
      CASE WHEN a.defaclnamespace = 0
        THEN acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole) END AS own,
      CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS what,
      'FOR ROLE ' || quote_ident(pg_get_userbyid(a.defaclrole))
        || coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '') AS scope
    FROM pg_default_acl a
    LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
), changes AS (
    SELECT DISTINCT e.what, e.scope, 1 AS place, 'REVOKE ALL ON ' || e.what || ' FROM ' AS change, x.grantee
    FROM entries e, aclexplode(e.defaclacl) x
    UNION
    SELECT e.what, e.scope, 2, 'GRANT ALL ON ' || e.what || ' TO ', x.grantee
    FROM entries e, aclexplode(e.own) x
)
SELECT what || ' ' || scope, format('ALTER DEFAULT PRIVILEGES %s %s%s;', scope, change,
       CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM changes
WHERE what IS NOT NULL
ORDER BY what, scope, place, grantee
