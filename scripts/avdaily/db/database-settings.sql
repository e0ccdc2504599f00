-- With what settings a session begins in a database before a role and the driver have their say.
-- %s stands for the rows (name, value) of the server's files, as far as this role may see them.
-- Parameter: the database's name.
WITH entry AS (
  SELECT lower(split_part(e, '=', 1)) AS name, substr(e, strpos(e, '=') + 1) AS value, d.datname, s.setrole
  FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) e),
own AS ( -- ALTER DATABASE comes before ALTER ROLE ALL
  SELECT DISTINCT ON (name) name, value FROM entry
  WHERE setrole = 0 AND (datname IS NULL OR datname = ?) ORDER BY name, datname NULLS LAST),
mine AS (
  SELECT name FROM entry
  WHERE (datname IS NULL OR datname = current_database())
    AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))),
file (name, value) AS (%s),
known AS (
  SELECT s.position, g.name, coalesce(own.value,
    CASE
      WHEN s.is_drivers THEN coalesce(file.value,
        CASE lower(g.name) WHEN 'timezone' THEN current_setting('log_timezone')
          WHEN 'datestyle' THEN g.reset_val ELSE g.boot_val END)
      WHEN g.name IN (SELECT name FROM mine) THEN coalesce(file.value, g.boot_val)
      ELSE g.reset_val END) AS value
  FROM (VALUES (1, 'timezone', true), (2, 'datestyle', true), (3, 'intervalstyle', false), (4, 'lc_monetary', false),
      (5, 'lc_numeric', false), (6, 'lc_time', false), (7, 'default_text_search_config', false),
      (8, 'bytea_output', false), (9, 'extra_float_digits', true), (10, 'xmlbinary', false),
      (11, 'timezone_abbreviations', false), (12, 'transform_null_equals', false)
    ) s (position, name, is_drivers)
    JOIN pg_settings g ON lower(g.name) = s.name LEFT JOIN own ON own.name = s.name
      LEFT JOIN file ON file.name = s.name)
SELECT name, CASE WHEN name = 'default_text_search_config' AND strpos(value, '.') = 0
  THEN coalesce((SELECT format('%%I.%%I', n.nspname, t.cfgname)
    FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace WHERE t.cfgname = value
    ORDER BY n.nspname = 'pg_catalog' DESC, n.nspname = 'public' DESC LIMIT 1), value) ELSE value END, position
FROM known
UNION ALL
SELECT name, value, 100 FROM (
  SELECT name, value FROM own UNION ALL SELECT name, value FROM file WHERE name NOT IN (SELECT name FROM own)) custom
WHERE name LIKE '%%.%%' AND name NOT LIKE 'avdaily.%%'
  AND NOT EXISTS (SELECT FROM pg_settings g WHERE lower(g.name) = custom.name AND g.context <> 'user')
ORDER BY 3, 1
