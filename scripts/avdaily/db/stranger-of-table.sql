-- Continues strangers.sql: why a table is not to be read or written; empty if it may be, null if there is none.
-- Parameters: its schema, its name.
SELECT CASE WHEN c.relkind NOT IN ('r', 'p') THEN 'it is no table'
            WHEN s.oid IS NOT NULL THEN format('it belongs to %I', s.rolname)
            ELSE coalesce((SELECT 'it ' || min(d.what) FROM danger d WHERE d.relation = c.oid), '') END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN stranger s ON s.oid = c.relowner
WHERE n.nspname = ? AND c.relname = ?
