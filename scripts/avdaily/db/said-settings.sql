-- Which settings do role and database give a session, the nearer one before the wider?
-- Null for one of those that a driver sets for itself, and of which nothing is said. No parameters.
WITH said AS (
    SELECT DISTINCT ON (lower(split_part(entry, '=', 1)))
           lower(split_part(entry, '=', 1)) AS name, substr(entry, strpos(entry, '=') + 1) AS value
    FROM pg_db_role_setting r
    CROSS JOIN unnest(r.setconfig) entry
    WHERE r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND r.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
    ORDER BY lower(split_part(entry, '=', 1)), r.setrole <> 0 AND r.setdatabase <> 0 DESC, r.setrole <> 0 DESC
)
SELECT name, value FROM said
UNION ALL
SELECT name, NULL
FROM unnest(ARRAY['timezone', 'datestyle', 'extra_float_digits']) driver (name)
WHERE name NOT IN (SELECT name FROM said)
