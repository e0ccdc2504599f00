-- Every kind of object that the schema reader reproduces, in its less usual forms. Loads on PostgreSQL 14 and newer, by a
-- superuser, into an empty database.
SET client_min_messages = warning;
DO $$ BEGIN
  CREATE ROLE torture_owner; CREATE ROLE "torture ""Reader"; CREATE ROLE torture_clerk;
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

CREATE SCHEMA app AUTHORIZATION torture_owner;
CREATE SCHEMA "Odd ""Schema";
CREATE SCHEMA ext;
COMMENT ON SCHEMA app IS 'The app''s own \ schema';
COMMENT ON SCHEMA public IS 'ours';

CREATE EXTENSION hstore WITH SCHEMA ext;
CREATE EXTENSION btree_gist WITH SCHEMA ext;
CREATE EXTENSION pg_trgm;
COMMENT ON EXTENSION hstore IS 'our own words';
REVOKE ALL ON FUNCTION ext.hstore_to_json(ext.hstore) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ext.hstore_to_json(ext.hstore) TO torture_clerk;

-- types
CREATE COLLATION app.plain (provider = libc, locale = 'C');
CREATE COLLATION app.two (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
COMMENT ON COLLATION app.plain IS 'bytes';
CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy');
ALTER TYPE app.mood ADD VALUE 'glum' BEFORE 'happy';
CREATE TYPE app.nothing AS ENUM ();
CREATE TYPE app."Address" AS (street text COLLATE app.plain, "House No" int, tags text[], mood app.mood);
COMMENT ON TYPE app."Address" IS 'where';
COMMENT ON COLUMN app."Address"."House No" IS 'number';
CREATE TYPE app.empty_composite AS ();
CREATE FUNCTION app.float_diff(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE app.float_range AS RANGE (subtype = float8, subtype_diff = app.float_diff, multirange_type_name = app.float_many);
CREATE TYPE app.text_range AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
CREATE DOMAIN app.positive AS int CONSTRAINT positive_check CHECK (VALUE > 0) CONSTRAINT small CHECK (VALUE < 1000000) NOT NULL DEFAULT 7;
COMMENT ON DOMAIN app.positive IS 'more than nothing';
COMMENT ON CONSTRAINT small ON DOMAIN app.positive IS 'not too much';
CREATE DOMAIN app.code AS varchar(12)[] COLLATE app.plain;
CREATE DOMAIN app.late AS text;
ALTER DOMAIN app.late ADD CONSTRAINT not_now CHECK (VALUE <> 'now') NOT VALID;
CREATE FUNCTION app.is_fine(app.late) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
ALTER DOMAIN app.late ADD CONSTRAINT fine CHECK (app.is_fine(VALUE)); -- a circle
ALTER TYPE app.mood OWNER TO torture_owner;
ALTER DOMAIN app.positive OWNER TO torture_owner;
GRANT USAGE ON TYPE app.mood TO torture_clerk WITH GRANT OPTION;
REVOKE USAGE ON DOMAIN app.positive FROM PUBLIC;

-- functions
CREATE FUNCTION app."Say It"(IN a int DEFAULT 3, INOUT b text DEFAULT 'it''s \ "x"', VARIADIC c numeric[] DEFAULT '{}', OUT d date) LANGUAGE plpgsql
  STABLE STRICT LEAKPROOF SECURITY DEFINER PARALLEL SAFE COST 17 SET search_path TO app, "Odd ""Schema" SET work_mem = '7MB' AS
$_$ BEGIN b := $$nested$$ || a; d := now(); END $_$;
COMMENT ON FUNCTION app."Say It"(int, text, numeric[]) IS 'says it';
ALTER FUNCTION app."Say It"(int, text, numeric[]) OWNER TO torture_owner;
CREATE FUNCTION app.rows_of(int) RETURNS TABLE (a int, "B b" text) LANGUAGE sql ROWS 5 AS 'SELECT 1, ''x''';
CREATE PROCEDURE app.work(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
COMMENT ON PROCEDURE app.work(int) IS 'works';
GRANT EXECUTE ON PROCEDURE app.work(int) TO "torture ""Reader";
CREATE FUNCTION app.body(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x + 1; SELECT x + 2; END;
CREATE FUNCTION app.trig() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION app.add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE FUNCTION app.ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE AGGREGATE app.total(int) (SFUNC = app.add, STYPE = int, INITCOND = '0', COMBINEFUNC = app.add, PARALLEL = SAFE,
  MSFUNC = app.add, MINVFUNC = app.add, MSTYPE = int, MINITCOND = '0');
CREATE AGGREGATE app.middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = SHAREABLE);
CREATE FUNCTION app.star_step(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
CREATE AGGREGATE app.star(*) (SFUNC = app.star_step, STYPE = int, INITCOND = '0');
CREATE AGGREGATE app.biggest(int) (SFUNC = int4larger, STYPE = int, SORTOP = >);
COMMENT ON AGGREGATE app.total(int) IS 'adds';
COMMENT ON AGGREGATE app.middle(float8 ORDER BY anyelement) IS 'the middle';
ALTER AGGREGATE app.total(int) OWNER TO torture_owner;
REVOKE ALL ON FUNCTION app.total(int) FROM PUBLIC;

-- text search
CREATE TEXT SEARCH DICTIONARY app.simple_dict (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION app.search (PARSER = "default");
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword, word WITH app.simple_dict, english_stem;
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR email WITH simple;
COMMENT ON TEXT SEARCH DICTIONARY app.simple_dict IS 'a dictionary';
COMMENT ON TEXT SEARCH CONFIGURATION app.search IS 'a configuration';
ALTER TEXT SEARCH DICTIONARY app.simple_dict OWNER TO torture_owner;

-- sequences
CREATE SEQUENCE app.numbers AS smallint START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 50 CACHE 7 CYCLE;
SELECT setval('app.numbers', 11, false);
COMMENT ON SEQUENCE app.numbers IS 'down';
GRANT USAGE, SELECT ON SEQUENCE app.numbers TO torture_clerk;
ALTER SEQUENCE app.numbers OWNER TO torture_owner;

-- tables
CREATE TABLE app.nobody ();
CREATE TABLE app.people (
  id int GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5 MAXVALUE 100000) PRIMARY KEY,
  gone int,
  "Full Name" text COLLATE "C" NOT NULL DEFAULT 'none' CHECK (length("Full Name") > 0),
  email varchar(100) CONSTRAINT email_once UNIQUE DEFERRABLE INITIALLY DEFERRED,
  mood app.mood DEFAULT 'sad',
  address app."Address",
  tags ext.hstore,
  price numeric(10,2) DEFAULT 1.50,
  age app.positive,
  born timestamptz DEFAULT '2020-01-01 00:00:00+00',
  low text GENERATED ALWAYS AS (lower("Full Name")) STORED,
  bits bit(3)[] DEFAULT '{101}',
  CONSTRAINT two_columns CHECK (price > 0 OR email IS NOT NULL),
  CONSTRAINT alone CHECK (price < 1000) NO INHERIT);
ALTER TABLE app.people DROP COLUMN gone;
ALTER TABLE app.people ADD CONSTRAINT not_checked CHECK (price <> 13) NOT VALID;
ALTER TABLE app.people ALTER COLUMN "Full Name" SET STATISTICS 300, ALTER COLUMN "Full Name" SET STORAGE EXTERNAL, ALTER COLUMN "Full Name" SET COMPRESSION pglz,
  ALTER COLUMN email SET (n_distinct = -0.5, n_distinct_inherited = 10);
ALTER TABLE app.people SET (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 77);
ALTER TABLE app.people ALTER COLUMN price SET DATA TYPE numeric(11,2);
COMMENT ON TABLE app.people IS 'People';
COMMENT ON COLUMN app.people."Full Name" IS 'as in the passport';
COMMENT ON CONSTRAINT people_pkey ON app.people IS 'the key';
COMMENT ON CONSTRAINT two_columns ON app.people IS 'either';
COMMENT ON CONSTRAINT not_checked ON app.people IS 'not yet';
COMMENT ON INDEX app.people_pkey IS 'the index of the key';
ALTER TABLE app.people OWNER TO torture_owner;
CREATE UNLOGGED TABLE app.scratch (id bigserial, n smallserial, x int DEFAULT nextval('app.numbers'));
CREATE TABLE app."Typed" OF app."Address" ("House No" WITH OPTIONS DEFAULT 1 NOT NULL, CHECK ("House No" > 0));
CREATE TABLE app.typed_plain OF app."Address";
CREATE TABLE "Odd ""Schema"."Table ""x" ("Col ""y" int DEFAULT 1, "select" text, b int GENERATED BY DEFAULT AS IDENTITY);
COMMENT ON COLUMN "Odd ""Schema"."Table ""x"."Col ""y" IS 'odd';
CREATE TABLE app.full_identity (a int, b int); ALTER TABLE app.full_identity REPLICA IDENTITY FULL;
CREATE TABLE app.no_identity (a int); ALTER TABLE app.no_identity REPLICA IDENTITY NOTHING;
CREATE TABLE app.index_identity (a int NOT NULL, b int); CREATE UNIQUE INDEX by_a ON app.index_identity (a); ALTER TABLE app.index_identity REPLICA IDENTITY USING INDEX by_a;
CREATE TABLE app.key_identity (a int PRIMARY KEY, b int); ALTER TABLE app.key_identity REPLICA IDENTITY USING INDEX key_identity_pkey;
CREATE TABLE public.own_row (a int, b int);
CREATE FUNCTION public.row_ok(public.own_row) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION public.row_default() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(a) FROM public.own_row; END;
ALTER TABLE public.own_row ADD CONSTRAINT whole CHECK (public.row_ok(own_row)), ALTER b SET DEFAULT public.row_default(); -- circles

-- inheritance
CREATE TABLE app.parent (a int DEFAULT 1, b text NOT NULL, c int GENERATED ALWAYS AS (a * 2) STORED, d int DEFAULT 4, CONSTRAINT of_parent CHECK (a > 0));
CREATE TABLE app.child (e int, b text NOT NULL) INHERITS (app.parent);
CREATE TABLE app.second (z int);
CREATE TABLE app.grandchild (LIKE app.parent) INHERITS (app.child, app.second);
CREATE TABLE app.lax (a int); CREATE TABLE app.strict () INHERITS (app.lax);
ALTER TABLE app.lax ADD CONSTRAINT positive CHECK (a > 0) NOT VALID; ALTER TABLE app.strict VALIDATE CONSTRAINT positive;
ALTER TABLE app.child ALTER a SET DEFAULT 5, ALTER d DROP DEFAULT, ALTER e SET NOT NULL;
ALTER TABLE app.child ALTER d SET NOT NULL;
CREATE TABLE app.adopted (a int, b text NOT NULL, c int GENERATED ALWAYS AS (a * 2) STORED, d int, own int, CONSTRAINT of_parent CHECK (a > 0));
ALTER TABLE app.adopted INHERIT app.parent;
ALTER TABLE app.parent ADD CONSTRAINT later CHECK (a < 100) NOT VALID;

-- partitions
CREATE TABLE app.events (id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), kind text CHECK (kind <> ''), n int DEFAULT 3) PARTITION BY RANGE (at);
CREATE TABLE app.events_old (n int, kind text CONSTRAINT events_kind_check CHECK (kind <> ''), extra int, at timestamptz NOT NULL, id bigint NOT NULL DEFAULT 9);
ALTER TABLE app.events_old DROP COLUMN extra;
ALTER TABLE app.events ATTACH PARTITION app.events_old FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00:00+00');
CREATE TABLE app.events_new PARTITION OF app.events FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2030-01-01 00:00:00+00') PARTITION BY LIST (kind);
CREATE TABLE app.events_new_a PARTITION OF app.events_new FOR VALUES IN ('a', NULL) WITH (fillfactor = 50);
CREATE TABLE app.events_new_rest PARTITION OF app.events_new DEFAULT;
CREATE TABLE app.events_rest PARTITION OF app.events (n DEFAULT 8, CHECK (n > 2)) DEFAULT;
ALTER TABLE app.events ADD PRIMARY KEY (id, at, kind);
CREATE INDEX events_n ON app.events (n DESC NULLS LAST);
CREATE INDEX events_lone ON ONLY app.events (kind);
CREATE INDEX events_old_only ON app.events_old (n, id);
CREATE TABLE app.hashed (mood app.mood, n int) PARTITION BY HASH (mood);
CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.by_expression (a int, t text COLLATE app.plain) PARTITION BY RANGE (app.add(a, 1), t COLLATE "C" text_pattern_ops);
CREATE TABLE app.by_expression_1 PARTITION OF app.by_expression FOR VALUES FROM (1, 'a') TO (5, MAXVALUE);
CREATE TABLE app.refers (id int PRIMARY KEY, e_id bigint, e_at timestamptz, e_kind text, FOREIGN KEY (e_id, e_at, e_kind) REFERENCES app.events (id, at, kind)) PARTITION BY LIST (id);
CREATE TABLE app.refers_1 PARTITION OF app.refers FOR VALUES IN (1);
ALTER TABLE app.refers ADD CONSTRAINT to_people FOREIGN KEY (id) REFERENCES app.people (id);
COMMENT ON TABLE app.events_old IS 'a partition';

-- keys, constraints, indexes
CREATE TABLE app.a (id int CONSTRAINT "Pk" PRIMARY KEY WITH (fillfactor = 60), b_id int, period tsrange, room int, EXCLUDE USING gist (room WITH =, period WITH &&) WITH (fillfactor = 80) WHERE (room > 0) DEFERRABLE);
CREATE TABLE app.b (id int PRIMARY KEY, a_id int REFERENCES app.a ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE, parent int REFERENCES app.b, x int, y int, UNIQUE (x) INCLUDE (y) WITH (fillfactor = 55),
  CONSTRAINT defers UNIQUE (y, x) WITH (fillfactor = 44) DEFERRABLE);
ALTER TABLE app.a ADD CONSTRAINT a_b FOREIGN KEY (b_id) REFERENCES app.b (id) MATCH FULL NOT VALID; -- a circle of keys
COMMENT ON CONSTRAINT a_b ON app.a IS 'to b';
CREATE INDEX "Idx Expr" ON app.people USING btree (lower(email) COLLATE "C" text_pattern_ops DESC, id) INCLUDE (price) WITH (fillfactor = 66) WHERE email IS NOT NULL AND price > 1;
ALTER INDEX app."Idx Expr" ALTER COLUMN 1 SET STATISTICS 44;
COMMENT ON INDEX app."Idx Expr" IS 'expression';
CREATE INDEX trigrams ON app.people USING gin (email public.gin_trgm_ops);
CREATE INDEX hashes ON app.people USING hash (email);
CREATE INDEX blocks ON app.people USING brin (born) WITH (pages_per_range = 8);
CREATE UNIQUE INDEX for_cluster ON app.b (y); ALTER TABLE app.b CLUSTER ON for_cluster;
CREATE TABLE app.clustered (a int PRIMARY KEY); ALTER TABLE app.clustered CLUSTER ON clustered_pkey;
CREATE STATISTICS app.stats (ndistinct, dependencies, mcv) ON price, age FROM app.people;
CREATE STATISTICS app.stats_expr ON (lower(email)), (price * 2) FROM app.people;
ALTER STATISTICS app.stats SET STATISTICS 500;
COMMENT ON STATISTICS app.stats IS 'together';
ALTER STATISTICS app.stats OWNER TO torture_owner;

-- views
CREATE VIEW app.simple WITH (security_barrier) AS SELECT id, "Full Name" AS "N", price FROM app.people WHERE price > 1 WITH LOCAL CHECK OPTION;
ALTER VIEW app.simple ALTER COLUMN price SET DEFAULT 5;
ALTER VIEW app.simple RENAME COLUMN id TO "Id";
CREATE VIEW app.cascaded AS SELECT * FROM app.simple WHERE price > 2 WITH CASCADED CHECK OPTION;
COMMENT ON VIEW app.simple IS 'simple';
COMMENT ON COLUMN app.simple."N" IS 'name';
CREATE VIEW app.grouped AS SELECT p.id, p."Full Name", p.address, count(*) AS n FROM app.people p GROUP BY p.id; -- needs the primary key
CREATE VIEW app.on_grouped AS SELECT id, n FROM app.grouped;
CREATE RULE grouped_ins AS ON INSERT TO app.grouped DO INSTEAD NOTHING;
COMMENT ON VIEW app.grouped IS 'grouped';
CREATE MATERIALIZED VIEW app.grouped_mat AS SELECT p.id, p.email, count(*) AS n FROM app.people p GROUP BY p.id WITH NO DATA;
CREATE VIEW app.on_grouped_mat AS SELECT * FROM app.grouped_mat;
CREATE FUNCTION app.grouped_fn() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM (SELECT p.id, p.email FROM app.people p GROUP BY p.id) x; END;
CREATE VIEW app.circle AS SELECT 1 AS a, 'x'::text COLLATE "C" AS b, '{}'::app.mood[] AS c;
CREATE FUNCTION app.of_circle(app.circle) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE OR REPLACE VIEW app.circle WITH (security_barrier) AS SELECT app.of_circle(NULL) AS a, 'x'::text COLLATE "C" AS b, '{}'::app.mood[] AS c;
CREATE RECURSIVE VIEW app.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE MATERIALIZED VIEW app.z_first WITH (fillfactor = 33) AS SELECT id, price FROM app.people;
CREATE VIEW app.between_them AS SELECT * FROM app.z_first;
CREATE MATERIALIZED VIEW app.a_second AS SELECT count(*) FROM app.between_them;
CREATE UNIQUE INDEX z_first_id ON app.z_first (id);
ALTER MATERIALIZED VIEW app.z_first ALTER COLUMN price SET STATISTICS 77;
ALTER MATERIALIZED VIEW app.z_first OWNER TO torture_owner;
COMMENT ON MATERIALIZED VIEW app.z_first IS 'first';
COMMENT ON COLUMN app.z_first.price IS 'cost';

-- rules, triggers, policies
CREATE RULE "No Delete" AS ON DELETE TO app.b WHERE old.x > 5 DO INSTEAD (UPDATE app.b SET y = 0; DELETE FROM app.a);
CREATE RULE also AS ON INSERT TO app.b DO ALSO SELECT 1; ALTER TABLE app.b DISABLE RULE also;
COMMENT ON RULE also ON app.b IS 'a rule';
CREATE TRIGGER "Before It" BEFORE INSERT OR UPDATE OF x, y ON app.b FOR EACH ROW WHEN (NEW.x IS DISTINCT FROM 3) EXECUTE FUNCTION app.trig('an''arg', '2');
CREATE TRIGGER tables AFTER UPDATE ON app.b REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION app.trig();
CREATE CONSTRAINT TRIGGER checks AFTER INSERT ON app.b DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.trig();
CREATE TRIGGER off BEFORE DELETE ON app.b FOR EACH ROW EXECUTE FUNCTION app.trig(); ALTER TABLE app.b DISABLE TRIGGER off;
CREATE TRIGGER replica BEFORE TRUNCATE ON app.b EXECUTE FUNCTION app.trig(); ALTER TABLE app.b ENABLE REPLICA TRIGGER replica;
CREATE TRIGGER always BEFORE DELETE ON app.b EXECUTE FUNCTION app.trig(); ALTER TABLE app.b ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER instead INSTEAD OF UPDATE ON app.grouped FOR EACH ROW EXECUTE FUNCTION app.trig();
CREATE TRIGGER on_parts AFTER INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.trig(); ALTER TABLE app.events_old DISABLE TRIGGER on_parts;
COMMENT ON TRIGGER off ON app.b IS 'off';
ALTER TABLE app.people ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.b FORCE ROW LEVEL SECURITY;
CREATE POLICY "All Of Us" ON app.people USING (price > 1 AND id IN (SELECT id FROM app.b)) WITH CHECK (price > 2);
CREATE POLICY "only" ON app.people AS RESTRICTIVE FOR SELECT TO torture_clerk, "torture ""Reader" USING (true);
CREATE POLICY adding ON app.people FOR INSERT TO CURRENT_USER WITH CHECK (email <> '');
COMMENT ON POLICY "only" ON app.people IS 'a policy';
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.ddl();
CREATE EVENT TRIGGER watch_off ON sql_drop EXECUTE FUNCTION app.ddl(); ALTER EVENT TRIGGER watch_off DISABLE;
COMMENT ON EVENT TRIGGER watch IS 'watches';
ALTER FUNCTION app.float_diff(float8, float8) DEPENDS ON EXTENSION hstore;
ALTER INDEX app.trigrams DEPENDS ON EXTENSION pg_trgm;

-- privileges
GRANT USAGE, CREATE ON SCHEMA app TO torture_clerk;
GRANT SELECT, INSERT ON app.people TO torture_clerk WITH GRANT OPTION;
SET SESSION AUTHORIZATION torture_clerk;
GRANT SELECT ON app.people TO "torture ""Reader";
RESET SESSION AUTHORIZATION;
GRANT UPDATE (email, price), SELECT ("Full Name") ON app.people TO "torture ""Reader";
GRANT SELECT ON app.a TO PUBLIC;
REVOKE DELETE ON app.b FROM CURRENT_USER;
REVOKE ALL ON app.full_identity FROM CURRENT_USER;
GRANT SELECT ON app.simple, app.z_first TO torture_clerk;
GRANT USAGE ON SCHEMA "Odd ""Schema" TO "torture ""Reader" WITH GRANT OPTION;
GRANT CREATE ON SCHEMA public TO torture_clerk;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON FUNCTION app.add(int, int) FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC;
REVOKE SELECT ON pg_catalog.pg_stats FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE torture_owner IN SCHEMA app GRANT SELECT ON TABLES TO torture_clerk;
ALTER DEFAULT PRIVILEGES FOR ROLE torture_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE torture_owner GRANT USAGE ON SCHEMAS TO torture_clerk WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE torture_owner GRANT USAGE ON SEQUENCES TO "torture ""Reader";
ALTER DEFAULT PRIVILEGES FOR ROLE torture_owner REVOKE USAGE ON TYPES FROM PUBLIC;
