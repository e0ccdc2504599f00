-- What is said of some objects, a statement a line: their owners, privileges and comments. ?, ?: where they stand in
-- the catalogs. %1$s, %2$s: whether owners and privileges belong to it.
WITH named (catalog, oid) AS (SELECT * FROM unnest(?::oid[], ?::oid[])),
granted (catalog, oid, owner, acl, columns, name) AS (
  SELECT tableoid, oid, srvowner, srvacl, '', format('FOREIGN SERVER %%I', srvname) FROM pg_foreign_server
  UNION ALL SELECT tableoid, oid, fdwowner, fdwacl, '', format('FOREIGN DATA WRAPPER %%I', fdwname)
    FROM pg_foreign_data_wrapper
  UNION ALL SELECT tableoid, oid, relowner, relacl, '', 'TABLE ' || oid::regclass FROM pg_class WHERE relkind = 'f'
  UNION ALL SELECT c.tableoid, c.oid, c.relowner, a.attacl, format(' (%%I)', a.attname), 'TABLE ' || c.oid::regclass
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'f'),
said (catalog, oid, line) AS (
  SELECT n.*, format('ALTER %%s %%s OWNER TO %%I;', translate(upper(i.type), '-', ' '), i.identity, r.rolname)
  FROM named n JOIN pg_shdepend s ON s.classid = n.catalog AND s.objid = n.oid AND s.deptype = 'o'
      AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    JOIN pg_roles r ON r.oid = s.refobjid, pg_identify_object(n.catalog, n.oid, 0) i
  WHERE %1$s
  UNION ALL SELECT n.*, format('GRANT %%s%%s ON %%s TO %%s%%s;', x.privilege_type, g.columns, g.name,
      CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END,
      CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END)
  FROM named n JOIN granted g USING (catalog, oid), aclexplode(g.acl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
  WHERE %2$s AND x.grantee <> g.owner AND (x.grantee = 0 OR r.oid IS NOT NULL)
  UNION ALL SELECT n.*, format('COMMENT ON %%s %%s IS %%s''%%s'';',
      CASE WHEN i.type LIKE '%% column' THEN 'COLUMN' ELSE translate(upper(i.type), '-', ' ') END,
      CASE i.type WHEN 'transform' THEN replace(i.identity, ' on language ', ' LANGUAGE ') ELSE i.identity END,
      CASE WHEN d.description ~ '[\\\n\r]' THEN 'E' END,
      replace(replace(replace(replace(d.description, E'\\', E'\\\\'), '''', ''''''), E'\n', '\n'), E'\r', '\r'))
  FROM named n JOIN pg_description d ON d.classoid = n.catalog AND d.objoid = n.oid,
    pg_identify_object(n.catalog, n.oid, d.objsubid) i)
SELECT catalog, oid, string_agg(line, E'\n' ORDER BY line) FROM said GROUP BY catalog, oid
