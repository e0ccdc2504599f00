-- Which domains have to be made anew, those that are over others first? One that the other schema has not is none.
-- Parameters: the names of domains that are others there, of types that are made anew, and of the domains that are
-- there, all text[].
WITH RECURSIVE anew AS (
    SELECT d.oid, 1 AS depth
    FROM pg_type d
    LEFT JOIN pg_type b ON b.oid = d.typbasetype
    WHERE d.typtype = 'd'
      AND (d.oid::regtype::text = ANY (?::text[])
           OR (SELECT array_agg(to_regtype(name)::oid) FROM unnest(?::text[]) name)
              && ARRAY[b.oid, nullif(b.typelem, 0)])
    UNION ALL
    SELECT d.oid, depth + 1
    FROM anew
    JOIN pg_type a ON a.oid = anew.oid
    JOIN pg_type d ON d.typtype = 'd' AND d.typbasetype IN (a.oid, a.typarray)
)
SELECT oid::regtype::text
FROM anew
WHERE oid::regtype::text = ANY (?::text[])
GROUP BY oid
ORDER BY max(depth) DESC, 1
