-- Every text search configuration of the user, with the statements that map its tokens to dictionaries.
SELECT g.tableoid AS catalog, g.oid, (pg_identify_object(g.tableoid, g.oid, 0)).identity, n.nspname AS schema,
  g.cfgowner, format('%I.%I', pn.nspname, p.prsname) AS parser,
  (SELECT string_agg(line, '' ORDER BY maptokentype)
   FROM (
     SELECT m.maptokentype,
       format(E'\nALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s;', n.nspname, g.cfgname,
         (SELECT t.alias FROM ts_token_type(g.cfgparser) t WHERE t.tokid = m.maptokentype),
         string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY m.mapseqno)) AS line
     FROM pg_ts_config_map m JOIN pg_ts_dict d ON d.oid = m.mapdict JOIN pg_namespace dn ON dn.oid = d.dictnamespace
     WHERE m.mapcfg = g.oid GROUP BY m.maptokentype) maps) AS mappings
FROM pg_ts_config g JOIN pg_namespace n ON n.oid = g.cfgnamespace
  JOIN pg_ts_parser p ON p.oid = g.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), n.nspname)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = g.tableoid AND e.objid = g.oid AND e.deptype = 'e')
