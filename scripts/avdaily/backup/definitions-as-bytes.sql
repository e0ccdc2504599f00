-- What each definition is of, in ASCII, and its text as the bytes that it is.
SELECT DISTINCT encode(convert_to(name, 'SQL_ASCII'), 'escape'), convert_to(definition, 'SQL_ASCII')
FROM (
  SELECT 'the comment on ' || i.type || ' ' || i.identity, d.description
  FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
  WHERE d.objoid >= 16384
  UNION ALL
  SELECT 'the name of ' || i.type || ' ' || i.identity, c.relname
  FROM pg_class c, pg_identify_object('pg_class'::regclass, c.oid, 0) i
  WHERE c.oid >= 16384
  UNION ALL
  SELECT 'the name of ' || i.type || ' ' || i.identity, a.attname
  FROM pg_attribute a, pg_identify_object('pg_class'::regclass, a.attrelid, a.attnum) i
  WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'the name of ' || i.type || ' ' || i.identity, n.nspname
  FROM pg_namespace n, pg_identify_object('pg_namespace'::regclass, n.oid, 0) i
  WHERE n.oid >= 16384
  UNION ALL
  SELECT i.type || ' ' || i.identity, p.prosrc
  FROM pg_proc p, pg_identify_object('pg_proc'::regclass, p.oid, 0) i
  WHERE p.oid >= 16384
  UNION ALL
  SELECT 'the default of ' || i.identity, pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attrdef d, pg_identify_object('pg_class'::regclass, d.adrelid, d.adnum) i
  UNION ALL
  SELECT i.type || ' ' || i.identity, pg_get_constraintdef(k.oid)
  FROM pg_constraint k, pg_identify_object('pg_constraint'::regclass, k.oid, 0) i
  WHERE k.oid >= 16384 AND k.contype IN ('c', 'x')
  UNION ALL
  SELECT 'a label of type ' || i.identity, e.enumlabel
  FROM pg_enum e, pg_identify_object('pg_type'::regclass, e.enumtypid, 0) i
  UNION ALL
  SELECT i.type || ' ' || i.identity, pg_get_viewdef(c.oid)
  FROM pg_class c, pg_identify_object('pg_class'::regclass, c.oid, 0) i
  WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384
) d (name, definition)
ORDER BY 1
