-- What are the domains, with their base type and what their collation is, what are their rules, and has a column one of
-- them in an array or a composite type? No parameters.
WITH RECURSIVE domains AS MATERIALIZED (
    SELECT t.* FROM pg_type t WHERE t.typtype = 'd' AND t.oid >= 16384
), parts AS MATERIALIZED ( -- what is made of what
    SELECT oid AS part, typarray AS whole FROM pg_type WHERE typarray <> 0
    UNION ALL
    SELECT typbasetype, oid FROM domains
    UNION ALL
    SELECT a.atttypid, c.reltype
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.reltype <> 0 AND c.oid >= 16384
), holders AS (
    SELECT oid AS domain, oid AS type, false AS inside FROM domains
    UNION
    SELECT h.domain, p.whole, h.inside OR p.whole NOT IN (SELECT oid FROM domains)
    FROM holders h
    JOIN parts p ON p.part = h.type
)
SELECT d.oid::regtype::text,
       concat(format_type(d.typbasetype, d.typtypmod),
              (SELECT to_jsonb(l) - '{oid,collnamespace,collowner}'::text[] || jsonb_build_object('n', n.nspname)
               FROM pg_collation l
               JOIN pg_namespace n ON n.oid = l.collnamespace
               WHERE l.oid = d.typcollation)),
       ARRAY(SELECT 'NOT NULL' WHERE d.typnotnull
             UNION ALL
             SELECT format('%I %s', k.conname, pg_get_constraintdef(k.oid))
             FROM pg_constraint k
             WHERE k.contypid = d.oid AND k.contype = 'c'),
       EXISTS (SELECT
               FROM holders h
               JOIN pg_attribute a ON a.atttypid = h.type AND NOT a.attisdropped
               JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
               WHERE h.domain = d.oid AND h.inside)
FROM domains d
