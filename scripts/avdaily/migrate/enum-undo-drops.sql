-- Which statements drop all that keeps columns of some enums from changing their type, or compares with their values?
-- These are views, rules, policies, triggers, functions, foreign keys, checks and indexes, then what depends on those,
-- which comes first. A row may be null: what cannot be dropped by itself.
-- Parameters: the names of the enums, of columns with their table, whatever type they have, and of views that go with
-- all that depends on them, all text[]; where other objects stand in the catalogs that go likewise, oid[] and oid[].
WITH RECURSIVE enums AS (
    SELECT e.oid AS enum, k.oid
    FROM pg_type e
    LEFT JOIN pg_range r ON r.rngtypid = e.oid
    LEFT JOIN pg_type m ON m.oid = r.rngmultitypid
    CROSS JOIN unnest(ARRAY[e.oid, e.typarray, m.oid, m.typarray]) k (oid)
    WHERE e.oid = ANY (?::text[]::regtype[]) AND k.oid IS NOT NULL
), columns AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attinhcount, a.attgenerated, r.relkind, r.relispartition
    FROM pg_attribute a
    JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f', 'c')
    WHERE (a.atttypid IN (SELECT oid FROM enums) OR format('%s.%I', r.oid::regclass, a.attname) = ANY (?::text[]))
      AND a.attnum > 0 AND NOT a.attisdropped
), dependent AS (
    -- a view depends on things through its rule, a class of operators through its members
    SELECT d.refclassid, d.refobjid, d.refobjsubid, d.objsubid,
           CASE WHEN v.oid IS NULL THEN coalesce(m.refclassid, d.classid) ELSE 'pg_class'::regclass END AS classid,
           coalesce(v.oid, m.refobjid, d.objid) AS objid
    FROM pg_depend d
    LEFT JOIN (pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm'))
        ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    LEFT JOIN pg_depend m
        ON d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND m.classid = d.classid AND m.objid = d.objid
        AND m.refclassid = 'pg_opclass'::regclass
    WHERE (d.deptype = 'n' OR d.classid = 'pg_opclass'::regclass AND d.refclassid = 'pg_opfamily'::regclass
           OR d.classid = 'pg_trigger'::regclass AND d.refobjid IN (SELECT ftrelid FROM pg_foreign_table))
      AND NOT EXISTS ( -- the functions of a range itself
        SELECT FROM pg_depend i
        WHERE d.classid = 'pg_proc'::regclass AND i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i')
), hanging AS (
    SELECT classid, objid, 1 AS depth
    FROM dependent
    WHERE refclassid = 'pg_type'::regclass AND refobjid IN (SELECT oid FROM enums) AND objsubid = 0
       OR refclassid = 'pg_class'::regclass AND (refobjid, refobjsubid) IN (SELECT attrelid, attnum FROM columns)
          AND (classid <> 'pg_constraint'::regclass OR objid IN (SELECT oid FROM pg_constraint WHERE contype = 'f'))
       OR refclassid = 'pg_class'::regclass AND refobjsubid > 0
          AND refobjid IN (SELECT typrelid FROM pg_type WHERE oid IN (SELECT enum FROM enums) AND typrelid <> 0)
    UNION
    SELECT 'pg_class'::regclass, to_regclass(name), 1 FROM unnest(?::text[]) name WHERE to_regclass(name) IS NOT NULL
    UNION
    SELECT catalog, oid, 1 FROM unnest(?::oid[], ?::oid[]) x (catalog, oid)
    UNION
    SELECT d.classid, d.objid, depth + 1
    FROM hanging h
    JOIN dependent d
        ON d.refclassid = h.classid AND d.refobjid = h.objid
        OR d.refclassid = 'pg_type'::regclass AND h.classid = 'pg_class'::regclass
           AND d.refobjid = (SELECT reltype FROM pg_class WHERE oid = h.objid)
    WHERE (d.classid, d.objid) <> (h.classid, h.objid) AND depth < 30
), deepest AS (
    SELECT classid, objid, max(depth) AS depth FROM hanging GROUP BY classid, objid
)
SELECT coalesce(
    (SELECT CASE
            WHEN c.relkind = 'v' THEN format('DROP VIEW %s;', c.oid::regclass)
            WHEN c.relkind = 'm' THEN format('DROP MATERIALIZED VIEW %s;', c.oid::regclass)
            WHEN c.relispartition OR c.relkind NOT IN ('i', 'I') THEN NULL
            ELSE coalesce(
                (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
                 FROM pg_constraint k
                 WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')),
                format('DROP INDEX %s;', c.oid::regclass))
            END
     FROM pg_class c
     WHERE h.classid = 'pg_class'::regclass AND c.oid = h.objid),
    (SELECT format('DROP %s %s;',
                   CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END,
                   p.oid::regprocedure)
     FROM pg_proc p
     WHERE h.classid = 'pg_proc'::regclass AND p.oid = h.objid),
    (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
     FROM pg_constraint k
     WHERE h.classid = 'pg_constraint'::regclass AND k.oid = h.objid AND k.conrelid <> 0 AND k.coninhcount = 0),
    (SELECT format('DROP POLICY %I ON %s;', p.polname, p.polrelid::regclass)
     FROM pg_policy p
     WHERE h.classid = 'pg_policy'::regclass AND p.oid = h.objid),
    (SELECT format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass)
     FROM pg_trigger t
     WHERE h.classid = 'pg_trigger'::regclass AND t.oid = h.objid AND t.tgparentid = 0),
    (SELECT format('DROP RULE %I ON %s;', w.rulename, w.ev_class::regclass)
     FROM pg_rewrite w
     WHERE h.classid = 'pg_rewrite'::regclass AND w.oid = h.objid),
    (SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT;', a.attrelid::regclass, a.attname)
     FROM pg_attrdef d
     JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
     WHERE h.classid = 'pg_attrdef'::regclass AND d.oid = h.objid AND a.attgenerated = ''),
    (SELECT format('ALTER DOMAIN %s DROP CONSTRAINT %I;', k.contypid::regtype, k.conname)
     FROM pg_constraint k
     WHERE h.classid = 'pg_constraint'::regclass AND k.oid = h.objid AND k.contypid <> 0),
    (SELECT format('ALTER TABLE %s DROP COLUMN %I;', a.attrelid::regclass, a.attname)
     FROM pg_attrdef d
     JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attinhcount = 0
     WHERE h.classid = 'pg_attrdef'::regclass AND d.oid = h.objid AND a.attgenerated <> ''
       AND EXISTS (SELECT FROM pg_depend o
                   WHERE o.classid = h.classid AND o.objid = h.objid AND o.refclassid = 'pg_operator'::regclass)),
    (SELECT format('ALTER OPERATOR FAMILY %s.%I USING %I DROP %s (%s, %s);', f.opfnamespace::regnamespace, f.opfname,
                   a.amname, m.what, m.l::regtype, m.r::regtype)
     FROM (SELECT tableoid, oid, amopfamily, 'OPERATOR ' || amopstrategy, amoplefttype, amoprighttype FROM pg_amop
           UNION ALL
           SELECT tableoid, oid, amprocfamily, 'FUNCTION ' || amprocnum, amproclefttype, amprocrighttype
           FROM pg_amproc) m (catalog, oid, family, what, l, r)
     JOIN pg_opfamily f ON f.oid = m.family
     JOIN pg_am a ON a.oid = f.opfmethod
     WHERE m.catalog = h.classid AND m.oid = h.objid),
    (SELECT format('DROP %s %s;', translate(upper(i.type), '-', ' '),
                   CASE i.type WHEN 'transform' THEN replace(i.identity, ' on language ', ' LANGUAGE ')
                   WHEN 'user mapping' THEN format('FOR %s SERVER %I', u.name, u.srvname)
                   ELSE i.identity END)
     FROM pg_identify_object(h.classid, h.objid, 0) i
     LEFT JOIN (SELECT *, CASE umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(usename) END AS name
                FROM pg_user_mappings) u
         ON i.type = 'user mapping' AND u.umid = h.objid
     WHERE i.type = ANY ('{operator,operator class,operator family,cast,conversion,language,transform,access method,
                          text search parser,text search template,foreign-data wrapper,server,user mapping,
                          foreign table}')
       AND NOT EXISTS (
         SELECT FROM pg_depend n
         WHERE n.classid = h.classid AND n.objid = h.objid AND n.deptype IN ('i', 'e')))) AS statement
FROM deepest h
ORDER BY depth DESC, classid <> 'pg_class'::regclass, statement
