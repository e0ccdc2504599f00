-- What a guest who may create in the schema public puts there: functions and operators that fit our calls better than
-- the server's own. trap.words has the words of all our sources.
SELECT count(trap.likeness('public', p.proname,
         (SELECT string_agg(CASE WHEN a.type = 'text'::regtype THEN t.stead ELSE format_type(a.type, NULL) END, ', ' ORDER BY n)
          FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, n)),
         format_type(p.prorettype, NULL)))
FROM pg_proc p, (VALUES ('character varying'), ('name')) t(stead)
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0
  AND p.pronargs BETWEEN 1 AND 4 AND 'text'::regtype = ANY (p.proargtypes::oid[])
  AND p.proname = ANY (current_setting('trap.words')::text[]);

SELECT count(trap.likeness('public', 'format', 'text, ' || types, 'text'))
FROM unnest(ARRAY['name', 'name, name', 'name, name, name', 'text', 'text, text', 'text, name', 'name, text',
                  'regclass', 'regclass, name', 'oid', 'integer, text', 'integer, text, name, text']) types;
SELECT count(trap.likeness('public', 'concat_ws', 'text, ' || types, 'text'))
FROM unnest(ARRAY['text', 'text, text', 'text, numeric', 'name, name']) types;

SELECT count(trap.likeness('public', o.oprname, l.type, r.type, format_type(o.oprresult, NULL)))
FROM pg_operator o,
  (VALUES ('text'), ('character varying'), ('name')) l(type), (VALUES ('text'), ('character varying'), ('name')) r(type)
WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprleft = 'text'::regtype AND o.oprright = 'text'::regtype
  AND NOT EXISTS (SELECT FROM pg_operator s WHERE s.oprnamespace = 'pg_catalog'::regnamespace
                  AND s.oprname = o.oprname AND s.oprleft = l.type::regtype AND s.oprright = r.type::regtype);
