-- Statements that put a row into each table, with the table's name: made to fit the types, and the literals of checks.
-- Columns of an unknown type get their default or nothing, those of a foreign key what the other table has.
-- Parameters: the row's number, int, and how its values are made: 'long', 'short', or 'plain' as if there were no
-- check.
WITH row AS (
    SELECT ?::int AS n, ?::text AS style
), key AS (
    SELECT k.conrelid, c.attnum, k.confrelid::regclass AS other, a.attname AS column
    FROM pg_constraint k
    CROSS JOIN unnest(k.conkey, k.confkey) c (attnum, other)
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.other
    WHERE k.contype = 'f'
), checked AS (
    -- what a check of one column, or of its type, compares with
    SELECT k.conrelid, k.conkey[1] AS attnum, k.contypid, pg_get_constraintdef(k.oid) AS definition
    FROM pg_constraint k, row
    WHERE k.contype = 'c' AND (k.contypid <> 0 OR cardinality(k.conkey) = 1) AND style <> 'plain'
), bound AS (
    SELECT c.oid, p.partattrs[0] AS attnum,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), '\(''?([^'',)]+)'))[1] AS value
    FROM pg_class c
    JOIN pg_inherits i ON i.inhrelid = c.oid
    JOIN pg_partitioned_table p ON p.partrelid = i.inhparent AND p.partstrat IN ('l', 'r')
    WHERE c.relispartition
), columns AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atthasdef, a.attidentity, n, style,
           format_type(a.atttypid, a.atttypmod) AS type, b.oid AS base, b.typtype, b.typcategory, b.typname, b.typrelid,
           e.typtype AS element_typtype, e.typcategory AS element_category, e.oid AS element,
           k.other, k.column, bound.value AS bound,
           (SELECT string_agg(definition, ' ') FROM checked
            WHERE conrelid = a.attrelid AND checked.attnum = a.attnum OR contypid = a.atttypid) AS checks,
           coalesce(pg_get_expr(v.adbin, v.adrelid), '') LIKE 'nextval(%' AS is_numbered
    FROM row
    CROSS JOIN pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
    LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
    LEFT JOIN LATERAL (SELECT * FROM key WHERE key.conrelid = a.attrelid AND key.attnum = a.attnum LIMIT 1) k ON true
    LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
    LEFT JOIN bound ON bound.oid = a.attrelid AND bound.attnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
), literal AS (
    SELECT *, replace((regexp_match(checks, '''((?:[^'']|'''')+)'''))[1], '''''', '''') AS word,
           (regexp_match(checks, '[<>=] *\(?([0-9]+)'))[1]::numeric AS number
    FROM columns
), value AS (
    SELECT attrelid, attnum, quote_ident(attname) AS name,
           CASE
           WHEN other IS NOT NULL
               THEN format('(SELECT %I FROM %s ORDER BY 1 OFFSET %s LIMIT 1)', literal.column, other, n - 1)
           WHEN attidentity <> '' OR is_numbered THEN 'DEFAULT'
           WHEN bound IS NOT NULL THEN format('%L::%s', bound, type)
           WHEN typtype = 'e' THEN
             format('(enum_range(NULL::%1$s))[1 + %2$s %% nullif(cardinality(enum_range(NULL::%1$s)), 0)]',
                    base::regtype, n)
           WHEN typname ~ '^reg' THEN 'NULL'
           WHEN typcategory = 'N' THEN format('(%s)::%s',
               CASE WHEN number IS NOT NULL THEN number + n
                    WHEN style <> 'long' THEN n
                    WHEN typname = 'int2' THEN 1000 + n
                    WHEN typname = 'int4' THEN 100000 + n
                    WHEN typname = 'int8' THEN 3000000000 + n
                    ELSE n + attnum * 10 + 0.123456 END, type)
           WHEN typcategory = 'B' THEN format('%L::boolean', n % 2 = 0)
           WHEN typname = 'uuid' THEN format('%L::%s', md5(n || '-' || attnum), type)
           WHEN typname IN ('json', 'jsonb') THEN format('%L::%s', format('{"n": %s}', n), type)
           WHEN typname = 'bytea' THEN format('%L::%s', '\x0' || n, type)
           WHEN typcategory = 'D'
               THEN format('(timestamp ''2020-01-01 12:34:56.789'' + %L)::%s', n || ' days', type)
           WHEN typcategory = 'T' THEN format('%L::%s', n || ' days', type)
           WHEN typcategory = 'I' THEN format('%L::%s', '10.0.0.' || n, type)
           WHEN typcategory = 'S' THEN format('%L::%s', coalesce(word, n || 'v' || attnum
               || CASE style WHEN 'long' THEN repeat(' long', 8) ELSE '' END), type)
           WHEN element_typtype = 'e' THEN format('enum_range(NULL::%s)', element::regtype)
           WHEN element_category IN ('N', 'S') THEN format('%L::%s', format('{%s,%s}', n, attnum), type)
           WHEN typtype = 'c' THEN format('%L::%s',
               (SELECT '(' || string_agg(CASE t.typcategory WHEN 'N' THEN n || '' WHEN 'S' THEN n || 'v' ELSE '' END,
                                         ',' ORDER BY f.attnum) || ')'
                FROM pg_attribute f
                JOIN pg_type t ON t.oid = f.atttypid
                WHERE f.attrelid = typrelid AND f.attnum > 0 AND NOT f.attisdropped), type)
           WHEN atthasdef THEN 'DEFAULT'
           WHEN typcategory = 'A' THEN format('''{}''::%s', type)
           WHEN typcategory = 'R' THEN format('''empty''::%s', type)
           ELSE 'NULL'
           END AS value
    FROM literal
)
SELECT c.oid::regclass::text,
       format('INSERT INTO %s (%s) OVERRIDING USER VALUE VALUES (%s)', c.oid::regclass,
              string_agg(v.name, ', ' ORDER BY v.attnum), string_agg(v.value, ', ' ORDER BY v.attnum))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN value v ON v.attrelid = c.oid
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
  AND c.relname <> 'flyway_schema_history'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.tableoid AND e.objid = c.oid AND e.deptype = 'e')
GROUP BY c.oid
ORDER BY c.oid
