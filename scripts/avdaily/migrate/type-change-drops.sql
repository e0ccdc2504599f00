-- What reads or names a column and has to go before another one takes its name, those first on which nothing hangs:
-- views, rules, policies, triggers, foreign keys, checks and statistics. What has no statement is in the way.
-- Indexes, keys, NOT NULL, the column's own default and its sequence are not among them. The parameters are the table
-- and the column's number.
WITH RECURSIVE target AS (
    SELECT ?::oid AS relation, ?::int4 AS number
), keys AS (
    SELECT k.oid FROM pg_constraint k
    JOIN target t ON k.conrelid = t.relation AND t.number = ANY (k.conkey::int4[])
    WHERE k.contype IN ('p', 'u')
), dependent AS (
    -- a view depends on things through its rule
    SELECT d.refclassid, d.refobjid, d.refobjsubid, d.deptype,
           CASE WHEN v.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS classid,
           coalesce(v.oid, d.objid) AS objid, CASE WHEN v.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid
    FROM pg_depend d
    LEFT JOIN (pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm'))
        ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    WHERE d.deptype IN ('n', 'a')
), hanging AS (
    SELECT d.classid, d.objid, d.objsubid, 1 AS depth
    FROM dependent d
    JOIN target t ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.relation AND d.refobjsubid = t.number
    WHERE (d.classid, d.objid) NOT IN (
        SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relkind IN ('i', 'I', 'S')
        UNION ALL
        SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype IN ('p', 'u', 'x', 'n')
        UNION ALL
        SELECT 'pg_attrdef'::regclass, f.oid FROM pg_attrdef f WHERE f.adrelid = t.relation AND f.adnum = t.number)
    UNION
    SELECT d.classid, d.objid, d.objsubid, 1 FROM dependent d
    WHERE d.refclassid = 'pg_constraint'::regclass AND d.refobjid IN (SELECT oid FROM keys) AND d.deptype = 'n'
    UNION
    SELECT d.classid, d.objid, d.objsubid, h.depth + 1
    FROM hanging h
    JOIN dependent d
        ON d.refclassid = h.classid AND d.refobjid = h.objid
        OR d.refclassid = 'pg_type'::regclass AND h.classid = 'pg_class'::regclass
           AND d.refobjid = (SELECT reltype FROM pg_class WHERE oid = h.objid)
    WHERE d.deptype = 'n' AND h.objsubid = 0 AND (d.classid, d.objid) <> (h.classid, h.objid) AND h.depth < 30
), deepest AS (
    SELECT classid, objid, objsubid, max(depth) AS depth FROM hanging GROUP BY classid, objid, objsubid
)
SELECT (SELECT concat_ws(' ', o.type, o.identity) FROM pg_identify_object(h.classid, h.objid, h.objsubid) o) AS what,
  coalesce(
    (SELECT format('DROP VIEW %s;', c.oid::regclass) FROM pg_class c
     WHERE h.classid = 'pg_class'::regclass AND c.oid = h.objid AND c.relkind = 'v'),
    (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname) FROM pg_constraint k
     WHERE h.classid = 'pg_constraint'::regclass AND k.oid = h.objid AND k.contype IN ('c', 'f') AND k.conrelid <> 0
       AND k.coninhcount = 0 AND k.conparentid = 0),
    (SELECT format('DROP POLICY %I ON %s;', p.polname, p.polrelid::regclass) FROM pg_policy p
     WHERE h.classid = 'pg_policy'::regclass AND p.oid = h.objid),
    (SELECT format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass) FROM pg_trigger t
     WHERE h.classid = 'pg_trigger'::regclass AND t.oid = h.objid AND t.tgparentid = 0 AND t.tgconstraint = 0),
    (SELECT format('DROP STATISTICS %I.%I;', n.nspname, s.stxname)
     FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
     WHERE h.classid = 'pg_statistic_ext'::regclass AND s.oid = h.objid),
    (SELECT format('DROP RULE %I ON %s;', w.rulename, w.ev_class::regclass) FROM pg_rewrite w
     WHERE h.classid = 'pg_rewrite'::regclass AND w.oid = h.objid)) AS statement,
  k.conrelid::regclass::text AS relation, quote_ident(k.conname) AS "constraint",
  pg_get_constraintdef(k.oid) AS definition,
  k.convalidated AND (k.contype = 'c' OR t.relkind = 'r' AND r.relkind = 'r') AS may_be_invalid
FROM deepest h
LEFT JOIN pg_constraint k ON h.classid = 'pg_constraint'::regclass AND k.oid = h.objid
LEFT JOIN pg_class t ON t.oid = k.conrelid
LEFT JOIN pg_class r ON r.oid = k.confrelid
-- whoever reads a view locks it before its table: in the other order we would wait for each other
ORDER BY h.depth DESC, h.classid <> 'pg_class'::regclass, statement
