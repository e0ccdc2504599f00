-- What are the publications: each with whether it is of all tables, its options, its comment, and whether all of it is
-- known? A later version of PostgreSQL may have more. No parameters.
SELECT quote_ident(p.pubname), p.puballtables,
       format('publish = %L, publish_via_partition_root = %s',
              concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
              p.pubviaroot::text)
       || coalesce(', publish_generated_columns = '
                   || CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'stored' WHEN 'n' THEN 'none' END, ''),
       quote_nullable(obj_description(p.oid, 'pg_publication')),
       NOT EXISTS (SELECT
                   FROM jsonb_each_text(to_jsonb(p) - '{oid,pubname,pubowner,puballtables,pubgencols}'::text[]) o
                   WHERE o.key !~ '^pub(insert|update|delete|truncate|viaroot)$' AND o.value <> 'false')
       AND NOT EXISTS (SELECT
                       FROM pg_publication_rel r
                       WHERE r.prpubid = p.oid AND to_jsonb(r) ->> 'prexcept' = 'true')
FROM pg_publication p
ORDER BY 1
