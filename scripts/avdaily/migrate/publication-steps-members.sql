-- What belongs to each publication, and which part of it? %1$s: the columns and the condition of a table in pr, as
-- text. %2$s: the schemas of publications, with the numbers of both. No parameters.
SELECT quote_ident(p.pubname), 'TABLE ONLY ' || pr.prrelid::regclass, %1$s
FROM pg_publication p
JOIN pg_publication_rel pr ON pr.prpubid = p.oid
UNION ALL
SELECT quote_ident(p.pubname), 'TABLES IN SCHEMA ' || quote_ident(n.nspname), ''
FROM pg_publication p
JOIN (%2$s) pn (publication, schema) ON pn.publication = p.oid
JOIN pg_namespace n ON n.oid = pn.schema
ORDER BY 1, 2
