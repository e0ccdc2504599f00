-- The indexes of a table that a column is a part of, in its keys, expressions or condition. The definition's rest comes
-- behind the table's name. The parameters are the table and the column's number.
SELECT format('%I.%I', n.nspname, i.relname) AS name, i.relname,
  'CREATE ' || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' AS start,
  substr(pg_get_indexdef(i.oid), length(format('CREATE %sINDEX %I ON %I.%I',
    CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname, tn.nspname, t.relname)) + 1) AS rest,
  quote_ident(k.conname) AS "constraint", k.contype::text AS kind,
  concat(CASE WHEN k.condeferrable THEN ' DEFERRABLE' END,
         CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END) AS deferral,
  pg_get_constraintdef(k.oid) AS definition, x.indisreplident,
  obj_description(i.oid, 'pg_class') AS comment, obj_description(k.oid, 'pg_constraint') AS key_comment,
  CASE
    WHEN k.contype = 'x' THEN 'an exclusion constraint, which takes no index that is there already'
    WHEN NOT x.indisvalid THEN 'not valid'
    WHEN t.relkind = 'p' THEN 'on a partitioned table, of which no index is built CONCURRENTLY'
    WHEN x.indisclustered THEN 'the one by which the table is clustered'
  END AS refusal
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u', 'x')
CROSS JOIN (SELECT ?::oid AS relation, ?::int2 AS number) c
WHERE t.oid = c.relation
  AND (c.number = ANY (x.indkey::int2[])
    OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid
               AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.relation AND d.refobjsubid = c.number))
ORDER BY i.relname
