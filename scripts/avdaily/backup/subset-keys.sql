-- The foreign keys of the database: the table that refers (c) and the one it refers to (p) as SQL names them, how their
-- rows find each other, and whether a row is referred to by one other row at most. Partitions have those of the table
-- above them. If a key has a period, the last columns overlap. No parameters.
SELECT k.conrelid AS child, k.confrelid AS parent,
  CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END || format('%I.%I', cn.nspname, c.relname) AS child_name,
  CASE WHEN p.relkind = 'p' THEN '' ELSE 'ONLY ' END || format('%I.%I', pn.nspname, p.relname) AS parent_name,
  (SELECT string_agg(
     CASE WHEN (to_jsonb(k) ->> 'conperiod')::boolean AND u.place = cardinality(k.conkey)
          THEN format('p.%I && c.%I', pa.attname, ca.attname)
          ELSE format('p.%I OPERATOR(%I.%s) c.%I', pa.attname, o.oprnamespace::regnamespace, o.oprname, ca.attname)
     END, ' AND ')
   FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY u(child, parent, operator, place)
     JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
     JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent
     JOIN pg_operator o ON o.oid = u.operator) AS condition,
  EXISTS (SELECT FROM pg_index i
          WHERE i.indrelid = k.conrelid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND (i.indkey::int2[])[0:i.indnkeyatts - 1] <@ k.conkey) AS is_single
FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
  AND 'avdaily_ops' NOT IN (cn.nspname, pn.nspname)
ORDER BY k.oid
