-- What of a server belongs to no database, and what it knows of one database, as one JSON document.
-- Parameters: the comment of roles that stand in for others, the database's name (twice).
WITH named AS (
  SELECT r.*, comment FROM pg_roles r, shobj_description(r.oid, 'pg_authid') comment
  WHERE rolname !~ '^(pg_|avdaily_limited_[0-9]+_[0-9]+$)' AND comment IS DISTINCT FROM ?),
entry AS (
  SELECT pg_get_userbyid(nullif(setrole, 0)) AS role, setdatabase <> 0 AS of_database,
    split_part(e, '=', 1) AS name, substr(e, strpos(e, '=') + 1) AS value, position
  FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase,
    unnest(s.setconfig) WITH ORDINALITY u (e, position)
  WHERE (setdatabase = 0 OR datname = ?) AND (setrole = 0 OR setrole IN (SELECT oid FROM named)))
SELECT jsonb_build_object(
  'roles', (SELECT jsonb_agg(jsonb_build_object('name', rolname, 'superuser', rolsuper, 'inherit', rolinherit,
      'createRole', rolcreaterole, 'createDatabase', rolcreatedb, 'login', rolcanlogin, 'replication', rolreplication,
      'bypassRowSecurity', rolbypassrls, 'connectionLimit', rolconnlimit, 'comment', comment,
      'validUntil', CASE WHEN isfinite(rolvaliduntil)
        THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE rolvaliduntil::text END)
    ORDER BY rolname) FROM named),
  'memberships', (SELECT jsonb_agg(jsonb_build_object('role', pg_get_userbyid(roleid),
      'member', pg_get_userbyid(member),
      'grantor', (SELECT rolname FROM pg_roles r WHERE r.oid = m.grantor AND r.oid <> 10),
      'admin', admin_option, 'inherit', to_jsonb(m) -> 'inherit_option', 'set', to_jsonb(m) -> 'set_option')
      ORDER BY roleid, member, grantor)
    FROM pg_auth_members m WHERE member IN (SELECT oid FROM named) AND roleid IN (SELECT oid FROM pg_roles)),
  'tablespaces', (SELECT jsonb_agg(jsonb_build_object('name', spcname, 'owner', pg_get_userbyid(spcowner),
      'location', pg_tablespace_location(oid), 'comment', shobj_description(oid, 'pg_tablespace'),
      'options', (SELECT jsonb_object_agg(split_part(o, '=', 1), split_part(o, '=', 2)) FROM unnest(spcoptions) o),
      'grants', (SELECT jsonb_agg(jsonb_build_object('role', pg_get_userbyid(nullif(grantee, 0)),
          'privilege', privilege_type, 'withGrantOption', is_grantable)) FROM aclexplode(spcacl)
        WHERE grantee = 0 OR grantee IN (SELECT oid FROM pg_roles)))
      ORDER BY spcname)
    FROM pg_tablespace WHERE spcname !~ '^pg_'),
  'settings', (SELECT jsonb_agg(jsonb_build_object('role', role, 'ofDatabase', of_database, 'name', name,
      'value', value) ORDER BY of_database, role NULLS FIRST, position) FROM entry),
  'database', (SELECT jsonb_build_object('owner', pg_get_userbyid(datdba), 'tablespace', nullif(spcname, 'pg_default'),
      'connectionLimit', datconnlimit, 'comment', shobj_description(d.oid, 'pg_database'),
      'grants', (SELECT jsonb_agg(jsonb_build_object('role', pg_get_userbyid(nullif(grantee, 0)),
          'privilege', privilege_type, 'withGrantOption', is_grantable)) FROM aclexplode(datacl)
        WHERE grantee = 0 OR grantee IN (SELECT oid FROM pg_roles)))
    FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = ?))::text
