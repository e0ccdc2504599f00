-- Takes V8 back: the three columns go with their values, and a currency is naira again unless given.

DROP INDEX transactions_payment_source_idx;

ALTER TABLE transactions
    DROP COLUMN failure_reason,
    DROP COLUMN failed_at,
    DROP COLUMN payment_source,
    ALTER COLUMN currency SET DEFAULT 'NGN';

ALTER TABLE daily_analytics     ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE user_analytics      ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE group_payouts       ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE group_contributions ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE ajo_groups          ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE wallets             ALTER COLUMN currency SET DEFAULT 'NGN';
ALTER TABLE savings_plans       ALTER COLUMN currency SET DEFAULT 'NGN';
