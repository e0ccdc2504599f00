-- Which rows refer to a row t of each table, as a condition for EXISTS? No parameters.
SELECT k.confrelid,
       format('%s r WHERE %s', k.conrelid::regclass,
           string_agg(format('r.%I = t.%I', a.attname, b.attname), ' AND '))
         || CASE WHEN k.conrelid = k.confrelid THEN ' AND (r.tableoid, r.ctid) <> (t.tableoid, t.ctid)'
             ELSE '' END
FROM pg_constraint k, unnest(k.conkey, k.confkey) u(here, there), pg_attribute a, pg_attribute b
WHERE k.contype = 'f' AND a.attrelid = k.conrelid
    AND a.attnum = u.here
  AND b.attrelid = k.confrelid AND b.attnum = u.there
GROUP BY k.oid, k.conrelid, k.confrelid
