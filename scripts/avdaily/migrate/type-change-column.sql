-- A column whose type is to change, with what moves to the column of the new type. Names are as SQL wants them.
-- The parameters are the column's name and the table's number.
SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS "table", n.nspname, c.relname, a.attname, a.attnum,
  format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
  CASE
    WHEN c.relkind NOT IN ('r', 'p') THEN 'it is no table'
    WHEN c.relispartition THEN 'it is a partition: change its parent'
    WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
      THEN 'it inherits columns, or others inherit its own'
    WHEN c.reloftype <> 0 THEN 'it is a table of a type'
    WHEN c.relforcerowsecurity THEN 'its row security also hides rows from its owner, whose batches would miss them'
    WHEN a.attgenerated <> '' THEN 'the column is generated: change what it is made of'
    WHEN a.attnum = ANY (p.partattrs::int2[]) THEN 'the column is part of the partition key'
    WHEN y.typtype = 'c' THEN 'its type is composite'
  END AS refusal,
  a.attidentity::text AS identity,
  pg_get_expr(d.adbin, d.adrelid) AS "default",
  col_description(c.oid, a.attnum) AS comment,
  nullif(a.attstattarget, -1) AS statistics,
  (SELECT string_agg(format('%I=%L', option_name, option_value), ', ')
   FROM pg_options_to_table(a.attoptions)) AS options,
  (SELECT format(' COLLATE %I.%I', ln.nspname, l.collname)
   FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace
   WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation) AS collation,
  ARRAY(SELECT g.privilege_type FROM aclexplode(a.attacl) WITH ORDINALITY g ORDER BY g.ordinality) AS privileges,
  ARRAY(SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
               || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        FROM aclexplode(a.attacl) WITH ORDINALITY g ORDER BY g.ordinality) AS grantees,
  (SELECT format('%I.%I', sn.nspname, s.relname) FROM pg_namespace sn WHERE sn.oid = s.relnamespace) AS sequence,
  format_type(q.seqtypid, NULL) AS sequence_type,
  format('START WITH %s INCREMENT BY %s CACHE %s%s', q.seqstart, q.seqincrement, q.seqcache,
         CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END) AS sequence_options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = ? AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.refobjid = c.oid
  AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i') AND EXISTS (SELECT FROM pg_sequence WHERE seqrelid = o.objid)
LEFT JOIN pg_class s ON s.oid = o.objid
LEFT JOIN pg_sequence q ON q.seqrelid = s.oid
WHERE c.oid = ?
