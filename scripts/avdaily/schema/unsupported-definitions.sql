-- What is told of the objects that no reader writes as DDL, so that a change of them shows. Without secrets, owners and
-- numbers of their own. %1$s: a publication's columns and condition for its table pr, as text or NULL.
-- %2$s: the schemas of publication p, as text or NULL. %3$s: whether option o of s is shown.
WITH options (catalog, oid, lines) AS ( -- a value that may be secret is as none
  SELECT s.tableoid, s.oid, (SELECT string_agg('OPTION ' || shown.o, E'\n' ORDER BY shown.o) FROM (
      SELECT concat_ws('=', o.option_name, CASE WHEN %3$s THEN nullif(o.option_value, '') END)
      FROM pg_options_to_table(s.options) o) shown (o))
  FROM (SELECT tableoid, oid, srvoptions FROM pg_foreign_server
        UNION ALL SELECT tableoid, oid, fdwoptions FROM pg_foreign_data_wrapper
        UNION ALL SELECT 'pg_class'::regclass, ftrelid, ftoptions FROM pg_foreign_table) s (tableoid, oid, options)),
told (catalog, oid, line) AS (
  SELECT p.tableoid, p.oid, (to_jsonb(p) - '{oid,pubowner,pubname}'::text[])::text FROM pg_publication p
  UNION ALL SELECT p.tableoid, p.oid, 'TABLE ' || pr.prrelid::regclass || coalesce(%1$s, '')
    FROM pg_publication p JOIN pg_publication_rel pr ON pr.prpubid = p.oid
  UNION ALL SELECT p.tableoid, p.oid, 'TABLES IN SCHEMA ' || n FROM pg_publication p, unnest(%2$s) n
  UNION ALL SELECT s.tableoid, s.oid, concat_ws(' ', 'WRAPPER', w.fdwname, 'TYPE', s.srvtype, 'VERSION', s.srvversion)
    FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  UNION ALL SELECT 'pg_foreign_server'::regclass, m.srvid,
      'USER MAPPING ' || m.usename || coalesce((SELECT ': ' || string_agg(
        CASE WHEN o ~* '^user=' THEN o ELSE split_part(o, '=', 1) END, ', ' ORDER BY o)
        FROM unnest(m.umoptions) o), '')
    FROM pg_user_mappings m
  UNION ALL SELECT tableoid, oid, concat_ws(' ', 'HANDLER', fdwhandler::regproc, 'VALIDATOR', fdwvalidator::regproc)
    FROM pg_foreign_data_wrapper
  UNION ALL SELECT c.tableoid, c.oid, 'SERVER ' || s.srvname
    FROM pg_class c JOIN pg_foreign_table t ON t.ftrelid = c.oid JOIN pg_foreign_server s ON s.oid = t.ftserver
  UNION ALL SELECT c.tableoid, c.oid, concat_ws(' ', 'COLUMN', quote_ident(a.attname),
      format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
      'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
      'OPTIONS ' || a.attfdwoptions::text)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE c.relkind = 'f'
  UNION ALL SELECT c.tableoid, c.oid, 'CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' WHERE c.relkind = 'f'
  UNION ALL SELECT c.tableoid, c.oid, concat_ws(' ', 'UNDER', i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
    FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relkind = 'f'
  UNION ALL SELECT tableoid, oid, concat_ws(' ', oprcode::regprocedure, oprresult::regtype,
      'COMMUTATOR', nullif(oprcom, 0)::regoperator, 'NEGATOR', nullif(oprnegate, 0)::regoperator,
      'RESTRICT', nullif(oprrest, 0)::regproc, 'JOIN', nullif(oprjoin, 0)::regproc,
      CASE WHEN oprcanmerge THEN 'MERGES' END, CASE WHEN oprcanhash THEN 'HASHES' END) FROM pg_operator
  UNION ALL SELECT c.tableoid, c.oid, concat_ws(' ', c.opcintype::regtype, 'STORAGE', nullif(c.opckeytype, 0)::regtype,
      CASE WHEN c.opcdefault THEN 'DEFAULT' END, 'FAMILY', f.opfname)
    FROM pg_opclass c JOIN pg_opfamily f ON f.oid = c.opcfamily
  UNION ALL SELECT 'pg_opfamily'::regclass, amopfamily, concat_ws(' ', 'OPERATOR', amopstrategy,
      amopopr::regoperator, amoppurpose) FROM pg_amop
  UNION ALL SELECT 'pg_opfamily'::regclass, amprocfamily, concat_ws(' ', 'FUNCTION', amprocnum, amproc::regprocedure,
      amproclefttype::regtype, amprocrighttype::regtype) FROM pg_amproc
  UNION ALL SELECT tableoid, oid, concat_ws(' ', castcontext, castmethod, nullif(castfunc, 0)::regprocedure)
    FROM pg_cast
  UNION ALL SELECT tableoid, oid, concat_ws(' ', pg_encoding_to_char(conforencoding),
      pg_encoding_to_char(contoencoding), conproc::regproc, CASE WHEN condefault THEN 'DEFAULT' END) FROM pg_conversion
  UNION ALL SELECT tableoid, oid, concat_ws(' ', CASE WHEN lanpltrusted THEN 'TRUSTED' END, lanplcallfoid::regproc,
      laninline::regproc, lanvalidator::regproc) FROM pg_language WHERE lanispl
  UNION ALL SELECT tableoid, oid, concat_ws(' ', trffromsql::regproc, trftosql::regproc) FROM pg_transform
  UNION ALL SELECT tableoid, oid, concat_ws(' ', amtype, amhandler::regproc) FROM pg_am
  UNION ALL SELECT tableoid, oid, concat_ws(' ', prsstart, prstoken, prsend, prsheadline, prslextype) FROM pg_ts_parser
  UNION ALL SELECT tableoid, oid, concat_ws(' ', tmplinit, tmpllexize) FROM pg_ts_template
  -- only a superuser may read its tableoid
  UNION ALL SELECT 'pg_subscription'::regclass, oid,
      concat_ws(' ', CASE WHEN subenabled THEN 'ENABLED' END, subslotname, subpublications)
    FROM pg_subscription
  UNION ALL SELECT tableoid, oid, (to_jsonb(t) - '{oid,typname,typnamespace,typowner,typacl,typarray,typrelid}'::text[])
      ::text FROM pg_type t WHERE typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type y WHERE y.typarray = t.oid))
SELECT catalog, oid, string_agg(line, E'\n' ORDER BY line)
FROM (SELECT catalog, oid, line FROM told UNION ALL SELECT catalog, oid, lines FROM options WHERE lines IS NOT NULL) x
WHERE oid >= 16384 GROUP BY catalog, oid
