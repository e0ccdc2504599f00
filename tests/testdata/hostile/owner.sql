-- What the owner of a database can do in it.
SET max_parallel_maintenance_workers = 0; -- up to 16 a worker evaluates the expressions of indexes once more
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
SELECT count(trap.likeness('evil', p.proname,
         coalesce((SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY n)
                   FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, n)), ''),
         format_type(p.prorettype, NULL)))
FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0
  AND p.pronargs <= 4 AND p.proname = ANY (current_setting('trap.words')::text[])
  AND NOT p.prorettype::regtype::text ~ '^(any|internal|trigger|void|cstring)';
SELECT count(trap.likeness('evil', o.oprname, format_type(o.oprleft, NULL), format_type(o.oprright, NULL),
                           format_type(o.oprresult, NULL)))
FROM pg_operator o
WHERE o.oprnamespace = 'pg_catalog'::regnamespace
  AND o.oprleft IN ('text'::regtype, 'name'::regtype) AND o.oprright IN ('text'::regtype, 'name'::regtype);
DO $$
DECLARE c record;
BEGIN
  FOR c IN SELECT relname FROM pg_class
           WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
             AND relname = ANY (current_setting('trap.words')::text[]) LOOP
    BEGIN
      EXECUTE format('CREATE VIEW evil.%I AS SELECT * FROM pg_catalog.%I WHERE trap.yes(%L)', c.relname, c.relname,
                     'evil view ' || c.relname);
      EXECUTE format('GRANT SELECT ON evil.%I TO PUBLIC', c.relname);
    EXCEPTION WHEN others THEN NULL;
    END;
  END LOOP;
END $$;

CREATE SCHEMA m;
CREATE TYPE m.ct AS (v text);
CREATE FUNCTION m.ctt(m.ct) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.fire('cast'); RETURN 'x'; END $$;
CREATE CAST (m.ct AS text) WITH FUNCTION m.ctt(m.ct) AS IMPLICIT;
CREATE TABLE m.parent (id m.ct PRIMARY KEY);
CREATE TABLE m.child (id m.ct PRIMARY KEY, parent m.ct);
INSERT INTO m.child VALUES (ROW('a'), ROW('lost'));
ALTER TABLE m.child ADD FOREIGN KEY (parent) REFERENCES m.parent NOT VALID;
CREATE DOMAIN m.d AS text CHECK (trap.yes('domain'));
CREATE TABLE m.owned (id serial PRIMARY KEY, d m.d DEFAULT 'a', n int DEFAULT trap.seven('default'),
  g int GENERATED ALWAYS AS (id + trap.seven('generated column')) STORED);
INSERT INTO m.owned (d) VALUES ('one'), ('two');
ALTER TABLE m.owned ADD CONSTRAINT later CHECK (trap.yes('unvalidated check')) NOT VALID;
-- Large enough for what looks at large tables, with few bytes to read: a row fills its page.
CREATE TABLE m.big (id int, filler text) WITH (fillfactor = 10);
ALTER TABLE m.big ALTER filler SET STORAGE PLAIN;
INSERT INTO m.big SELECT n, repeat('x', 450) FROM generate_series(1, 18000) n;
CREATE INDEX ON m.big ((id + trap.seven('index expression')));
CREATE INDEX ON m.big (id) WHERE id > trap.seven('index predicate');
CREATE STATISTICS m.s ON (id + trap.seven('statistics')), id FROM m.big;
ALTER TABLE m.big ADD CHECK (id > 0 OR trap.yes('check'));
CREATE TABLE m.small (CHECK (trap.yes('check of a child'))) INHERITS (m.big);
CREATE TABLE m.parted (id int) PARTITION BY RANGE ((id + trap.seven('partition key')));
CREATE TABLE m.part PARTITION OF m.parted FOR VALUES FROM (0) TO (100);
CREATE VIEW m.v AS SELECT 1 AS id WHERE trap.yes('view');
CREATE MATERIALIZED VIEW m.mv AS SELECT 1 AS id WHERE trap.yes('materialized view');
CREATE TABLE m.hidden (id int PRIMARY KEY);
ALTER TABLE m.hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE m.hidden FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON m.hidden USING (trap.yes('policy'));
CREATE RULE r AS ON INSERT TO m.hidden DO ALSO SELECT trap.fire('rule');
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['m.parent', 'm.child', 'm.owned', 'm.big', 'm.hidden'] LOOP
    EXECUTE 'CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON ' || t || ' FOR EACH ROW EXECUTE FUNCTION trap.sprung()';
    EXECUTE 'CREATE TRIGGER b BEFORE TRUNCATE ON ' || t || ' FOR EACH STATEMENT EXECUTE FUNCTION trap.sprung()';
    EXECUTE 'ALTER TABLE ' || t || ' ENABLE ALWAYS TRIGGER a';
  END LOOP;
END $$;

-- A tenant's schema with a history, and a set of targets.
CREATE SCHEMA tenants;
CREATE TABLE tenants.flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
  type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(),
  execution_time int, success boolean);
CREATE INDEX ON tenants.flyway_schema_history (success) WHERE trap.yes('index of a history');
CREATE TRIGGER a BEFORE INSERT ON tenants.flyway_schema_history FOR EACH ROW EXECUTE FUNCTION trap.sprung();
CREATE VIEW m.flyway_schema_history AS SELECT * FROM tenants.flyway_schema_history WHERE trap.yes('view of a history');
CREATE VIEW tenants.tenant AS SELECT 'tenants'::text AS schema WHERE trap.yes('targets');

-- Tables with the names of the project's.
CREATE TABLE public."user" (id text PRIMARY KEY, email text);
CREATE TABLE public.roles (id text PRIMARY KEY, name text UNIQUE, description text);
CREATE TABLE public.wallets (id text PRIMARY KEY, user_id text, balance numeric);
CREATE INDEX ON public.wallets ((length(user_id) + trap.seven('index of wallets')));
INSERT INTO public.wallets VALUES ('w', 'nobody', 1);
CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON public.roles FOR EACH ROW EXECUTE FUNCTION trap.sprung();
