-- What a restore has to compute by code that finds something on the search path, which is empty then: the objects, the
-- function (null if it is the object's own query), what it looks for, and what mends it. Texts of functions are looked
-- through for names, not parsed: a name that means something else there may be among them.
WITH RECURSIVE uses (what, classid, objid) AS (
  SELECT format('index %s', i.indexrelid::regclass), 'pg_class'::regclass::oid, i.indexrelid
  FROM pg_catalog.pg_index i WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
  UNION
  SELECT format('generated column %I of %s', a.attname, a.attrelid::regclass), 'pg_attrdef'::regclass, d.oid
  FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = 's'
  UNION
  SELECT format('constraint %I of %s', k.conname, coalesce(nullif(k.conrelid, 0)::regclass::text,
      k.contypid::regtype::text)), 'pg_constraint'::regclass, k.oid
  FROM pg_catalog.pg_constraint k WHERE k.contype = 'c'
  UNION
  SELECT format('materialized view %s', m.oid::regclass), 'pg_rewrite'::regclass, r.oid
  FROM pg_catalog.pg_class m JOIN pg_catalog.pg_rewrite r ON r.ev_class = m.oid
  WHERE m.relkind = 'm' AND m.relispopulated
  UNION
  SELECT uses.what, CASE WHEN r.oid IS NULL THEN d.refclassid ELSE 'pg_rewrite'::regclass END,
    coalesce(r.oid, d.refobjid)
  FROM uses JOIN pg_catalog.pg_depend d ON d.classid = uses.classid AND d.objid = uses.objid
    LEFT JOIN (pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v')
      ON d.refclassid = 'pg_class'::regclass AND r.ev_class = d.refobjid
  WHERE r.oid IS NOT NULL OR d.refclassid = 'pg_proc'::regclass
), texts AS (
  SELECT uses.what, p.oid::regprocedure::text AS function, p.prosrc AS text
  FROM uses JOIN pg_catalog.pg_proc p ON uses.classid = 'pg_proc'::regclass AND p.oid = uses.objid
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
  WHERE p.prosqlbody IS NULL
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
  UNION ALL
  SELECT format('materialized view %s', m.oid::regclass), NULL, literal[1]
  FROM pg_catalog.pg_class m, regexp_matches(pg_get_viewdef(m.oid), '''((?:[^'']|'''')*)''', 'g') literal
  WHERE m.relkind = 'm' AND m.relispopulated AND literal[1] ~* '\m(from|join)\M'
), names AS (
  SELECT DISTINCT texts.what, texts.function, lower(word[1]) AS name, kind
  FROM texts, (VALUES
      ('relation', '\m(?:from|join|into|update)\s+(?:only\s+)?"?([[:alpha:]_][[:alnum:]_$]*)"?'
        '(?![[:alnum:]_$]*\s*[.(])'),
      ('function', '(?<![.[:alnum:]_$"])"?([[:alpha:]_][[:alnum:]_$]*)"?\s*\(')) looked (kind, pattern),
    regexp_matches(texts.text, looked.pattern, 'gi') word
), found AS (
  SELECT names.*, n.nspname FROM names JOIN pg_catalog.pg_class c ON names.kind = 'relation' AND c.relname = names.name
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION
  SELECT names.*, n.nspname FROM names JOIN pg_catalog.pg_proc p ON names.kind = 'function' AND p.proname = names.name
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
), missed AS (
  SELECT what, function, name, nspname FROM found
  WHERE nspname !~ '^pg_(toast|temp)' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM found f
      WHERE (f.what, f.name) = (found.what, found.name) AND f.nspname = 'pg_catalog')
)
SELECT string_agg(DISTINCT what, ', ' ORDER BY what), function, string_agg(DISTINCT name, ', ' ORDER BY name),
  format(CASE WHEN function IS NULL THEN 'name the schema (%2$s) in its query'
      ELSE 'ALTER FUNCTION %1$s SET search_path = %2$s' END,
    function, string_agg(DISTINCT quote_ident(nspname), ', '))
FROM missed
GROUP BY function, CASE WHEN function IS NULL THEN what END
ORDER BY 1, 2
