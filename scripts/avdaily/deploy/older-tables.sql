-- The tables of which some part was there when the transaction of this number was the next one. What was changed since
-- has newer parts, but a column or type that nobody touched tells the table's age.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')
  AND n.nspname NOT IN ('avdaily_ops', 'information_schema') AND n.nspname !~ '^pg_'
  AND c.relname <> 'flyway_schema_history'
  AND (SELECT pg_catalog.max(pg_catalog.age(part.xid))
       FROM (SELECT c.xmin AS xid
             UNION ALL SELECT t.xmin FROM pg_catalog.pg_type t WHERE t.oid = c.reltype
             UNION ALL SELECT a.xmin FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid) part)
      > pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint - ?
ORDER BY 1
