-- Savings: plans, the movements of money, and one wallet a user.

CREATE TABLE savings_plans (
    id                  uuid          NOT NULL DEFAULT gen_random_uuid(),
    user_id             uuid          NOT NULL,
    plan_name           varchar(100)  NOT NULL,
    daily_amount        numeric(15,2) NOT NULL,
    cycle_duration      integer       NOT NULL,
    target_amount       numeric(15,2),
    current_amount      numeric(15,2) NOT NULL DEFAULT 0.00,
    auto_save_enabled   boolean       NOT NULL DEFAULT false,
    auto_save_time      time          NOT NULL DEFAULT '09:00:00',
    status              varchar(20)   NOT NULL DEFAULT 'active',
    start_date          date          NOT NULL,
    end_date            date          NOT NULL,
    interest_rate       numeric(5,4)  NOT NULL DEFAULT 0.0000,
    contribution_streak integer       NOT NULL DEFAULT 0,
    total_contributions integer       NOT NULL DEFAULT 0,
    currency            varchar(3)    NOT NULL,
    created_at          timestamp     NOT NULL DEFAULT now(),
    updated_at          timestamp     NOT NULL DEFAULT now(),
    minimum_balance     numeric(15,2) NOT NULL DEFAULT 0.00,
    version             integer       NOT NULL DEFAULT 1,
    CONSTRAINT savings_plans_pkey PRIMARY KEY (id),
    CONSTRAINT savings_plans_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX savings_plans_user_idx      ON savings_plans (user_id);
CREATE INDEX savings_plans_auto_save_idx ON savings_plans (auto_save_enabled, auto_save_time);
CREATE INDEX savings_plans_status_idx    ON savings_plans (status);
CREATE INDEX savings_plans_end_date_idx  ON savings_plans (end_date);
CREATE INDEX savings_plans_version_idx   ON savings_plans (version);

COMMENT ON COLUMN savings_plans.minimum_balance IS 'Balance which must stay in the plan';
COMMENT ON COLUMN savings_plans.version         IS 'Counter for optimistic concurrency control';


CREATE TABLE transactions (
    id             uuid          NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid          NOT NULL,
    plan_id        uuid,
    amount         numeric(15,2) NOT NULL,
    currency       varchar(3)    NOT NULL,
    type           varchar(20)   NOT NULL,
    status         varchar(20)   NOT NULL DEFAULT 'pending',
    reference      varchar(100)  NOT NULL,
    description    varchar(255),
    metadata       varchar(1000),
    created_at     timestamp     NOT NULL DEFAULT now(),
    completed_at   timestamp,
    updated_at     timestamp     NOT NULL DEFAULT now(),
    payment_source varchar(20)   NOT NULL,
    failed_at      timestamp,
    failure_reason varchar(255),
    CONSTRAINT transactions_pkey PRIMARY KEY (id),
    CONSTRAINT transactions_reference_unique UNIQUE (reference),
    CONSTRAINT transactions_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT transactions_plan_id_savings_plans_id_fk
        FOREIGN KEY (plan_id) REFERENCES savings_plans (id) ON DELETE SET NULL
);

CREATE INDEX transactions_user_idx           ON transactions (user_id);
CREATE INDEX transactions_plan_idx           ON transactions (plan_id);
CREATE INDEX transactions_type_idx           ON transactions (type);
CREATE INDEX transactions_status_idx         ON transactions (status);
CREATE INDEX transactions_reference_idx      ON transactions (reference);
CREATE INDEX transactions_created_at_idx     ON transactions (created_at);
CREATE INDEX transactions_payment_source_idx ON transactions (payment_source);


CREATE TABLE wallets (
    id         uuid          NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid          NOT NULL,
    balance    numeric(15,2) NOT NULL DEFAULT 0.00,
    currency   varchar(3)    NOT NULL,
    is_active  boolean       NOT NULL DEFAULT true,
    created_at timestamp     NOT NULL DEFAULT now(),
    updated_at timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT wallets_pkey PRIMARY KEY (id),
    CONSTRAINT wallets_user_id_unique UNIQUE (user_id),
    CONSTRAINT wallets_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX wallets_user_idx      ON wallets (user_id);
CREATE INDEX wallets_is_active_idx ON wallets (is_active);
