-- Which columns has each table: type, the type beneath a domain, whether it is computed, the table to whose id its
-- foreign key leads, whether it may be null, what fills it by itself, whether its values can be compared. No
-- parameters.
SELECT n.nspname, t.relname, pg_table_is_visible(t.oid), a.attname, format_type(a.atttypid, a.atttypmod), base.name,
       a.attgenerated <> '',
       (SELECT k.confrelid FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) u(child, parent)
        WHERE k.conrelid = t.oid AND k.contype = 'f' AND u.child = a.attnum
          AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.confrelid AND x.indisprimary
                      AND x.indnkeyatts = 1 AND x.indkey[0] = u.parent)
        ORDER BY cardinality(k.conkey), k.oid LIMIT 1),
       a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attidentity = 'a',
       (SELECT y.typtype IN ('e', 'r', 'm') OR y.typtype = 'b' AND EXISTS (
          SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')
          WHERE o.opcdefault AND (o.opcintype = y.oid OR EXISTS (
            SELECT FROM pg_cast s WHERE s.castsource = y.oid AND s.casttarget = o.opcintype AND s.castmethod = 'b')))
        FROM pg_type y WHERE y.oid = coalesce(nullif(base.element, 0), base.type)),
       (SELECT s.oid::regclass::text FROM (
          SELECT d.objid AS oid FROM pg_depend d
          WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
            AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          UNION ALL
          SELECT d.refobjid FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
          WHERE f.adrelid = t.oid AND f.adnum = a.attnum AND d.refclassid = 'pg_class'::regclass
            AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) OFFSET 0) used
        CROSS JOIN LATERAL (SELECT c.oid FROM pg_class c WHERE c.oid = used.oid AND c.relkind = 'S') s LIMIT 1),
       EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal) OR t.relhasrules, t.oid
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
  LATERAL (WITH RECURSIVE d AS (SELECT a.atttypid AS type, a.atttypmod AS modifier
                                UNION ALL SELECT y.typbasetype, y.typtypmod FROM d JOIN pg_type y
                                    ON y.oid = d.type AND y.typtype = 'd')
           SELECT d.type, format_type(d.type, d.modifier) AS name,
                  CASE WHEN y.typcategory = 'A' THEN y.typelem END AS element
           FROM d JOIN pg_type y ON y.oid = d.type AND y.typtype <> 'd') base
WHERE t.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
ORDER BY n.nspname, t.relname, a.attnum
