-- What the catalogs say of a database's schema, object by object, by names and not by numbers.
WITH system AS (
  SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname IN ('information_schema', 'avdaily_ops')),
c AS (SELECT * FROM pg_class WHERE relnamespace NOT IN (SELECT oid FROM system))
SELECT concat_ws('|', 'relation', oid::regclass, relkind, relpersistence, relowner::regrole, (SELECT amname
    FROM pg_am WHERE oid = relam), relreplident, relrowsecurity, relforcerowsecurity,
  relispartition, pg_get_expr(relpartbound, oid), relispopulated, nullif(reloftype, 0)::regtype, reloptions,
    (SELECT reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid),
  CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END,
    relacl) FROM c
UNION ALL SELECT concat_ws('|', 'column', attrelid::regclass, lpad(row_number() OVER (PARTITION BY attrelid
    ORDER BY attnum)::text, 3, '0'), attname, format_type(atttypid, atttypmod),
  attnotnull, attidentity, attgenerated, attislocal, attinhcount, attstorage, attcompression, nullif(attstattarget,
    -1), attcollation::regcollation, attoptions, attacl, pg_get_expr(adbin, adrelid))
  FROM pg_attribute a JOIN c ON c.oid = attrelid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT concat_ws('|', 'constraint', nullif(conrelid, 0)::regclass, nullif(contypid, 0)::regtype, conname,
    contype, condeferrable, condeferred, convalidated, conislocal, coninhcount, contype IN ('c', 'n')
    AND connoinherit,
  CASE WHEN contype <> 't' THEN pg_get_constraintdef(oid) END) FROM pg_constraint
    WHERE connamespace NOT IN (SELECT oid FROM system)
UNION ALL SELECT concat_ws('|', 'index', pg_get_indexdef(indexrelid), indisunique, indisprimary, indimmediate,
    indisclustered, indisreplident, indisvalid) FROM pg_index JOIN c ON c.oid = indrelid
UNION ALL SELECT concat_ws('|', 'inherits', inhrelid::regclass, inhparent::regclass, inhseqno) FROM pg_inherits
UNION ALL SELECT concat_ws('|', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax,
    seqmin, seqcache, seqcycle, pg_get_serial_sequence(refobjid::regclass::text, attname), refobjid::regclass)
  FROM pg_sequence LEFT JOIN pg_depend d ON classid = 'pg_class'::regclass AND objid = seqrelid AND deptype IN ('a',
    'i') LEFT JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
UNION ALL SELECT concat_ws('|', 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(g.oid))
    FROM pg_trigger g WHERE tgname !~ '^(RI|Unique)_ConstraintTrigger_'
UNION ALL SELECT concat_ws('|', 'rule', ev_class::regclass, rulename, ev_enabled, pg_get_ruledef(r.oid))
    FROM pg_rewrite r JOIN c ON c.oid = ev_class
UNION ALL SELECT concat_ws('|', 'policy', polrelid::regclass, polname, polcmd, polpermissive, polroles::regrole[],
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL SELECT concat_ws('|', 'statistics', pg_get_statisticsobjdef(oid), stxowner::regrole, nullif(stxstattarget,
    -1)) FROM pg_statistic_ext
UNION ALL SELECT concat_ws('|', 'function', oid::regprocedure, prokind, proowner::regrole, proacl,
    CASE WHEN prokind <> 'a' THEN pg_get_functiondef(oid) END, provolatile, proparallel) FROM pg_proc
  WHERE pronamespace NOT IN (SELECT oid FROM system) OR proname = 'pg_sleep'
UNION ALL SELECT concat_ws('|', 'aggregate', aggfnoid, aggkind, aggnumdirectargs, aggtransfn, aggfinalfn,
    aggcombinefn, aggserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn, aggfinalextra, aggmfinalextra,
  aggfinalmodify, aggmfinalmodify, aggsortop::regoperator, aggtranstype::regtype, aggtransspace,
    aggmtranstype::regtype, aggmtransspace, agginitval, aggminitval) FROM pg_aggregate WHERE aggfnoid::oid >= 16384
UNION ALL SELECT concat_ws('|', 'type', format_type(t.oid, NULL), typtype, typowner::regrole, typacl, typnotnull,
    typdefault, format_type(typbasetype, typtypmod), typcollation::regcollation,
  (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) FROM pg_type t
    WHERE typnamespace NOT IN (SELECT oid FROM system)
UNION ALL SELECT concat_ws('|', 'range', rngtypid::regtype, rngsubtype::regtype, rngmultitypid::regtype,
    rngcollation::regcollation, (SELECT opcname FROM pg_opclass WHERE oid = rngsubopc), rngcanonical, rngsubdiff)
    FROM pg_range
UNION ALL SELECT concat_ws('|', 'collation', l.oid::regcollation, collowner::regrole,
    to_jsonb(l) - '{oid,collnamespace,collowner}'::text[]) FROM pg_collation l WHERE collnamespace NOT IN (SELECT oid
    FROM system)
UNION ALL SELECT concat_ws('|', 'schema', nspname, nspowner::regrole, nspacl) FROM pg_namespace
    WHERE nspname !~ '^pg_(temp|toast)'
UNION ALL SELECT concat_ws('|', 'extension', extname, extnamespace::regnamespace, extversion) FROM pg_extension
UNION ALL SELECT concat_ws('|', 'language', lanname, lanacl) FROM pg_language
UNION ALL SELECT concat_ws('|', 'default privileges', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace,
    defaclobjtype, defaclacl) FROM pg_default_acl
UNION ALL SELECT concat_ws('|', 'event trigger', evtname, evtevent, evtowner::regrole, evtfoid::regproc, evtenabled,
    evttags) FROM pg_event_trigger
UNION ALL SELECT concat_ws('|', 'dictionary', oid::regdictionary, dictowner::regrole, dicttemplate, dictinitoption)
    FROM pg_ts_dict
UNION ALL SELECT concat_ws('|', 'configuration', mapcfg::regconfig, maptokentype, mapseqno, mapdict::regdictionary)
    FROM pg_ts_config_map
UNION ALL SELECT concat_ws('|', 'comment', i.type, i.identity, description) FROM pg_description d,
    pg_identify_object(classoid, objoid, objsubid) i WHERE objoid >= 16384 OR objoid = 'public'::regnamespace
UNION ALL SELECT concat_ws('|', 'extension dependency', i.identity, refobjid::regclass) FROM pg_depend d,
    pg_identify_object(classid, objid, objsubid) i WHERE deptype = 'x' AND refclassid <> 'pg_extension'::regclass
ORDER BY 1
