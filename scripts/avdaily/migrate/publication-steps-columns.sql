-- Which columns do the column lists and conditions of publications name? Each with the publication, the table, and its
-- name and type. No parameters.
SELECT quote_ident(p.pubname), pr.prrelid::regclass::text,
       format('%s.%I %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod))
FROM pg_publication p
JOIN pg_publication_rel pr ON pr.prpubid = p.oid
JOIN pg_depend d ON d.classid = 'pg_publication_rel'::regclass AND d.objid = pr.oid
    AND d.refclassid = 'pg_class'::regclass
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
ORDER BY 1, 2
