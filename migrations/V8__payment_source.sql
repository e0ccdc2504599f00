-- Payment source: what a transaction was paid with, and when and why it failed. A currency now has to be given, not
-- assumed.

ALTER TABLE savings_plans       ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE wallets             ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE ajo_groups          ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE group_contributions ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE group_payouts       ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE user_analytics      ALTER COLUMN currency DROP DEFAULT;
ALTER TABLE daily_analytics     ALTER COLUMN currency DROP DEFAULT;

-- The default is there for the rows which exist already: PostgreSQL keeps a constant one in the catalog and shows it in
-- their place, without rewriting the table. New rows must name their source, so it goes again; the old rows keep it.
-- Two statements, because one ALTER TABLE drops before it adds. They come last, so that the biggest table is locked
-- for the shortest time.
ALTER TABLE transactions
    ALTER COLUMN currency DROP DEFAULT,
    ADD COLUMN payment_source varchar(20)  NOT NULL DEFAULT 'wallet',
    ADD COLUMN failed_at      timestamp,
    ADD COLUMN failure_reason varchar(255);

ALTER TABLE transactions
    ALTER COLUMN payment_source DROP DEFAULT;

CREATE INDEX transactions_payment_source_idx ON transactions (payment_source);
