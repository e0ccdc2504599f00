-- Fills a migrated, empty database with :rows transactions that agree with each other: a fiftieth as many users,
-- each with a wallet and one or two plans. Indexes and foreign keys of the big table are built afterwards.
\set ON_ERROR_STOP 1
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

CREATE FUNCTION pg_temp.key(space int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
  RETURN (lpad(to_hex(space), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;

CREATE TEMP TABLE later AS
  SELECT 1 AS pass, indexdef AS build, format('DROP INDEX %I', indexname) AS clear
    FROM pg_indexes
    WHERE tablename = 'transactions' AND indexname NOT IN (SELECT conname FROM pg_constraint)
  UNION ALL
  SELECT CASE contype WHEN 'f' THEN 3 ELSE 2 END,
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
         format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
    FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f')
      AND (conrelid = 'transactions'::regclass OR confrelid = 'transactions'::regclass);
SELECT clear FROM later ORDER BY pass DESC \gexec

SELECT :rows / 50 AS users, :rows * 3 / 100 AS plans \gset
INSERT INTO "user" (id, name, email, email_verified, phone_number, created_at)
  SELECT pg_temp.key(1, n), 'Bench', 'bench' || n || '@example.test', true, '+234700' || lpad(n::text, 7, '0'),
         now() - interval '400 days'
  FROM generate_series(0, :users - 1) n;
INSERT INTO wallets (id, user_id, balance, currency)
  SELECT pg_temp.key(2, n), pg_temp.key(1, n), 1000, 'NGN' FROM generate_series(0, :users - 1) n;
INSERT INTO notification_preferences (user_id) SELECT pg_temp.key(1, n) FROM generate_series(0, :users - 1) n;
INSERT INTO savings_plans (id, user_id, plan_name, daily_amount, cycle_duration, target_amount, current_amount,
                           total_contributions, status, start_date, end_date, currency)
  SELECT pg_temp.key(3, p), pg_temp.key(1, p % :users), 'Bench ' || p, 100, 360, 36000, 100 * count,
         count, 'active', current_date - 300, current_date + 60, 'NGN'
  FROM generate_series(0, :plans - 1) p,
       LATERAL (SELECT :rows / :plans + CASE WHEN p < :rows % :plans THEN 1 ELSE 0 END AS count) c;
INSERT INTO user_analytics (user_id, total_saved, total_contributions, active_plans, currency)
  SELECT user_id, sum(current_amount), sum(total_contributions), count(*), 'NGN' FROM savings_plans GROUP BY user_id;
INSERT INTO transactions (id, user_id, plan_id, amount, currency, type, status, reference, created_at, completed_at,
                          payment_source)
  SELECT pg_temp.key(4, n), pg_temp.key(1, n % :plans % :users), pg_temp.key(3, n % :plans), 100, 'NGN',
         'contribution', 'completed', 'BENCH-' || n, at, at + interval '3 seconds', 'card'
  FROM generate_series(0, :rows - 1) n,
       LATERAL (SELECT now() - interval '290 days' + n / :plans * interval '1 day' AS at) t;
SELECT build FROM later ORDER BY pass \gexec
VACUUM (ANALYZE);
