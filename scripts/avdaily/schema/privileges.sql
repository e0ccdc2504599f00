-- How the privileges of every object differ from those of a new one: a '-' for what is missing, a '+' for what is new.
-- The schema public has what it has in every new database, whatever it had in this one at first.
WITH objects AS (
  SELECT c.tableoid AS catalog, c.oid, 0 AS sub, n.nspname, c.relowner AS owner, c.relacl AS acl,
    CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS type, NULL AS attname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL SELECT c.tableoid, c.oid, a.attnum, n.nspname, c.relowner, a.attacl, 'c', quote_ident(a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT a.attisdropped
    AND (a.attacl IS NOT NULL OR a.attrelid = ANY (ARRAY(
      SELECT objoid FROM pg_init_privs WHERE classoid = 'pg_class'::regclass AND objsubid <> 0)))
  UNION ALL SELECT p.tableoid, p.oid, 0, n.nspname, p.proowner, p.proacl, 'f', NULL
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  UNION ALL SELECT t.tableoid, t.oid, 0, n.nspname, t.typowner, t.typacl, 'T', NULL
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  UNION ALL SELECT n.tableoid, n.oid, 0, n.nspname, n.nspowner, n.nspacl, 'n', NULL FROM pg_namespace n
  UNION ALL SELECT l.tableoid, l.oid, 0, '', l.lanowner, l.lanacl, 'l', NULL FROM pg_language l),
lists AS (
  SELECT o.*, coalesce(o.acl, acldefault(o.type::"char", o.owner)) AS acl_now,
    CASE WHEN o.type = 'n' AND o.nspname = 'public'
      THEN acldefault('n', o.owner) || makeaclitem(0, o.owner, 'USAGE', false)
      ELSE coalesce(i.initprivs, acldefault(o.type::"char", o.owner)) END AS base_then
  FROM objects o LEFT JOIN pg_init_privs i ON i.classoid = o.catalog AND i.objoid = o.oid AND i.objsubid = o.sub
  WHERE (o.acl IS NOT NULL OR i.initprivs IS NOT NULL OR o.type = 'n' AND o.nspname = 'public')
    AND (o.nspname = 'pg_catalog' OR o.nspname !~ '^pg_' AND o.nspname <> 'information_schema')
    AND o.nspname = coalesce(nullif(current_setting('avdaily.schema', true), ''), o.nspname)),
changed AS (SELECT catalog, oid, nspname, owner, attname, acl_now AS acl, base_then AS base FROM lists
  WHERE acl_now IS DISTINCT FROM base_then)
SELECT c.catalog, c.oid, c.nspname, c.owner, c.attname, i.type, d.change, d.position, x.grantor, x.grantee,
  x.is_grantable, x.privilege_type,
  -- GRANT takes no words of SQL for a type, as in "character varying"
  coalesce((SELECT format('%I.%I', c.nspname, t.typname) FROM pg_type t WHERE t.tableoid = c.catalog AND t.oid = c.oid),
    i.identity) AS identity
FROM changed c, pg_identify_object(c.catalog, c.oid, 0) i,
  LATERAL (
    SELECT '-' AS change, item, position FROM unnest(base) WITH ORDINALITY b(item, position)
    WHERE NOT item = ANY (acl)
    UNION ALL SELECT '+', item, position FROM unnest(acl) WITH ORDINALITY b(item, position)
    WHERE NOT item = ANY (base)) d,
  LATERAL aclexplode(ARRAY[d.item]) x
ORDER BY identity, c.attname NULLS FIRST, d.change DESC, d.position, x.is_grantable
