-- Continues strangers.sql: what is found on connecting. Whether avdaily_ops has the table of the environment, the
-- owner of the database if a role of powers should not trust him, and what in avdaily_ops is not to be believed: what a
-- stranger made, what others may write to, and tables of another form, as another build may have left. The operation
-- log and the samples alone are written to by roles that only read.
, ops AS MATERIALIZED (SELECT oid, nspowner FROM pg_namespace WHERE nspname = 'avdaily_ops'),
relation AS MATERIALIZED (SELECT c.* FROM pg_class c JOIN ops ON ops.oid = c.relnamespace),
form (name, columns) AS (VALUES
  ('batch', '{version,history,relation,key,position,pass,size,batches,walked,changed,total,busy_ms,waiting,failure,'
    'begun_at,changed_at,finished_at}'::name[]),
  ('deployment', '{operation,who,started_at,plan,state,details}'),
  ('environment', '{only_row,name,recorded_by,recorded_at}'),
  ('kept_database', '{name,database,kept_at}'),
  ('migration_file', '{script,sha256,recorded_at}'),
  ('operation', '{id,command,environment,who,host,started_at,duration,outcome,details}'),
  ('project', '{only_row,name,recorded_by,recorded_at}'),
  ('quarantine', '{run,n,rule,action,table_name,key,old_row,new_row,at,undone_at}'),
  ('sample', '{source,at,numbers}'),
  ('schema_version', '{version,history,server,fingerprint,objects,recorded_at}'),
  ('seed_history', '{environment,table_name,content,state,rows,as_of,applied_at}'),
  ('undone', '{id,run,version,relation,row,undone_at}')),
offence (what) AS (
  SELECT format('the schema belongs to %I', s.rolname) FROM ops JOIN stranger s ON s.oid = ops.nspowner
  UNION ALL
  -- what we define makes it run
  SELECT format('the event trigger %I runs the function %s of %I', e.evtname, f.oid::regprocedure, s.rolname)
  FROM pg_event_trigger e JOIN pg_proc f ON f.oid = e.evtfoid JOIN stranger s ON s.oid = f.proowner
  WHERE e.evtenabled <> 'D'
  UNION ALL
  SELECT format('%I is a %s', relname, CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                                                    WHEN 'f' THEN 'foreign table' ELSE 'relation of another kind' END)
  FROM relation WHERE relkind NOT IN ('r', 'S', 'i', 't')
  UNION ALL
  SELECT format('%I has no column %I', relname, min(wanted))
  FROM relation r JOIN form ON form.name = relname, unnest(form.columns) wanted
  WHERE relkind = 'r' AND wanted NOT IN (SELECT attname FROM pg_attribute WHERE attrelid = r.oid AND NOT attisdropped)
  GROUP BY relname
  UNION ALL
  SELECT format('%I belongs to %I', relname, s.rolname) FROM relation r JOIN stranger s ON s.oid = r.relowner
  WHERE relkind IN ('r', 'S')
  UNION ALL
  SELECT format('%I %s', relname, d.what) FROM relation r JOIN danger d ON d.relation = r.oid
  UNION ALL
  SELECT format('%s may write to %I',
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, relname)
  FROM relation r CROSS JOIN LATERAL (
      SELECT grantee, privilege_type FROM aclexplode(r.relacl)
      UNION ALL
      SELECT x.grantee, x.privilege_type FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = r.oid) granted
  WHERE relkind = 'r' AND relname NOT IN ('operation', 'sample') AND grantee <> relowner
    AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
    AND NOT EXISTS (
      SELECT FROM pg_roles g, me
      WHERE g.oid = grantee AND (g.rolsuper OR pg_has_role(g.oid, me.oid, 'MEMBER')
        OR NOT me.is_powerful AND pg_has_role(me.oid, g.oid, 'MEMBER')
        OR g.rolname = ANY (string_to_array(coalesce(current_setting('avdaily.trusted_roles', true), ''), ',')))))
SELECT EXISTS (SELECT FROM relation WHERE relname = 'environment') AS keeps_environment,
  (SELECT s.rolname FROM me, here JOIN stranger s ON s.oid = here.datdba WHERE me.is_powerful) AS owner,
  ARRAY(SELECT DISTINCT what FROM offence ORDER BY what LIMIT 5) AS offences
