-- What carries the mark of a look, or nothing: the parameter is the mark, six times.
SELECT 'role ' || rolname FROM pg_catalog.pg_roles WHERE rolname = ?
UNION ALL
SELECT 'event trigger ' || evtname FROM pg_catalog.pg_event_trigger WHERE evtname = ?
UNION ALL
SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE nspname = ?
UNION ALL
SELECT 'table ' || relname FROM pg_catalog.pg_class WHERE relname = ?
UNION ALL
SELECT 'function ' || proname FROM pg_catalog.pg_proc WHERE proname = ?
UNION ALL
SELECT 'large object ' || m.oid FROM pg_catalog.pg_largeobject_metadata m
WHERE pg_catalog.obj_description(m.oid, 'pg_largeobject') = ?
