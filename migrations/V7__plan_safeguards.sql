-- Plan safeguards: a balance that stays in the plan, and a version that tells concurrent writers apart.
--
-- The defaults are constants, so PostgreSQL keeps them in the catalog and does not rewrite the table.

ALTER TABLE savings_plans
    ADD COLUMN minimum_balance numeric(15,2) NOT NULL DEFAULT 0.00,
    ADD COLUMN version         integer       NOT NULL DEFAULT 1;

COMMENT ON COLUMN savings_plans.minimum_balance IS 'Balance which must stay in the plan';
COMMENT ON COLUMN savings_plans.version         IS 'Counter for optimistic concurrency control';

CREATE INDEX savings_plans_version_idx ON savings_plans (version);
