-- Every function and procedure of the user but a range's constructors, which come with the range.
-- The head of a definition is quoted if psql would take the name for the begin of a block.
WITH routine AS (
  SELECT p.*, n.nspname,
    p.prokind = 'p' AND EXISTS (SELECT FROM pg_proc o
      WHERE o.pronamespace = p.pronamespace AND o.proname = p.proname AND o.oid <> p.oid) AS is_ambiguous,
    pg_get_functiondef(p.oid) AS text,
    format('CREATE OR REPLACE %s %I.%I(', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname,
      p.proname) AS head,
    format('CREATE OR REPLACE %s "%s"."%s"(', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
      replace(n.nspname, '"', '""'), replace(p.proname, '"', '""')) AS quoted_head
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.prokind <> 'a' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname))
SELECT 'pg_proc'::regclass::oid AS catalog, r.oid, r.nspname AS schema, r.proowner, r.is_ambiguous,
  CASE r.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind,
  CASE WHEN r.is_ambiguous
    THEN format('%I.%I(', r.nspname, r.proname) || pg_get_function_identity_arguments(r.oid) || ')'
    ELSE (pg_identify_object('pg_proc'::regclass, r.oid, 0)).identity END AS identity,
  CASE WHEN 'begin' IN (lower(r.nspname), lower(r.proname)) AND starts_with(r.text, r.head)
    THEN r.quoted_head || substr(r.text, length(r.head) + 1) ELSE r.text END AS definition
FROM routine r
WHERE NOT EXISTS (SELECT FROM pg_depend d
  WHERE d.classid = 'pg_proc'::regclass AND d.objid = r.oid AND d.deptype IN ('e', 'i'))
