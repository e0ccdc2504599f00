-- Every aggregate of the user, with the options of CREATE AGGREGATE.
SELECT p.tableoid AS catalog, p.oid, (pg_identify_object(p.tableoid, p.oid, 0)).identity, n.nspname AS schema,
  p.proowner,
  format('%I.%I(', n.nspname, p.proname)
    || CASE pg_get_function_arguments(p.oid) WHEN '' THEN '*' ELSE pg_get_function_arguments(p.oid) END
    || ')' AS signature,
  concat_ws(E',\n    ',
    'SFUNC = ' || a.aggtransfn::regproc,
    'STYPE = ' || format_type(a.aggtranstype, NULL),
    'SSPACE = ' || nullif(a.aggtransspace, 0),
    'FINALFUNC = ' || nullif(a.aggfinalfn, 0)::regproc,
    CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
    CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = '
      || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    'COMBINEFUNC = ' || nullif(a.aggcombinefn, 0)::regproc,
    'SERIALFUNC = ' || nullif(a.aggserialfn, 0)::regproc,
    'DESERIALFUNC = ' || nullif(a.aggdeserialfn, 0)::regproc,
    'INITCOND = ' || quote_literal(a.agginitval),
    'MSFUNC = ' || nullif(a.aggmtransfn, 0)::regproc,
    'MINVFUNC = ' || nullif(a.aggminvtransfn, 0)::regproc,
    'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
    'MSSPACE = ' || nullif(a.aggmtransspace, 0),
    'MFINALFUNC = ' || nullif(a.aggmfinalfn, 0)::regproc,
    CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
    CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = '
      || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    'MINITCOND = ' || quote_literal(a.aggminitval),
    (SELECT format('SORTOP = OPERATOR(%I.%s)', sn.nspname, o.oprname)
     FROM pg_operator o JOIN pg_namespace sn ON sn.oid = o.oprnamespace WHERE o.oid = a.aggsortop),
    'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
    CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END) AS options
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = p.tableoid AND e.objid = p.oid AND e.deptype = 'e')
