-- The tables of the project: their names, and for those that have rows themselves the table whose partition each is, or
-- itself, its columns and their types. Of domains it names the type below, of composite types the attributes, of arrays
-- of those their number. Without tables whose rows policies hide. Search path: empty. No parameters.
WITH RECURSIVE below AS (
    SELECT oid AS domain, typbasetype, typtypmod FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT domain, b.typbasetype, b.typtypmod
    FROM below
    JOIN pg_type b ON b.oid = below.typbasetype AND b.typtype = 'd'
), base AS (
    SELECT below.domain, format_type(below.typbasetype, below.typtypmod) AS name
    FROM below
    JOIN pg_type b ON b.oid = below.typbasetype AND b.typtype <> 'd'
)
SELECT c.oid::regclass::text,
       CASE c.relkind WHEN 'r' THEN coalesce(pg_partition_root(c.oid), c.oid)::regclass::text END,
       coalesce(part.value, quote_ident(a.attname)),
       coalesce(part.type, base.name, element.name || '[]', format_type(a.atttypid, a.atttypmod))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN base ON base.domain = a.atttypid
LEFT JOIN base element ON element.domain = (SELECT t.typelem FROM pg_type t WHERE t.oid = a.atttypid)
LEFT JOIN LATERAL (
    SELECT format('(%I).%I', a.attname, f.attname) AS value, format_type(f.atttypid, f.atttypmod) AS type, f.attnum
    FROM pg_type t
    JOIN pg_attribute f ON f.attrelid = t.typrelid AND f.attnum > 0 AND NOT f.attisdropped
    WHERE t.oid = a.atttypid AND t.typtype = 'c'
    UNION ALL
    SELECT format('cardinality(%I)', a.attname), 'integer', 1
    FROM pg_type t
    JOIN pg_type e ON e.oid = t.typelem AND e.typtype = 'c'
    WHERE t.oid = a.atttypid AND t.typcategory = 'A') part ON true
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND c.relname <> 'flyway_schema_history' AND NOT row_security_active(c.oid)
ORDER BY 1, a.attnum, part.attnum
