-- As Rails makes it: bigserials, timestamps, unique indexes also of some rows, its own two tables.
CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp(6) NOT NULL,
  updated_at timestamp(6) NOT NULL);
CREATE TABLE organizations (id bigserial PRIMARY KEY, name varchar NOT NULL, settings jsonb DEFAULT '{}' NOT NULL,
  created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
CREATE TABLE plans (id bigserial PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organizations, code varchar NOT NULL,
  amount_cents bigint DEFAULT 0 NOT NULL, parent_id bigint REFERENCES plans, deleted_at timestamp(6),
  created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
CREATE UNIQUE INDEX index_plans_on_organization_id_and_code ON plans (organization_id, code) WHERE deleted_at IS NULL;
CREATE INDEX index_plans_on_organization_id ON plans (organization_id);
CREATE INDEX index_plans_on_parent_id ON plans (parent_id);
-- rows
INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000');
INSERT INTO ar_internal_metadata VALUES ('environment', 'development', now(), now());
INSERT INTO organizations (name, settings, created_at, updated_at)
  VALUES ('Acme', '{"tz": "UTC"}', '2024-01-01 10:00:00.123456', '2024-01-01'), ('Acme', '{}', '2024-01-02', '2024-01-02');
INSERT INTO plans (organization_id, code, amount_cents, parent_id, deleted_at, created_at, updated_at) VALUES
  (1, 'basic', 100, NULL, '2024-02-01', '2024-01-01', '2024-01-01'), (1, 'basic', 200, 1, NULL, '2024-03-01', '2024-03-01'),
  (1, 'basic', 300, 2, '2024-04-01', '2024-03-01', '2024-03-01'), (2, 'basic', 50, NULL, NULL, '2024-01-01', '2024-01-01');
