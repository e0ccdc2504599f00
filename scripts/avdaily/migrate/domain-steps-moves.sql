-- Which statements move the columns of some domains to the type that is below all domains?
-- Parameter: the names of the domains, text[].
WITH RECURSIVE below AS (
    SELECT d.oid AS domain, d.typbasetype, d.typtypmod
    FROM pg_type d
    WHERE d.oid = ANY (?::text[]::regtype[])
    UNION ALL
    SELECT domain, b.typbasetype, b.typtypmod
    FROM below
    JOIN pg_type b ON b.oid = below.typbasetype AND b.typtype = 'd'
), base AS (
    SELECT d.oid, d.typarray, format_type(below.typbasetype, below.typtypmod) AS name
    FROM below
    JOIN pg_type d ON d.oid = below.domain
    JOIN pg_type b ON b.oid = below.typbasetype AND b.typtype <> 'd'
)
SELECT format('ALTER TABLE %s ALTER COLUMN %I TYPE %s;', a.attrelid::regclass, a.attname,
              base.name || CASE a.atttypid WHEN base.typarray THEN '[]' ELSE '' END)
FROM base
JOIN pg_attribute a ON a.atttypid IN (base.oid, base.typarray) AND NOT a.attisdropped
JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p')
WHERE a.attinhcount = 0 AND NOT r.relispartition
ORDER BY 1
