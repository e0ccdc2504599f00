-- Analytics: totals a user and a day, and the milestones and rewards users have earned.

CREATE TABLE user_analytics (
    id                     uuid          NOT NULL DEFAULT gen_random_uuid(),
    user_id                uuid          NOT NULL,
    total_saved            numeric(15,2) NOT NULL DEFAULT 0.00,
    total_withdrawn        numeric(15,2) NOT NULL DEFAULT 0.00,
    current_streak         integer       NOT NULL DEFAULT 0,
    longest_streak         integer       NOT NULL DEFAULT 0,
    total_contributions    integer       NOT NULL DEFAULT 0,
    completed_plans        integer       NOT NULL DEFAULT 0,
    active_plans           integer       NOT NULL DEFAULT 0,
    total_interest_earned  numeric(15,2) NOT NULL DEFAULT 0.00,
    currency               varchar(3)    NOT NULL,
    last_contribution_date date,
    created_at             timestamp     NOT NULL DEFAULT now(),
    updated_at             timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT user_analytics_pkey PRIMARY KEY (id),
    CONSTRAINT user_analytics_user_id_unique UNIQUE (user_id),
    CONSTRAINT user_analytics_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX user_analytics_user_idx   ON user_analytics (user_id);
CREATE INDEX user_analytics_streak_idx ON user_analytics (current_streak);


CREATE TABLE daily_analytics (
    id                        uuid          NOT NULL DEFAULT gen_random_uuid(),
    date                      date          NOT NULL,
    total_users               integer       NOT NULL DEFAULT 0,
    active_users              integer       NOT NULL DEFAULT 0,
    new_users                 integer       NOT NULL DEFAULT 0,
    total_savings_plans       integer       NOT NULL DEFAULT 0,
    active_savings_plans      integer       NOT NULL DEFAULT 0,
    total_contributions       integer       NOT NULL DEFAULT 0,
    total_contribution_amount numeric(15,2) NOT NULL DEFAULT 0.00,
    total_withdrawals         integer       NOT NULL DEFAULT 0,
    total_withdrawal_amount   numeric(15,2) NOT NULL DEFAULT 0.00,
    active_ajo_groups         integer       NOT NULL DEFAULT 0,
    currency                  varchar(3)    NOT NULL,
    created_at                timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT daily_analytics_pkey PRIMARY KEY (id)
);

CREATE INDEX daily_analytics_date_idx ON daily_analytics (date);


CREATE TABLE savings_milestones (
    id             uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid         NOT NULL,
    plan_id        uuid,
    milestone_type varchar(50)  NOT NULL,
    milestone_name varchar(100) NOT NULL,
    description    varchar(255),
    badge_icon     varchar(100),
    reward_points  integer      NOT NULL DEFAULT 0,
    achieved_at    timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT savings_milestones_pkey PRIMARY KEY (id),
    CONSTRAINT savings_milestones_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT savings_milestones_plan_id_savings_plans_id_fk
        FOREIGN KEY (plan_id) REFERENCES savings_plans (id) ON DELETE CASCADE
);

CREATE INDEX savings_milestones_user_idx        ON savings_milestones (user_id);
CREATE INDEX savings_milestones_plan_idx        ON savings_milestones (plan_id);
CREATE INDEX savings_milestones_type_idx        ON savings_milestones (milestone_type);
CREATE INDEX savings_milestones_achieved_at_idx ON savings_milestones (achieved_at);


CREATE TABLE rewards (
    id          uuid          NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid          NOT NULL,
    reward_type varchar(50)   NOT NULL,
    reward_name varchar(100)  NOT NULL,
    description varchar(255),
    value       numeric(15,2),
    points      integer       NOT NULL DEFAULT 0,
    status      varchar(20)   NOT NULL DEFAULT 'active',
    expires_at  timestamp,
    redeemed_at timestamp,
    metadata    jsonb,
    created_at  timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT rewards_pkey PRIMARY KEY (id),
    CONSTRAINT rewards_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX rewards_user_idx       ON rewards (user_id);
CREATE INDEX rewards_type_idx       ON rewards (reward_type);
CREATE INDEX rewards_status_idx     ON rewards (status);
CREATE INDEX rewards_expires_at_idx ON rewards (expires_at);
