-- Which settings do address, role and database give a session, the nearer one before the wider? The address counts for
-- what a driver sets for itself: else the server knows.
-- Null for one of those that a driver sets for itself, and of which nothing is said. No parameters.
WITH drivers AS (
    SELECT name, nullif(current_setting('avdaily.said_' || name, true), '') AS value
    FROM unnest(ARRAY['timezone', 'datestyle', 'extra_float_digits']) name
), said AS (
    SELECT DISTINCT ON (lower(split_part(entry, '=', 1)))
           lower(split_part(entry, '=', 1)) AS name, substr(entry, strpos(entry, '=') + 1) AS value
    FROM pg_db_role_setting r
    CROSS JOIN unnest(r.setconfig) entry
    WHERE r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND r.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
    ORDER BY lower(split_part(entry, '=', 1)), r.setrole <> 0 AND r.setdatabase <> 0 DESC, r.setrole <> 0 DESC
)
SELECT name, coalesce(drivers.value, said.value) AS value
FROM said
FULL JOIN drivers USING (name)
