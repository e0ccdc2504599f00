-- Drops from the regression suite's database what the schema reader refuses by name. The file can only get shorter.
SET client_min_messages = error;

DROP ACCESS METHOD heap2 CASCADE;
DROP FOREIGN DATA WRAPPER useless CASCADE;

-- Many functions depend on the transform; only those that name it have to do with it.
SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) FROM pg_proc WHERE protrftypes IS NOT NULL \gexec
DELETE FROM pg_depend WHERE 'pg_transform'::regclass IN (classid, refclassid);
DELETE FROM pg_transform;

SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication \gexec
SELECT format('DROP CAST (%s AS %s) CASCADE', castsource::regtype, casttarget::regtype)
FROM pg_cast WHERE oid >= 16384 \gexec
SELECT format('DROP OPERATOR FAMILY %I.%I USING %I CASCADE', n.nspname, f.opfname, m.amname)
FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod JOIN pg_namespace n ON n.oid = f.opfnamespace
WHERE f.oid >= 16384 \gexec
SELECT format('DROP OPERATOR %s CASCADE', o.oid::regoperator) FROM pg_operator o WHERE o.oid >= 16384 \gexec
SELECT format('DROP TYPE %s CASCADE', t.oid::regtype)
FROM pg_type t
WHERE t.oid >= 16384 AND (NOT t.typisdefined
  OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)) \gexec
