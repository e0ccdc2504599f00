-- The beginning of queries for code that a session would run although a stranger wrote it.
--
-- "me" is the session's role, and whether it may run programs, touch files on the server or rule over roles. If the
-- role that logged in may and the current one may not, it is the former: any code can go back to it. A "stranger" is a
-- role that is neither a superuser nor may become this one, nor one of avdaily.trusted_roles. Those who may create
-- schemas in the database, as its owner may, are strangers only to a role of such powers.
WITH RECURSIVE me AS MATERIALIZED (
  SELECT r.oid,
    r.rolcreaterole
      OR pg_has_role(r.oid, 'pg_execute_server_program', 'MEMBER')
      OR pg_has_role(r.oid, 'pg_write_server_files', 'MEMBER')
      OR pg_has_role(r.oid, 'pg_read_server_files', 'MEMBER') AS is_powerful
  FROM pg_roles r WHERE r.rolname IN (current_user, session_user)
  ORDER BY is_powerful DESC, r.rolname = current_user DESC LIMIT 1),
here AS MATERIALIZED (SELECT oid, datdba FROM pg_database WHERE datname = current_database()),
stranger AS MATERIALIZED (
  SELECT r.oid, r.rolname
  FROM me CROSS JOIN here CROSS JOIN pg_roles r
    -- what belongs to pg_database_owner belongs to whoever owns the database
    JOIN pg_roles acting ON acting.oid = CASE r.rolname WHEN 'pg_database_owner' THEN here.datdba ELSE r.oid END
  WHERE NOT acting.rolsuper AND NOT pg_has_role(acting.oid, me.oid, 'MEMBER')
    AND (me.is_powerful OR NOT has_database_privilege(acting.oid, here.oid, 'CREATE'))
    AND NOT ARRAY[r.rolname, acting.rolname]::text[]
      && string_to_array(coalesce(current_setting('avdaily.trusted_roles', true), ''), ','))
