-- How full each pool is that a new connection must fit in: the server, the database, the role. Name, used, most.
SELECT 'the server',
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
         - coalesce(current_setting('reserved_connections', true)::bigint, 0) -- of 16 and later
UNION ALL
SELECT 'the database',
       (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'),
       datconnlimit
FROM pg_database
WHERE datname = current_database() AND datconnlimit > 0
UNION ALL
SELECT 'the role ' || rolname,
       (SELECT count(*) FROM pg_stat_activity a WHERE a.usename = rolname),
       rolconnlimit
FROM pg_roles
WHERE rolconnlimit > 0
  AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = rolname AND a.datname = current_database())
