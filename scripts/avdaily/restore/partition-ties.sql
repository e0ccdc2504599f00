-- How partitions whose parents are not asked for are untied from them, and tied again: the tables' numbers. A tie
-- brings copies of the parent's triggers, with the parent's states.
WITH asked AS (SELECT unnest(?::bigint[])::oid AS relid)
SELECT format('ALTER TABLE %s DETACH PARTITION %s', i.inhparent::regclass, c.oid::regclass) AS untie,
  format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s;', i.inhparent::regclass, c.oid::regclass,
    pg_get_expr(c.relpartbound, c.oid)) || coalesce(state.statements, '') AS tie,
  c.oid::regclass::text AS partition
FROM asked JOIN pg_class c ON c.oid = asked.relid AND c.relispartition
  JOIN pg_inherits i ON i.inhrelid = c.oid
  CROSS JOIN LATERAL (
    SELECT string_agg(format(E'\nALTER TABLE %s %s TRIGGER %I;', g.tgrelid::regclass,
        CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
          ELSE 'ENABLE' END, g.tgname), '' ORDER BY below.level, g.tgname) AS statements
    FROM pg_partition_tree(c.oid) below JOIN asked a ON a.relid = below.relid
      JOIN pg_trigger g ON g.tgrelid = below.relid AND g.tgparentid <> 0
      JOIN pg_trigger above ON above.oid = g.tgparentid
      LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint
    WHERE k.contype IS DISTINCT FROM 'f' AND (g.tgenabled <> 'O' OR above.tgenabled <> 'O')) state
WHERE i.inhparent NOT IN (SELECT relid FROM asked)
