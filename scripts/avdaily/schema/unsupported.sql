-- Every object of the kinds that no reader knows, and every object that somebody put into the system's schemas.
-- A range's cast comes with the range, hence the filter on internal dependencies.
WITH kinds (catalog, oid) AS (
  SELECT tableoid, oid FROM pg_language
  UNION ALL SELECT tableoid, oid FROM pg_transform
  UNION ALL SELECT tableoid, oid FROM pg_cast
  UNION ALL SELECT tableoid, oid FROM pg_operator
  UNION ALL SELECT tableoid, oid FROM pg_opfamily
  UNION ALL SELECT tableoid, oid FROM pg_opclass
  UNION ALL SELECT tableoid, oid FROM pg_am
  UNION ALL SELECT tableoid, oid FROM pg_conversion
  UNION ALL SELECT tableoid, oid FROM pg_ts_parser
  UNION ALL SELECT tableoid, oid FROM pg_ts_template
  UNION ALL SELECT tableoid, oid FROM pg_foreign_data_wrapper
  UNION ALL SELECT tableoid, oid FROM pg_foreign_server
  UNION ALL SELECT tableoid, oid FROM pg_publication),
others (catalog, oid) AS (
  SELECT tableoid, oid FROM pg_type x
  WHERE typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type y WHERE y.typarray = x.oid) OR typtype = 'p'
  UNION ALL SELECT 'pg_type'::regclass, rngtypid FROM pg_range WHERE rngcanonical <> 0
  UNION ALL SELECT tableoid, oid FROM pg_proc
    WHERE pronamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_type
    WHERE typnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_class
    WHERE relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_collation
    WHERE collnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_ts_dict
    WHERE dictnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_ts_config
    WHERE cfgnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  UNION ALL SELECT tableoid, oid FROM pg_statistic_ext
    WHERE stxnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)),
made (catalog, oid) AS (
  SELECT * FROM kinds k
  WHERE oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = k.catalog AND i.objid = k.oid AND i.deptype = 'i')
  UNION ALL SELECT * FROM others WHERE oid >= 16384
  UNION ALL SELECT tableoid, oid FROM pg_class WHERE relkind = 'f')
SELECT DISTINCT a.catalog, a.oid, upper(i.type) || ' ' || i.identity, i.schema
FROM (
  SELECT * FROM made m
  WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = m.catalog AND e.objid = m.oid AND e.deptype = 'e')
    AND NOT EXISTS ( -- the row types of an extension's tables, and their arrays
      SELECT FROM pg_type t JOIN pg_type r ON r.oid IN (t.oid, t.typelem)
        JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = r.typrelid AND e.deptype = 'e'
      WHERE m.catalog = 'pg_type'::regclass AND t.oid = m.oid AND r.typrelid <> 0)
  UNION ALL SELECT 'pg_subscription'::regclass, oid FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) a,
  pg_identify_object(a.catalog, a.oid, 0) i
WHERE (i.schema IS NULL OR i.schema !~ '^pg_(temp|toast)')
  AND NOT EXISTS ( -- a cast goes with a temporary type
    SELECT FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE d.classid = a.catalog AND d.objid = a.oid AND d.refclassid = 'pg_type'::regclass AND n.nspname ~ '^pg_temp_')
ORDER BY 3
