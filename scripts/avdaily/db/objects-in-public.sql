-- Statements that drop what depends on the schema public directly; the rest goes with it.
-- Members of extensions go with their extensions. Of procedures with one name the modes of the arguments tell which.
SELECT format('DROP %s IF EXISTS %s CASCADE',
              CASE o.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(o.type) END,
              CASE o.type WHEN 'procedure'
                THEN (SELECT format('public.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid))
                      FROM pg_proc p WHERE p.oid = d.objid)
                ELSE o.identity END)
FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) o
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace('public') AND d.deptype = 'n'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
