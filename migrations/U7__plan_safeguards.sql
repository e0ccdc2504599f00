-- Takes V7 back: both columns go with their values and comments.

DROP INDEX savings_plans_version_idx;

ALTER TABLE savings_plans
    DROP COLUMN version,
    DROP COLUMN minimum_balance;
