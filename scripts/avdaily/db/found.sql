-- Continues strangers.sql: what is found on connecting. Whether avdaily_ops has the table of the environment, the
-- owner of the database if a role of powers should not trust him, and what in avdaily_ops is not to be believed.
, ops AS MATERIALIZED (SELECT oid, nspowner FROM pg_namespace WHERE nspname = 'avdaily_ops'),
relation AS MATERIALIZED (SELECT c.* FROM pg_class c JOIN ops ON ops.oid = c.relnamespace),
part (classid, objid, relname) AS MATERIALIZED (
  SELECT 'pg_class'::regclass, oid, relname FROM relation
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, relname FROM pg_attrdef d JOIN relation r ON r.oid = d.adrelid
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid, relname FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, relname FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid
  UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, relname FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
  UNION ALL SELECT 'pg_policy'::regclass, p.oid, relname FROM pg_policy p JOIN relation r ON r.oid = p.polrelid),
uses AS MATERIALIZED (
  SELECT p.relname, d.refclassid, d.refobjid
  FROM part p JOIN pg_depend d ON d.classid = p.classid AND d.objid = p.objid
  WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass)),
offence (what) AS (
  SELECT format('the schema belongs to %I', s.rolname) FROM ops JOIN stranger s ON s.oid = ops.nspowner
  UNION ALL
  SELECT format('%I is a %s', relname, CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                                                    WHEN 'f' THEN 'foreign table' ELSE 'relation of another kind' END)
  FROM relation WHERE relkind NOT IN ('r', 'S', 'i', 't')
  UNION ALL
  SELECT format('%I belongs to %I', relname, s.rolname) FROM relation r JOIN stranger s ON s.oid = r.relowner
  WHERE relkind IN ('r', 'S')
  UNION ALL
  SELECT format('%I runs the function %s of %I', relname, f.oid::regprocedure, s.rolname)
  FROM uses JOIN pg_proc f ON f.oid = refobjid JOIN stranger s ON s.oid = f.proowner
  WHERE refclassid = 'pg_proc'::regclass
  UNION ALL
  SELECT format('%I uses the type %s of %I', relname, t.oid::regtype, s.rolname)
  FROM uses JOIN pg_type t ON t.oid = refobjid JOIN stranger s ON s.oid = t.typowner
  WHERE refclassid = 'pg_type'::regclass AND t.typnamespace NOT IN (SELECT oid FROM ops)
  UNION ALL
  SELECT format('%I uses the operator %s of %I', relname, o.oid::regoperator, s.rolname)
  FROM uses JOIN pg_operator o ON o.oid = refobjid JOIN stranger s ON s.oid = o.oprowner
  WHERE refclassid = 'pg_operator'::regclass)
SELECT EXISTS (SELECT FROM relation WHERE relname = 'environment') AS keeps_environment,
  (SELECT s.rolname FROM me, here JOIN stranger s ON s.oid = here.datdba WHERE me.is_powerful) AS owner,
  ARRAY(SELECT DISTINCT what FROM offence ORDER BY what LIMIT 5) AS offences
