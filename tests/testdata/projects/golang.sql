-- As golang-migrate finds it: a schema of its own, uuids by default, checks, computed columns, plain SQL files.
CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
CREATE SCHEMA billing;
CREATE TABLE billing.accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug text NOT NULL UNIQUE,
  balance_minor bigint NOT NULL DEFAULT 0, balance numeric GENERATED ALWAYS AS (balance_minor / 100.0) STORED,
  ip inet, CHECK (slug = lower(slug)));
CREATE TABLE billing.entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES billing.accounts ON DELETE CASCADE, amount_minor bigint NOT NULL, tags text[] NOT NULL,
  valid daterange, at timestamptz NOT NULL);
CREATE INDEX entries_account_idx ON billing.entries (account_id);
-- rows
INSERT INTO schema_migrations VALUES (3, false);
INSERT INTO billing.accounts (slug, balance_minor, ip) VALUES ('ada', 1250, '10.0.0.1'), ('no', -3, NULL);
INSERT INTO billing.entries (account_id, amount_minor, tags, valid, at)
  SELECT (SELECT id FROM billing.accounts WHERE slug = CASE WHEN n % 2 = 0 THEN 'ada' ELSE 'no' END), n, ARRAY['x', 'null'],
    daterange(date '2024-01-01', date '2024-01-01' + n), timestamptz '2024-01-01 00:00Z' + n * interval '1 hour'
  FROM generate_series(1, 40) n;
