-- Of each column: the topmost table above its own if that is a partition, what kind of type is beneath its domains and
-- arrays, where that type is from, whether rows find their partition by the column, whether bounds tell of its values,
-- or lead others nowhere, and the tables that it inherits from, all of them with their schemas. No parameters.
SELECT n.nspname, t.relname, rn.nspname AS root_schema, r.relname AS root_name, a.attname,
  CASE WHEN e.oid IS NULL THEN b.typtype ELSE e.typtype END AS kind,
  coalesce(e.typname, b.typname) AS type_name,
  e.oid IS NOT NULL AS is_array,
  coalesce(e.typnamespace, b.typnamespace) = 'pg_catalog'::regnamespace AS is_built_in,
  EXISTS (SELECT FROM pg_partition_ancestors(t.oid) up JOIN pg_partitioned_table pt ON pt.partrelid = up.relid
          WHERE pt.partexprs IS NOT NULL OR EXISTS (
            SELECT FROM pg_attribute k WHERE k.attrelid = pt.partrelid AND k.attname = a.attname
              AND k.attnum = ANY (pt.partattrs::int2[]))) AS is_partition_key,
  EXISTS (SELECT FROM pg_partition_ancestors(t.oid) up JOIN pg_partitioned_table pt ON pt.partrelid = up.relid
          JOIN pg_attribute k ON k.attrelid = pt.partrelid AND k.attname = a.attname
          WHERE k.attnum = ANY (pt.partattrs::int2[])
             AND (pt.partstrat = 'l' OR pt.partstrat = 'r' AND pt.partdefid = 0))
    AS is_bound,
  ARRAY(WITH RECURSIVE up AS (
          SELECT inhparent FROM pg_inherits WHERE inhrelid = t.oid
          UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.inhparent)
        SELECT pn.nspname || '.' || p.relname
        FROM up JOIN pg_class p ON p.oid = up.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace) AS parents
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_class r ON r.oid = coalesce(pg_partition_root(t.oid), t.oid)
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
  LATERAL (WITH RECURSIVE d AS (SELECT a.atttypid AS type
                                UNION ALL SELECT y.typbasetype FROM d JOIN pg_type y
                                    ON y.oid = d.type AND y.typtype = 'd')
           SELECT d.type FROM d JOIN pg_type y ON y.oid = d.type AND y.typtype <> 'd') base
  JOIN pg_type b ON b.oid = base.type
  LEFT JOIN pg_type e ON b.typcategory = 'A' AND e.oid = b.typelem
WHERE t.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
