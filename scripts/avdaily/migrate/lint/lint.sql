-- The rules of 'avdaily-migrate lint'. Each has its severity, its title, the reason, and two examples on the tables
-- under "given". The examples are also its test: "bad" is reported, "good" is not. A rule "on a big table" only informs
-- if the table is small. "--- then" begins another migration.

--- given
CREATE TABLE payments (
    id bigint PRIMARY KEY, user_id bigint NOT NULL, amount numeric NOT NULL, note varchar(20), source text,
    paid_at timestamp
);
CREATE TABLE users (id bigint PRIMARY KEY, email text, phone text NOT NULL, legacy text);
CREATE TABLE bookings (room int, during tsrange);
CREATE TABLE leftovers (id int);
CREATE INDEX payments_user_idx ON payments (user_id);
CREATE TABLE visits (day date NOT NULL, page text) PARTITION BY RANGE (day);
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE MATERIALIZED VIEW totals AS SELECT day, count(*) AS visits FROM visits GROUP BY day;
CREATE UNIQUE INDEX totals_day_idx ON totals (day);
CREATE TYPE mood AS ENUM ('fine', 'well');

--- rule not-null-without-default: dangerous
-- A NOT NULL column without a default
-- It fails on every table that has a row, so it works on a developer's machine and not in production.
--- bad
ALTER TABLE payments ADD COLUMN channel text NOT NULL;
--- good
ALTER TABLE payments ADD COLUMN channel text NOT NULL DEFAULT 'card';
ALTER TABLE payments ALTER COLUMN channel DROP DEFAULT;

--- rule volatile-default: dangerous on a big table
-- A column whose default differs from row to row
-- The whole table is written anew under a lock that shuts out reading too. A constant default is only noted in the
-- catalog.
--- bad
ALTER TABLE payments ADD COLUMN token uuid DEFAULT gen_random_uuid();
--- good
ALTER TABLE payments ADD COLUMN token uuid;
ALTER TABLE payments ALTER COLUMN token SET DEFAULT gen_random_uuid();

--- rule serial-column: dangerous on a big table
-- A column that numbers the rows (serial or identity), added later
-- The whole table is written anew under a lock that shuts out reading too.
--- bad
ALTER TABLE payments ADD COLUMN number bigserial;
--- good
ALTER TABLE payments ADD COLUMN number bigint;
CREATE SEQUENCE payments_number_seq OWNED BY payments.number;
ALTER TABLE payments ALTER COLUMN number SET DEFAULT nextval('payments_number_seq');

--- rule stored-generated-column: dangerous on a big table
-- A stored generated column, added later
-- The whole table is written anew under a lock that shuts out reading too.
--- bad
ALTER TABLE payments ADD COLUMN fee numeric GENERATED ALWAYS AS (amount * 0.02) STORED;
--- good
ALTER TABLE payments ADD COLUMN fee numeric;
CREATE VIEW payments_with_fee AS SELECT p.id, p.amount * 0.02 AS fee FROM payments p;

--- rule type-change: dangerous on a big table
-- A column's type changes so that the table is written anew
-- Every row and every index is written anew under a lock that shuts out reading too. Longer varchar, or varchar to
-- text, is free.
--- bad
ALTER TABLE payments ALTER COLUMN id TYPE numeric;
--- good
ALTER TABLE payments ALTER COLUMN note TYPE text;

--- rule set-not-null: dangerous on a big table
-- SET NOT NULL reads the whole table
-- It does so under a lock that shuts out reading. With a valid CHECK (... IS NOT NULL) PostgreSQL need not look.
--- bad
ALTER TABLE payments ALTER COLUMN source SET NOT NULL;
--- good
ALTER TABLE payments ADD CONSTRAINT payments_source_set CHECK (source IS NOT NULL) NOT VALID;
--- then
ALTER TABLE payments VALIDATE CONSTRAINT payments_source_set;
--- then
ALTER TABLE payments ALTER COLUMN source SET NOT NULL;
ALTER TABLE payments DROP CONSTRAINT payments_source_set;

--- rule check-without-not-valid: dangerous on a big table
-- A CHECK constraint that reads the whole table
-- It does so under a lock that shuts out reading. NOT VALID holds for new rows at once; VALIDATE lets others work.
--- bad
ALTER TABLE payments ADD CONSTRAINT payments_amount_positive CHECK (amount > 0);
--- good
ALTER TABLE payments ADD CONSTRAINT payments_amount_positive CHECK (amount > 0) NOT VALID;
--- then
ALTER TABLE payments VALIDATE CONSTRAINT payments_amount_positive;

--- rule foreign-key-without-not-valid: dangerous on a big table
-- A foreign key that reads both tables
-- Nobody can write to either table meanwhile. NOT VALID holds for new rows at once; VALIDATE lets others work.
--- bad
ALTER TABLE payments ADD CONSTRAINT payments_user_fk FOREIGN KEY (user_id) REFERENCES users (id);
--- good
ALTER TABLE payments ADD CONSTRAINT payments_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
--- then
ALTER TABLE payments VALIDATE CONSTRAINT payments_user_fk;

--- rule unique-without-index: dangerous on a big table
-- A unique or primary key that builds its index
-- The index is built under a lock that shuts out reading. Build it CONCURRENTLY before, and let the constraint take
-- it over.
--- bad
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE (phone);
--- good
CREATE UNIQUE INDEX CONCURRENTLY users_phone_key ON users (phone);
--- then
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE USING INDEX users_phone_key;

--- rule exclusion-constraint: dangerous on a big table
-- An exclusion constraint builds its index
-- The index is built under a lock that shuts out reading, and there is no way to build it before: make it with the
-- table.
--- bad
ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING gist (during WITH &&);
--- good
CREATE TABLE bookings_anew (room int, during tsrange, EXCLUDE USING gist (during WITH &&));

--- rule index-not-concurrent: dangerous on a big table
-- An index that is not built CONCURRENTLY
-- Nobody can write to the table while it is built.
--- bad
CREATE INDEX payments_paid_at_idx ON payments (paid_at);
--- good
CREATE INDEX CONCURRENTLY payments_paid_at_idx ON payments (paid_at);

--- rule drop-index-not-concurrent: warning on a big table
-- An index that is not dropped CONCURRENTLY
-- It takes a lock that shuts out reading, and keeps it to the end of the transaction.
--- bad
DROP INDEX payments_user_idx;
--- good
DROP INDEX CONCURRENTLY payments_user_idx;

--- rule reindex-not-concurrent: dangerous on a big table
-- An index that is rebuilt, and not CONCURRENTLY
-- Nobody can write to the table meanwhile, nor read through the index. Upkeep is no migration: REINDEX CONCURRENTLY
-- from outside.
--- bad
REINDEX INDEX payments_user_idx;
--- good
CREATE INDEX CONCURRENTLY payments_user_new_idx ON payments (user_id);
--- then
DROP INDEX CONCURRENTLY payments_user_idx;

--- rule refresh-not-concurrent: dangerous on a big table
-- A materialized view that is filled anew, and not CONCURRENTLY
-- Nobody can read it meanwhile. CONCURRENTLY needs a unique index on columns, without a condition.
--- bad
REFRESH MATERIALIZED VIEW totals;
--- good
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;

--- rule detach-not-concurrent: warning on a big table
-- A partition that is not detached CONCURRENTLY
-- It takes a lock that shuts out reading the whole partitioned table, and keeps it to the end of the transaction. Where
-- there is a default partition, PostgreSQL knows no other way.
--- bad
ALTER TABLE visits DETACH PARTITION visits_2025;
--- good
ALTER TABLE visits DETACH PARTITION visits_2025 CONCURRENTLY;

--- rule no-transaction-among-others: dangerous
-- A statement that cannot run in a transaction, in a file with others that can
-- 'up' runs such a file statement by statement: if one fails, those before it stay.
--- bad
ALTER TABLE payments ADD COLUMN channel text;
CREATE INDEX CONCURRENTLY payments_source_idx ON payments (source);
--- good
ALTER TABLE payments ADD COLUMN channel text;
--- then
CREATE INDEX CONCURRENTLY payments_source_idx ON payments (source);

--- rule rename-column: dangerous
-- A column gets another name
-- Programs that run already know the old one, and fail until all are new.
--- bad
ALTER TABLE users RENAME COLUMN email TO mail;
--- good
ALTER TABLE users ADD COLUMN mail text;

--- rule rename-table: dangerous
-- A table gets another name
-- Programs that run already know the old one, and fail until all are new.
--- bad
ALTER TABLE users RENAME TO people;
--- good
CREATE VIEW people AS SELECT * FROM users;

--- rule rename-enum-value: dangerous
-- A value of an enum gets another name
-- Programs that run already write the old one, and fail until all are new.
--- bad
ALTER TYPE mood RENAME VALUE 'fine' TO 'good';
--- good
-- lint:ignore rename-enum-value no program knows the old name
ALTER TYPE mood RENAME VALUE 'fine' TO 'good';

--- rule drop-column: dangerous
-- A column is dropped
-- Its values are lost, and programs that run already and know it fail.
--- bad
ALTER TABLE users DROP COLUMN legacy;
--- good
-- lint:ignore drop-column nothing reads or writes it since the release before
ALTER TABLE users DROP COLUMN legacy;

--- rule drop-table: dangerous
-- A table is dropped
-- Its rows are lost, and programs that run already and know it fail.
--- bad
DROP TABLE leftovers;
--- good
-- lint:ignore drop-table nothing reads or writes it since the release before
DROP TABLE leftovers;

--- rule truncate: dangerous
-- A table is emptied
-- All its rows are lost, with CASCADE those of every table that refers to it too.
--- bad
TRUNCATE users CASCADE;
--- good
DELETE FROM users WHERE legacy = 'test';

--- rule table-rewrite: dangerous on a big table
-- The table is written anew
-- Nobody can read it meanwhile.
--- bad
ALTER TABLE payments SET UNLOGGED;
--- good
ALTER TABLE payments SET (fillfactor = 80);

--- rule table-scan: dangerous on a big table
-- The whole table is read under a lock that keeps others from writing
-- They wait for as long as that takes.
--- bad
CREATE TABLE bookings_by_time (room int, during tsrange) PARTITION BY LIST (room);
ALTER TABLE bookings_by_time ATTACH PARTITION bookings FOR VALUES IN (1);
--- good
CREATE TABLE bookings_by_time (room int, during tsrange) PARTITION BY LIST (room);
CREATE TABLE bookings_of_1 PARTITION OF bookings_by_time FOR VALUES IN (1);

--- rule work-under-lock: dangerous on a big table
-- Long work while a lock is held that an earlier statement took
-- Locks last to the end of the transaction: who wants that table waits for the work too. Give it a migration of its
-- own, which runs in batches ('-- batch:') if it is about many rows.
--- bad
ALTER TABLE users ADD COLUMN tier int;
UPDATE payments SET note = 'old' WHERE paid_at < '2020-01-01';
--- good
ALTER TABLE users ADD COLUMN tier int;
--- then
UPDATE payments SET note = 'old' WHERE paid_at < '2020-01-01';

--- rule several-passes: warning on a big table
-- Several ALTER TABLE go through one table
-- It is read or written anew each time. PostgreSQL does all actions of one ALTER TABLE in one pass.
--- bad
ALTER TABLE payments ALTER COLUMN id TYPE numeric;
ALTER TABLE payments ALTER COLUMN user_id TYPE numeric;
--- good
-- lint:ignore type-change done in the nightly window, when nobody works
ALTER TABLE payments ALTER COLUMN id TYPE numeric, ALTER COLUMN user_id TYPE numeric;

--- rule lock-table: warning on a big table
-- LOCK TABLE
-- Nobody can write to the table until the transaction ends.
--- bad
LOCK TABLE payments;
--- good
SELECT id FROM payments WHERE id = 1 FOR UPDATE;

--- rule lock-timeout-changed: warning
-- The file changes lock_timeout
-- 'up' waits two seconds for a lock and then tries again, so that nobody queues behind it for long. This takes that
-- away.
--- bad
SET lock_timeout = '10min';
--- good
SET statement_timeout = '10min';

--- rule foreign-key-without-index: warning
-- A foreign key whose columns no index begins with
-- Each delete or change of a key in the other table reads this one whole.
--- bad
CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint REFERENCES payments (id));
--- good
CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint REFERENCES payments (id));
CREATE INDEX refunds_payment_idx ON refunds (payment_id);

--- rule json-column: warning
-- A column of type json
-- It has no equality, so DISTINCT, GROUP BY and UNION fail on it, and no index. jsonb has all of that.
--- bad
ALTER TABLE payments ADD COLUMN details json;
--- good
ALTER TABLE payments ADD COLUMN details jsonb;

--- rule ignored-without-reason: dangerous
-- lint:ignore without a reason
-- Who comes later has to know why it was right. It ignores nothing until it says so.
--- bad
-- lint:ignore drop-column
ALTER TABLE users ADD COLUMN tier int;
--- good
ALTER TABLE users ADD COLUMN tier int;
