-- Continues strangers.sql: "danger" says why a query or a change of a relation could run a stranger's code. What
-- belongs to a stranger is one to a role of powers: he can put code there at any time. To others, what is there
-- already counts. Code is also what others made of a stranger's: "code" follows who uses whom, through all that is no
-- table.
, support (classid, oid, family) AS (
  SELECT 'pg_amproc'::regclass, oid, amprocfamily FROM pg_amproc WHERE oid >= 16384
  UNION ALL SELECT 'pg_amop'::regclass, oid, amopfamily FROM pg_amop WHERE oid >= 16384),
code (classid, objid, what) AS (
  (SELECT 'pg_proc'::regclass, f.oid, format('runs the function %s of %I', f.oid::regprocedure, s.rolname)
   FROM pg_proc f JOIN stranger s ON s.oid = f.proowner
   UNION ALL
   SELECT 'pg_operator'::regclass, o.oid, format('uses the operator %s of %I', o.oid::regoperator, s.rolname)
   FROM pg_operator o JOIN stranger s ON s.oid = o.oprowner
   UNION ALL
   SELECT 'pg_type'::regclass, t.oid, format('uses the type %s of %I', t.oid::regtype, s.rolname)
   FROM pg_type t JOIN stranger s ON s.oid = t.typowner, me
   WHERE me.is_powerful OR t.typtype IN ('d', 'r')
     OR EXISTS (SELECT FROM pg_cast c WHERE t.oid IN (c.castsource, c.casttarget))
   UNION ALL
   SELECT 'pg_class'::regclass, c.oid, format('reads %s of %I', c.oid::regclass, s.rolname)
   FROM pg_class c JOIN stranger s ON s.oid = c.relowner, me
   WHERE c.relkind = 'v' OR me.is_powerful AND c.relkind IN ('r', 'p', 'm', 'f'))
  UNION
  SELECT user_of_it.classid, user_of_it.objid, code.what
  FROM code JOIN pg_depend d ON d.refclassid = code.classid AND d.refobjid = code.objid
    CROSS JOIN LATERAL (
      SELECT d.classid, f.oid FROM pg_proc f
      WHERE d.classid = 'pg_proc'::regclass AND f.oid = d.objid AND f.proowner NOT IN (SELECT oid FROM stranger)
      UNION ALL
      SELECT d.classid, o.oid FROM pg_operator o
      WHERE d.classid = 'pg_operator'::regclass AND o.oid = d.objid AND o.oprowner NOT IN (SELECT oid FROM stranger)
      UNION ALL
      SELECT d.classid, t.oid FROM pg_type t
      WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typowner NOT IN (SELECT oid FROM stranger)
        AND code.classid <> 'pg_class'::regclass
      UNION ALL
      SELECT 'pg_type'::regclass, k.contypid FROM pg_constraint k
      WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contypid <> 0
      UNION ALL
      SELECT 'pg_type'::regclass, c.reltype FROM pg_class c
      WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'c'
      UNION ALL
      SELECT 'pg_type'::regclass, used FROM pg_cast c, unnest(ARRAY[c.castsource, c.casttarget]) used
      WHERE d.classid = 'pg_cast'::regclass AND c.oid = d.objid AND used >= 16384
      UNION ALL
      SELECT 'pg_opclass'::regclass, o.oid FROM support JOIN pg_opclass o ON o.opcfamily = support.family
      WHERE d.classid = support.classid AND support.oid = d.objid
      UNION ALL
      SELECT 'pg_type'::regclass, o.opcintype FROM support JOIN pg_opclass o ON o.opcfamily = support.family
      WHERE d.classid = support.classid AND support.oid = d.objid AND o.opcdefault AND o.opcintype >= 16384
      UNION ALL
      SELECT 'pg_class'::regclass, c.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
      WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND c.relkind = 'v'
        AND c.relowner NOT IN (SELECT oid FROM stranger)) user_of_it (classid, objid)),
child (relation, what) AS (
  SELECT i.inhparent, format('has the child %s of %I', c.oid::regclass, s.rolname)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN stranger s ON s.oid = c.relowner
  UNION
  SELECT i.inhparent, child.what FROM child JOIN pg_inherits i ON i.inhrelid = child.relation),
danger (relation, what) AS MATERIALIZED (
  SELECT c.oid, format('belongs to %I', s.rolname)
  FROM pg_class c JOIN stranger s ON s.oid = c.relowner, me
  WHERE me.is_powerful AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT CASE d.classid
      WHEN 'pg_class'::regclass
        THEN coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = d.objid), d.objid)
      WHEN 'pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_attrdef WHERE oid = d.objid)
      WHEN 'pg_constraint'::regclass THEN (SELECT conrelid FROM pg_constraint WHERE oid = d.objid)
      WHEN 'pg_trigger'::regclass THEN (SELECT tgrelid FROM pg_trigger WHERE oid = d.objid)
      WHEN 'pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_rewrite WHERE oid = d.objid)
      WHEN 'pg_policy'::regclass THEN (SELECT polrelid FROM pg_policy WHERE oid = d.objid)
      WHEN 'pg_statistic_ext'::regclass THEN (SELECT stxrelid FROM pg_statistic_ext WHERE oid = d.objid)
    END, code.what
  FROM code JOIN pg_depend d ON d.refclassid = code.classid AND d.refobjid = code.objid
  WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass)
    OR code.classid <> 'pg_class'::regclass AND d.classid IN (
      'pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass,
      'pg_statistic_ext'::regclass)
  UNION ALL
  -- a condition may call the server's functions that run a text, and no dependency shows that
  SELECT t.tgrelid, format('has the trigger %I, which %I may have made', t.tgname, s.rolname)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid CROSS JOIN LATERAL aclexplode(c.relacl) granted
    JOIN stranger s ON granted.grantee IN (0, s.oid)
  WHERE t.tgqual IS NOT NULL AND granted.privilege_type = 'TRIGGER'
  UNION ALL
  SELECT t.tgrelid, format('has the trigger %I, whose condition calls %s', t.tgname, f.oid::regprocedure)
  FROM pg_trigger t JOIN pg_proc f ON t.tgqual::text LIKE format('%%:funcid %s :%%', f.oid)
  WHERE t.tgqual IS NOT NULL AND f.pronamespace = 'pg_catalog'::regnamespace
    AND f.proname ~ '_to_xml(schema|_and_xmlschema)?$|^ts_(stat|rewrite)$'
  UNION ALL
  SELECT relation, what FROM child)
