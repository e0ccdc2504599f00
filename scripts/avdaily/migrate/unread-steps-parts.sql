-- What ALTER changes of the objects that the schema's reader does not write: the object's name, what it is about, the
-- part that it is of, its value, and the statements that add it, change it to this, or take it away; null for none.
-- A part that the object is not made with is marked. %1$s: which options may be written down. No parameters.
WITH options (catalog, oid, about, whole, target, options, is_column) AS (
    SELECT tableoid, oid, NULL, NULL, format('SERVER %%I', srvname), srvoptions, false FROM pg_foreign_server
    UNION ALL
    SELECT tableoid, oid, NULL, NULL, format('FOREIGN DATA WRAPPER %%I', fdwname), fdwoptions, false
    FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'pg_user_mapping'::regclass, umid, NULL, NULL, format('USER MAPPING FOR %%s SERVER %%I',
           CASE umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(usename) END, srvname), umoptions, false
    FROM pg_user_mappings
    UNION ALL
    SELECT 'pg_class'::regclass, ftrelid, NULL, NULL, format('FOREIGN TABLE %%s', ftrelid::regclass), ftoptions, false
    FROM pg_foreign_table
    UNION ALL
    SELECT 'pg_class'::regclass, a.attrelid, ' of ' || quote_ident(a.attname), 'column ' || quote_ident(a.attname),
           format('FOREIGN TABLE %%s ALTER COLUMN %%I', a.attrelid::regclass, a.attname), a.attfdwoptions, true
    FROM pg_attribute a
    WHERE a.attfdwoptions IS NOT NULL
), columns AS (
    SELECT a.attrelid, quote_ident(a.attname) AS name, a.attnotnull, a.attgenerated,
           a.attinhcount = 0 OR c.relispartition AS is_own,
           format('ALTER FOREIGN TABLE %%s ', a.attrelid::regclass) AS alter,
           format_type(a.atttypid, a.atttypmod)
             || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
             AS type,
           ' OPTIONS (' || (SELECT string_agg(format('%%I %%L', option_name, option_value), ', ')
                            FROM pg_options_to_table(a.attfdwoptions)) || ')' AS options,
           CASE WHEN a.attnotnull THEN ' NOT NULL' END AS filled, pg_get_expr(v.adbin, v.adrelid) AS value,
           CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END AS kept
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'f'
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
), definitions AS (
    SELECT *, concat(name, ' ', replace(type, ' COLLATE ', coalesce(options, '') || ' COLLATE '),
                     CASE WHEN type NOT LIKE '%% COLLATE %%' THEN options END, filled,
                     CASE attgenerated WHEN '' THEN ' DEFAULT ' || value
                     ELSE ' GENERATED ALWAYS AS (' || value || ') ' || kept END) AS definition
    FROM columns
), operators AS (
    SELECT tableoid, oid, format('ALTER OPERATOR %%s SET (', oid::regoperator) AS alter, oprcom, oprnegate, oprrest,
           oprjoin, oprcanhash, oprcanmerge
    FROM pg_operator
    WHERE oprcode <> 0
), partners AS (
    SELECT o.tableoid, o.oid, x.about, 'OPERATOR ' || i.identity AS identity
    FROM operators o
    CROSS JOIN LATERAL (VALUES ('COMMUTATOR', o.oprcom), ('NEGATOR', o.oprnegate)) x (about, partner)
    JOIN pg_operator p ON p.oid = x.partner
    CROSS JOIN LATERAL pg_identify_object(p.tableoid, p.oid, 0) i
), members (family, about, added) AS (
    SELECT d.refobjid,
           format('OPERATOR %%s (%%s, %%s)', m.amopstrategy, m.amoplefttype::regtype, m.amoprighttype::regtype),
           format('OPERATOR %%s %%s', m.amopstrategy, m.amopopr::regoperator)
             || coalesce(' FOR ORDER BY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname), '')
    FROM pg_amop m
    JOIN pg_depend d ON d.classid = m.tableoid AND d.objid = m.oid AND d.refclassid = 'pg_opfamily'::regclass
    LEFT JOIN (pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace) ON f.oid = m.amopsortfamily
    UNION ALL
    SELECT d.refobjid, x.text, x.text || ' ' || m.amproc::regprocedure
    FROM pg_amproc m
    JOIN pg_depend d ON d.classid = m.tableoid AND d.objid = m.oid AND d.refclassid = 'pg_opfamily'::regclass
    CROSS JOIN LATERAL format('FUNCTION %%s (%%s, %%s)', m.amprocnum, m.amproclefttype::regtype,
                              m.amprocrighttype::regtype) x (text)
), parts (catalog, oid, about, whole, value, added, changed, dropped, is_later) AS (
    SELECT o.catalog, o.oid, 'option ' || x.option_name || coalesce(o.about, ''), o.whole, s.shown,
           concat(s.comment, format('ALTER %%s OPTIONS (ADD %%I %%L);', o.target, x.option_name, s.shown)),
           format('ALTER %%s OPTIONS (SET %%I %%L);', o.target, x.option_name, s.shown),
           format('ALTER %%s OPTIONS (DROP %%I);', o.target, x.option_name), false
    FROM options o
    CROSS JOIN LATERAL pg_options_to_table(o.options) x
    CROSS JOIN LATERAL (
        SELECT x.option_value, NULL WHERE o.is_column OR (%1$s)
        UNION ALL
        SELECT '', format(E'-- Set %%s by hand behind this: what may be secret is in no file.\n',
                          translate(x.option_name, E'\n\r', '  '))
        WHERE NOT (o.is_column OR (%1$s))) s (shown, comment)
    UNION ALL
    SELECT tableoid, oid, 'version', NULL, coalesce(srvversion, ''), NULL,
           format('ALTER SERVER %%I VERSION %%L;', srvname, srvversion), NULL, false
    FROM pg_foreign_server
    UNION ALL
    SELECT w.tableoid, w.oid, x.about, NULL, x.function::regproc::text, NULL,
           format('ALTER FOREIGN DATA WRAPPER %%I %%s;', w.fdwname,
                  coalesce(x.about || ' ' || nullif(x.function, 0)::regproc, 'NO ' || x.about)), NULL, false
    FROM pg_foreign_data_wrapper w
    CROSS JOIN LATERAL (VALUES ('HANDLER', w.fdwhandler), ('VALIDATOR', w.fdwvalidator)) x (about, function)
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, 'column ' || name, NULL, '', alter || 'ADD COLUMN ' || definition || ';',
           NULL, alter || 'DROP COLUMN ' || name || ';', false
    FROM definitions
    WHERE is_own
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, 'type of ' || name, 'column ' || name, type, NULL,
           alter || 'ALTER COLUMN ' || name || ' TYPE ' || type || ';', NULL, false
    FROM definitions
    WHERE is_own
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, 'expression of ' || name, 'column ' || name, x.value, NULL,
           alter || 'DROP COLUMN ' || name || ', ADD COLUMN ' || definition || ';', NULL, false
    FROM definitions
    CROSS JOIN LATERAL (SELECT CASE WHEN attgenerated <> '' THEN kept || value ELSE '' END) x (value)
    WHERE is_own
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, 'default of ' || name, 'column ' || name, value, x.statement, x.statement,
           alter || 'ALTER COLUMN ' || name || ' DROP DEFAULT;', false
    FROM definitions
    CROSS JOIN LATERAL (SELECT alter || 'ALTER COLUMN ' || name || ' SET DEFAULT ' || value || ';') x (statement)
    WHERE value IS NOT NULL AND attgenerated = ''
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, 'null of ' || name, 'column ' || name, '',
           alter || 'ALTER COLUMN ' || name || ' SET NOT NULL;', NULL,
           alter || 'ALTER COLUMN ' || name || ' DROP NOT NULL;', false
    FROM definitions
    WHERE attnotnull AND is_own
    UNION ALL
    SELECT 'pg_class'::regclass, k.conrelid, 'check ' || k.conname, NULL, x.definition, x.added,
           format('ALTER FOREIGN TABLE %%s DROP CONSTRAINT %%I, ADD CONSTRAINT %%2$I %%s;', k.conrelid::regclass,
                  k.conname, x.definition),
           format('ALTER FOREIGN TABLE %%s DROP CONSTRAINT %%I;', k.conrelid::regclass, k.conname), false
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid AND c.relkind = 'f'
    CROSS JOIN LATERAL (SELECT pg_get_constraintdef(k.oid), format('ALTER FOREIGN TABLE %%s ADD CONSTRAINT %%I %%s;',
                          k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))) x (definition, added)
    WHERE k.contype = 'c' AND k.coninhcount = 0
    UNION ALL
    SELECT c.tableoid, c.oid, 'parent', NULL, x.added, x.added,
           format('ALTER TABLE %%s DETACH PARTITION %%s;', i.inhparent::regclass, c.oid::regclass) || E'\n' || x.added,
           format('ALTER TABLE %%s DETACH PARTITION %%s;', i.inhparent::regclass, c.oid::regclass), true
    FROM pg_class c
    JOIN pg_inherits i ON i.inhrelid = c.oid
    CROSS JOIN LATERAL format('ALTER TABLE ONLY %%s ATTACH PARTITION %%s %%s;', i.inhparent::regclass, c.oid::regclass,
                              pg_get_expr(c.relpartbound, c.oid)) x (added)
    WHERE c.relkind = 'f' AND c.relispartition
    UNION ALL
    SELECT f.tableoid, f.oid, m.about, NULL, m.added, x.alter || 'ADD ' || m.added || ';',
           x.alter || 'DROP ' || m.about || E';\n' || x.alter || 'ADD ' || m.added || ';',
           x.alter || 'DROP ' || m.about || ';', true
    FROM members m
    JOIN pg_opfamily f ON f.oid = m.family
    JOIN pg_am a ON a.oid = f.opfmethod
    CROSS JOIN LATERAL format('ALTER OPERATOR FAMILY %%s.%%I USING %%I ', f.opfnamespace::regnamespace, f.opfname,
                              a.amname) x (alter)
    UNION ALL
    SELECT tableoid, oid, x.about, NULL, x.function::text, NULL,
           alter || x.about || ' = ' || coalesce(nullif(x.function, 0)::regproc::text, 'NONE') || ');', NULL, false
    FROM operators
    CROSS JOIN LATERAL (VALUES ('RESTRICT', oprrest), ('JOIN', oprjoin)) x (about, function)
    UNION ALL
    -- PostgreSQL 17 alters what follows, but the migration may run on one before
    SELECT tableoid, oid, x.about, NULL, '', NULL, NULL, NULL, false
    FROM operators
    CROSS JOIN LATERAL (VALUES ('HASHES', oprcanhash), ('MERGES', oprcanmerge)) x (about, has)
    WHERE x.has
    UNION ALL
    SELECT tableoid, oid, about, NULL, identity, NULL, NULL, NULL, false
    FROM partners
)
SELECT upper(i.type) || ' ' || i.identity, p.about, p.whole, p.value, p.added, p.changed, p.dropped, p.is_later
FROM parts p
CROSS JOIN LATERAL pg_identify_object(p.catalog, p.oid, 0) i
WHERE p.oid >= 16384
ORDER BY 1, p.whole IS NOT NULL, 2
