-- The columns of relations, with what fills them and what they say. Parameter: the relations' numbers.
WITH RECURSIVE beneath (domain, type, modifier) AS (
  SELECT oid, typbasetype, typtypmod FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT b.domain, y.typbasetype, y.typtypmod FROM beneath b JOIN pg_type y ON y.oid = b.type AND y.typtype = 'd'),
base AS MATERIALIZED (
  SELECT b.* FROM beneath b JOIN pg_type y ON y.oid = b.type AND y.typtype <> 'd')
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS is_nullable,
  CASE WHEN a.attidentity <> '' THEN 'identity'
       WHEN a.attgenerated <> '' THEN 'computed: ' || pg_get_expr(d.adbin, d.adrelid)
       ELSE pg_get_expr(d.adbin, d.adrelid) END AS filled_by,
  col_description(a.attrelid, a.attnum) AS comment,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
    AS is_key,
  EXISTS (SELECT FROM pg_constraint k
          WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)) AS is_reference,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indpred IS NULL
            AND i.indkey[0] = a.attnum
            AND i.indclass[0] IN (SELECT o.oid FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
                                  WHERE m.amname = 'btree' AND o.opcdefault)) AS leads_index,
  has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS is_readable,
  a.attgenerated = '' AND a.attidentity <> 'a' AND has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS is_writable,
  t.typcategory,
  CASE WHEN b.domain IS NULL THEN format_type(a.atttypid, a.atttypmod) ELSE format_type(b.type, b.modifier) END AS base,
  t.typnamespace = 'pg_catalog'::regnamespace OR t.typtype = 'e' AS is_ordered_as_known
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN base b ON b.domain = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
