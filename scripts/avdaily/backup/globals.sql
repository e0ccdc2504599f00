-- What of a server belongs to no database, and what it knows of one database, as one JSON document.
-- Names of roles come from pg_roles: pg_get_userbyid knows no snapshot, so a role just dropped would be "unknown".
-- A tablespace just dropped has no location any more, and is left out; asked for it, the server would fail.
-- Parameters: the names of roles that runs make for themselves, the comment of roles that stand in for others, the
-- database's name (twice).
WITH lasting AS (
  SELECT r.*, comment FROM pg_roles r, shobj_description(r.oid, 'pg_authid') comment
  WHERE rolname !~ ? AND comment IS DISTINCT FROM ?),
named AS (SELECT * FROM lasting WHERE rolname !~ '^pg_'),
entry AS (
  SELECT named.rolname AS role, setdatabase <> 0 AS of_database,
    split_part(e, '=', 1) AS name, substr(e, strpos(e, '=') + 1) AS value, position
  FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN named ON named.oid = s.setrole,
    unnest(s.setconfig) WITH ORDINALITY u (e, position)
  WHERE (setdatabase = 0 OR datname = ?) AND (setrole = 0 OR named.oid IS NOT NULL))
SELECT jsonb_build_object(
  'roles', (SELECT jsonb_agg(jsonb_build_object('name', rolname, 'superuser', rolsuper, 'inherit', rolinherit,
      'createRole', rolcreaterole, 'createDatabase', rolcreatedb, 'login', rolcanlogin, 'replication', rolreplication,
      'bypassRowSecurity', rolbypassrls, 'connectionLimit', rolconnlimit, 'comment', comment,
      'validUntil', CASE WHEN isfinite(rolvaliduntil)
        THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          || CASE WHEN rolvaliduntil < '0001-01-01 00:00+00' THEN ' BC' ELSE '' END
        ELSE rolvaliduntil::text END)
    ORDER BY rolname) FROM named),
  'memberships', (SELECT jsonb_agg(jsonb_build_object('role', r.rolname, 'member', named.rolname,
      'grantor', (SELECT rolname FROM lasting WHERE oid = m.grantor AND oid <> 10),
      'admin', admin_option, 'inherit', to_jsonb(m) -> 'inherit_option', 'set', to_jsonb(m) -> 'set_option')
      ORDER BY roleid, member, grantor)
    FROM pg_auth_members m JOIN named ON named.oid = member JOIN lasting r ON r.oid = roleid),
  'tablespaces', (SELECT jsonb_agg(jsonb_build_object('name', spcname, 'owner', o.rolname,
      'location', pg_tablespace_location(t.oid), 'comment', shobj_description(t.oid, 'pg_tablespace'),
      'options', (SELECT jsonb_object_agg(split_part(e, '=', 1), split_part(e, '=', 2)) FROM unnest(spcoptions) e),
      'grants', (SELECT jsonb_agg(jsonb_build_object('role', g.rolname,
          'privilege', privilege_type, 'withGrantOption', is_grantable) ORDER BY place)
        FROM aclexplode(spcacl) WITH ORDINALITY a (grantor, grantee, privilege_type, is_grantable, place)
          LEFT JOIN lasting g ON g.oid = grantee WHERE grantee = 0 OR g.oid IS NOT NULL))
      ORDER BY spcname)
    FROM pg_tablespace t JOIN pg_roles o ON o.oid = spcowner WHERE spcname !~ '^pg_'
      AND (pg_identify_object(t.tableoid, t.oid, 0)).identity IS NOT NULL),
  'settings', (SELECT jsonb_agg(jsonb_build_object('role', role, 'ofDatabase', of_database, 'name', name,
      'value', value) ORDER BY of_database, role NULLS FIRST, position) FROM entry),
  'database', (SELECT jsonb_build_object('owner', o.rolname, 'tablespace', nullif(spcname, 'pg_default'),
      'connectionLimit', datconnlimit, 'comment', shobj_description(d.oid, 'pg_database'),
      'grants', (SELECT jsonb_agg(jsonb_build_object('role', g.rolname,
          'privilege', privilege_type, 'withGrantOption', is_grantable) ORDER BY place)
        FROM aclexplode(datacl) WITH ORDINALITY a (grantor, grantee, privilege_type, is_grantable, place)
          LEFT JOIN lasting g ON g.oid = grantee WHERE grantee = 0 OR g.oid IS NOT NULL))
    FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace JOIN pg_roles o ON o.oid = datdba
    WHERE datname = ?))::text
