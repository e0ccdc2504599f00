-- The objects that the schema's reader does not write: where each stands in the catalogs, its name as in the schema,
-- the statement that makes it, and what of it no ALTER changes. %1$s: which options may be written down. No parameters.
WITH options (catalog, oid, text, comment) AS (
    SELECT o.catalog, o.oid, ' OPTIONS (' || string_agg(format('%%I %%L', x.option_name,
           CASE WHEN %1$s THEN x.option_value ELSE '' END), ', ' ORDER BY x.option_name) || ')',
           '-- Set ' || string_agg(translate(x.option_name, E'\n\r', '  '), ', ' ORDER BY x.option_name)
             FILTER (WHERE NOT (%1$s))
             || E' by hand behind this: what may be secret is in no file.\n'
    FROM (SELECT tableoid, oid, srvoptions FROM pg_foreign_server
          UNION ALL SELECT tableoid, oid, fdwoptions FROM pg_foreign_data_wrapper
          UNION ALL SELECT 'pg_class'::regclass, ftrelid, ftoptions FROM pg_foreign_table
          UNION ALL SELECT 'pg_user_mapping'::regclass, umid, umoptions FROM pg_user_mappings)
        o (catalog, oid, options)
    CROSS JOIN LATERAL pg_options_to_table(o.options) x
    GROUP BY 1, 2
), members (class, text) AS (
    SELECT d.refobjid, format('OPERATOR %%s %%s', m.amopstrategy, m.amopopr::regoperator)
           || coalesce(' FOR ORDER BY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname), '')
    FROM pg_amop m
    JOIN pg_depend d ON d.classid = m.tableoid AND d.objid = m.oid AND d.refclassid = 'pg_opclass'::regclass
    LEFT JOIN (pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace) ON f.oid = m.amopsortfamily
    UNION ALL
    SELECT d.refobjid, format('FUNCTION %%s (%%s, %%s) %%s', m.amprocnum, m.amproclefttype::regtype,
                              m.amprocrighttype::regtype, m.amproc::regprocedure)
    FROM pg_amproc m
    JOIN pg_depend d ON d.classid = m.tableoid AND d.objid = m.oid AND d.refclassid = 'pg_opclass'::regclass
), columns (relation, text) AS (
    SELECT a.attrelid, string_agg(E'\n    ' || concat_ws(' ', quote_ident(a.attname),
           format_type(a.atttypid, a.atttypmod),
           'OPTIONS (' || (SELECT string_agg(format('%%I %%L', option_name, option_value), ', ')
                           FROM pg_options_to_table(a.attfdwoptions)) || ')',
           CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END,
           CASE WHEN a.attnotnull THEN 'NOT NULL' END,
           CASE a.attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ALWAYS AS (' END
             || pg_get_expr(v.adbin, v.adrelid)
             || CASE a.attgenerated WHEN '' THEN '' WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END),
           ',' ORDER BY a.attnum)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'f'
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)
    GROUP BY 1
), said (catalog, oid, place, made, fixed) AS (
    SELECT tableoid, oid, 1, format('CREATE ACCESS METHOD %%I TYPE %%s HANDLER %%s;', amname,
           CASE amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, amhandler::regproc), NULL
    FROM pg_am
    UNION ALL
    SELECT tableoid, oid, 1, format('CREATE %%sLANGUAGE %%I HANDLER %%s%%s%%s;',
           CASE WHEN lanpltrusted THEN 'TRUSTED ' END, lanname, lanplcallfoid::regproc,
           ' INLINE ' || nullif(laninline, 0)::regproc, ' VALIDATOR ' || nullif(lanvalidator, 0)::regproc), NULL
    FROM pg_language
    WHERE lanispl
    UNION ALL
    SELECT r.tableoid, r.oid, 2, format('CREATE TRANSFORM FOR %%s LANGUAGE %%I (%%s);', r.trftype::regtype, l.lanname,
           concat_ws(', ', 'FROM SQL WITH FUNCTION ' || nullif(r.trffromsql, 0)::regprocedure,
                     'TO SQL WITH FUNCTION ' || nullif(r.trftosql, 0)::regprocedure)), NULL
    FROM pg_transform r
    JOIN pg_language l ON l.oid = r.trflang
    UNION ALL
    SELECT tableoid, oid, 1, format('CREATE TEXT SEARCH PARSER %%s.%%I (%%s);', prsnamespace::regnamespace, prsname,
           concat_ws(', ', 'START = ' || prsstart, 'GETTOKEN = ' || prstoken, 'END = ' || prsend,
                     'HEADLINE = ' || nullif(prsheadline, 0)::regproc, 'LEXTYPES = ' || prslextype)), NULL
    FROM pg_ts_parser
    UNION ALL
    SELECT tableoid, oid, 1, format('CREATE TEXT SEARCH TEMPLATE %%s.%%I (%%s);', tmplnamespace::regnamespace,
           tmplname, concat_ws(', ', 'INIT = ' || nullif(tmplinit, 0)::regproc, 'LEXIZE = ' || tmpllexize)), NULL
    FROM pg_ts_template
    UNION ALL
    SELECT tableoid, oid, 1, format('CREATE %%sCONVERSION %%s.%%I FOR %%L TO %%L FROM %%s;',
           CASE WHEN condefault THEN 'DEFAULT ' END, connamespace::regnamespace, conname,
           pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding), conproc), NULL
    FROM pg_conversion
    UNION ALL
    SELECT tableoid, oid, 2, format('CREATE CAST (%%s AS %%s) %%s%%s;', format_type(castsource, NULL),
           format_type(casttarget, NULL), CASE castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
                                          ELSE 'WITH FUNCTION ' || castfunc::regprocedure END,
           CASE castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END), NULL
    FROM pg_cast
    UNION ALL
    SELECT o.tableoid, o.oid, 3, format(E'CREATE OPERATOR %%s.%%s (\n    %%s\n);', o.oprnamespace::regnamespace,
           o.oprname, concat_ws(E',\n    ', 'FUNCTION = ' || o.oprcode, 'LEFTARG = ' || nullif(o.oprleft, 0)::regtype,
                     'RIGHTARG = ' || o.oprright::regtype,
                     'COMMUTATOR = OPERATOR(' || k.oprnamespace::regnamespace || '.' || k.oprname || ')',
                     'NEGATOR = OPERATOR(' || g.oprnamespace::regnamespace || '.' || g.oprname || ')',
                     'RESTRICT = ' || nullif(o.oprrest, 0)::regproc, 'JOIN = ' || nullif(o.oprjoin, 0)::regproc,
                     CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END)),
           o.oprcode::regprocedure::text
    FROM pg_operator o
    LEFT JOIN pg_operator k ON k.oid = o.oprcom
    LEFT JOIN pg_operator g ON g.oid = o.oprnegate
    WHERE o.oprcode <> 0
    UNION ALL
    SELECT f.tableoid, f.oid, 4, format('CREATE OPERATOR FAMILY %%s.%%I USING %%I;', f.opfnamespace::regnamespace,
                                        f.opfname, m.amname), NULL
    FROM pg_opfamily f
    JOIN pg_am m ON m.oid = f.opfmethod
    UNION ALL
    SELECT c.tableoid, c.oid, 5,
           format(E'CREATE OPERATOR CLASS %%s.%%I %%sFOR TYPE %%s USING %%I FAMILY %%s.%%I AS\n    %%s;',
           c.opcnamespace::regnamespace, c.opcname, CASE WHEN c.opcdefault THEN 'DEFAULT ' END, c.opcintype::regtype,
           m.amname, f.opfnamespace::regnamespace, f.opfname,
           concat_ws(E',\n    ', 'STORAGE ' || coalesce(nullif(c.opckeytype, 0),
                       CASE WHEN s.text IS NULL THEN c.opcintype END)::regtype, s.text)), NULL
    FROM pg_opclass c
    JOIN pg_am m ON m.oid = c.opcmethod
    JOIN pg_opfamily f ON f.oid = c.opcfamily
    CROSS JOIN LATERAL (SELECT string_agg(text, E',\n    ' ORDER BY text) FROM members WHERE class = c.oid) s (text)
    UNION ALL
    SELECT w.tableoid, w.oid, 1, concat(o.comment, format('CREATE FOREIGN DATA WRAPPER %%I%%s%%s%%s;',
           w.fdwname, ' HANDLER ' || nullif(w.fdwhandler, 0)::regproc,
           ' VALIDATOR ' || nullif(w.fdwvalidator, 0)::regproc, o.text)),
           ''
    FROM pg_foreign_data_wrapper w
    LEFT JOIN options o ON o.catalog = w.tableoid AND o.oid = w.oid
    UNION ALL
    SELECT s.tableoid, s.oid, 2, concat(o.comment, format('CREATE SERVER %%I%%s%%s FOREIGN DATA WRAPPER %%I%%s;',
           s.srvname, ' TYPE ' || quote_literal(s.srvtype), ' VERSION ' || quote_literal(s.srvversion), w.fdwname,
           o.text)),
           concat_ws(' ', w.fdwname, 'TYPE', s.srvtype)
    FROM pg_foreign_server s
    JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
    LEFT JOIN options o ON o.catalog = s.tableoid AND o.oid = s.oid
    UNION ALL
    SELECT 'pg_user_mapping'::regclass, m.umid, 3, concat(o.comment,
           format('CREATE USER MAPPING FOR %%s SERVER %%I%%s;',
                  CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END, m.srvname, o.text)), ''
    FROM pg_user_mappings m
    LEFT JOIN options o ON o.catalog = 'pg_user_mapping'::regclass AND o.oid = m.umid
    UNION ALL
    SELECT c.tableoid, c.oid, 6, concat(o.comment,
           format(E'CREATE FOREIGN TABLE %%s (%%s\n)%%s SERVER %%I%%s;', c.oid::regclass,
                  concat_ws(',', l.text, k.text),
                  CASE WHEN NOT c.relispartition THEN ' INHERITS (' || p.text || ')' END, s.srvname, o.text)),
           concat_ws(' ', s.srvname, CASE WHEN NOT c.relispartition THEN p.text END)
    FROM pg_class c
    JOIN pg_foreign_table t ON t.ftrelid = c.oid
    JOIN pg_foreign_server s ON s.oid = t.ftserver
    LEFT JOIN columns l ON l.relation = c.oid
    LEFT JOIN options o ON o.catalog = c.tableoid AND o.oid = c.oid
    CROSS JOIN LATERAL (
        SELECT string_agg(format(E'\n    CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid)), ',' ORDER BY conname)
        FROM pg_constraint
        WHERE conrelid = c.oid AND contype = 'c' AND (conislocal OR c.relispartition)) k (text)
    CROSS JOIN LATERAL (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
                        FROM pg_inherits WHERE inhrelid = c.oid) p (text)
    UNION ALL
    SELECT g.tableoid, g.oid, 7, pg_get_triggerdef(g.oid) || ';', NULL
    FROM pg_trigger g
    JOIN pg_class c ON c.oid = g.tgrelid AND c.relkind = 'f'
    WHERE NOT g.tgisinternal AND g.tgparentid = 0
)
SELECT s.catalog, s.oid, upper(i.type) || ' ' || i.identity, s.made, coalesce(s.fixed, s.made)
FROM said s
CROSS JOIN LATERAL pg_identify_object(s.catalog, s.oid, 0) i
WHERE s.oid >= 16384 AND coalesce(i.schema, '') !~ '^(pg_|information_schema$|avdaily_ops$)'
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = s.catalog AND d.objid = s.oid AND d.deptype IN ('e', 'i'))
ORDER BY s.place, s.made
