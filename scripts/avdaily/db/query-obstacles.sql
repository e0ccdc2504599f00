-- Continues strangers.sql: what of the relations that this transaction has a lock on would run a stranger's code.
SELECT format('%s %s', d.relation::regclass, min(d.what))
FROM danger d JOIN pg_locks l ON l.relation = d.relation
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.database = (SELECT oid FROM here)
GROUP BY d.relation ORDER BY 1 LIMIT 3
