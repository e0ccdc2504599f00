-- What a recipe has to know of each column: its type and that of its parts, and what the server found out about its
-- values, if it looked at them and this role may know. No parameters.
SELECT n.nspname, t.relname, a.attname, a.attnotnull, a.attgenerated <> '' AS generated,
  a.atthasdef OR a.attidentity <> '' AS filled, a.attidentity <> '' OR EXISTS (
    SELECT FROM pg_attrdef f WHERE f.adrelid = t.oid AND f.adnum = a.attnum
      AND pg_get_expr(f.adbin, f.adrelid) LIKE 'nextval(%') AS counted,
  format_type(base.oid, NULL) AS type, base.modifier, coalesce(e.typtype, y.typtype)::text AS kind,
  e.oid IS NOT NULL AS is_array, format_type(coalesce(e.oid, y.oid), NULL) AS element,
  (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = base.oid) AS bound,
  ARRAY(SELECT l.enumlabel::text FROM pg_enum l
         WHERE l.enumtypid = coalesce(e.oid, y.oid) ORDER BY l.enumsortorder) AS labels,
  s.null_frac, s.n_distinct, s.most_common_vals::text::text[] AS common, s.most_common_freqs AS frequencies,
  s.histogram_bounds::text::text[] AS bounds,
  ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
        WHERE k.contype = 'c' AND (k.conrelid = t.oid AND k.conkey = ARRAY[a.attnum]
           OR k.contypid = a.atttypid)) AS checks
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN LATERAL (
    WITH RECURSIVE d AS (SELECT a.atttypid AS oid, a.atttypmod AS modifier
      UNION ALL SELECT y.typbasetype, y.typtypmod FROM d JOIN pg_type y ON y.oid = d.oid AND y.typtype = 'd')
    SELECT d.oid, d.modifier FROM d JOIN pg_type y ON y.oid = d.oid AND y.typtype <> 'd') base
  JOIN pg_type y ON y.oid = base.oid
  LEFT JOIN pg_type e ON e.oid = y.typelem AND y.typcategory = 'A'
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = t.relname AND s.attname = a.attname
    AND s.inherited = (t.relkind = 'p')
WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
     AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY n.nspname, t.relname, a.attnum
