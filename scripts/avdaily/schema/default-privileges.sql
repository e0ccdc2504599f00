-- How the default privileges differ from the server's own: a '-' for what is missing, a '+' for what is new.
SELECT c.oid, d.change, d.position, x.grantor, x.grantee, x.is_grantable, x.privilege_type
FROM (
    SELECT a.oid, a.defaclacl AS acl,
      CASE WHEN a.defaclnamespace <> 0 THEN '{}'
        ELSE acldefault(CASE WHEN a.defaclobjtype = 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole) END AS base
    FROM pg_default_acl a) c,
  LATERAL (
    SELECT '-' AS change, item, position FROM unnest(base) WITH ORDINALITY b(item, position)
    WHERE NOT item = ANY (acl)
    UNION ALL SELECT '+', item, position FROM unnest(acl) WITH ORDINALITY b(item, position)
    WHERE NOT item = ANY (base)) d,
  LATERAL aclexplode(ARRAY[d.item]) x
ORDER BY c.oid, d.change DESC, d.position, x.is_grantable
