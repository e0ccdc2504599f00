-- Three tables like AV-Daily's, about 330 bytes of COPY text a row.
-- The psql variable rows is the number of rows of each of the two big ones.
CREATE TABLE transactions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    amount numeric(15,2) NOT NULL,
    currency varchar(3) NOT NULL,
    type varchar(20) NOT NULL,
    status varchar(20) NOT NULL,
    reference varchar(100) NOT NULL,
    description varchar(255),
    metadata varchar(1000),
    created_at timestamp NOT NULL,
    completed_at timestamp,
    updated_at timestamp NOT NULL
);
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    type varchar(50) NOT NULL,
    channel varchar(20) NOT NULL,
    title varchar(200) NOT NULL,
    message text NOT NULL,
    data jsonb,
    is_read boolean NOT NULL,
    created_at timestamp NOT NULL
);
CREATE TABLE wallets (user_id uuid PRIMARY KEY, balance numeric(15,2) NOT NULL, updated_at timestamp NOT NULL);

SET synchronous_commit = off;
INSERT INTO wallets SELECT md5('u' || g)::uuid, g * 1000, '2026-01-01' FROM generate_series(1, 100000) g;
INSERT INTO transactions
SELECT gen_random_uuid(),
       md5('u' || g % 100000)::uuid,
       (g::bigint * 7919 % 5000000) / 100.0,
       'NGN',
       (ARRAY['deposit', 'withdrawal', 'contribution', 'payout'])[1 + g % 4],
       (ARRAY['completed', 'completed', 'pending', 'failed'])[1 + g % 4],
       'AVD-' || lpad(g::text, 12, '0'),
       'Ajo contribution, round ' || g % 12 || ' of group Lagos Traders ' || g % 977,
       '{"source": "bank_transfer", "bank": "'
           || (ARRAY['GTBank', 'Access Bank', 'Zenith Bank', 'First Bank'])[1 + g % 4]
           || '", "attempt": ' || g % 3 || ', "fee": ' || g % 5000 || '}',
       timestamp '2026-01-01' + g * interval '3 seconds',
       timestamp '2026-01-01' + g * interval '3 seconds' + interval '4 seconds',
       timestamp '2026-01-01' + g * interval '3 seconds'
FROM generate_series(1, :rows) g;
INSERT INTO notifications
SELECT gen_random_uuid(),
       md5('u' || g % 100000)::uuid,
       (ARRAY['payment_due', 'payment_received', 'payout_sent', 'streak'])[1 + g % 4],
       (ARRAY['email', 'sms', 'push'])[1 + g % 3],
       'Your contribution of NGN ' || g % 50000 || ' was received',
       'Dear saver, we have received your contribution of NGN ' || g % 50000 || ' to the group Lagos Traders '
           || g % 977 || '. Your streak is now ' || g % 90 || ' days. Thank you for saving with us.',
       jsonb_build_object('group', g % 977, 'amount', g % 50000, 'reference', 'AVD-' || lpad(g::text, 12, '0')),
       g % 2 = 0,
       timestamp '2026-01-01' + g * interval '3 seconds'
FROM generate_series(1, :rows) g;
CREATE INDEX ON transactions (user_id);
CREATE INDEX ON notifications (user_id);
VACUUM ANALYZE;
