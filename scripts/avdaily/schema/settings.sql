-- What ALTER DATABASE and ALTER ROLE set for the sessions of this database, a line each. Values that may be secret are
-- left out. Parameter: the roles that the schema names.
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
  SELECT coalesce('role ' || quote_ident(r.rolname) || CASE s.setdatabase WHEN 0 THEN '' ELSE ' here' END || ': ', '')
    || CASE WHEN entry ~* '^[^=]*(pass|secret|token|key|credential)' THEN split_part(entry, '=', 1) || ' = ...'
            ELSE regexp_replace(entry, '=', ' = ') END
  FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) entry
  WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
     OR s.setdatabase = 0 AND r.rolname = ANY (?)) x (line)
