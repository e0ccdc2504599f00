-- Groups: ajo/esusu groups with their members, contributions, payouts and invitations.

CREATE TABLE ajo_groups (
    id                     uuid          NOT NULL DEFAULT gen_random_uuid(),
    organizer_id           uuid          NOT NULL,
    group_name             varchar(100)  NOT NULL,
    description            text,
    member_count           integer       NOT NULL,
    current_member_count   integer       NOT NULL DEFAULT 1,
    contribution_amount    numeric(15,2) NOT NULL,
    contribution_frequency varchar(20)   NOT NULL,
    rotation_order         varchar(20)   NOT NULL,
    current_round          integer       NOT NULL DEFAULT 1,
    current_position       integer       NOT NULL DEFAULT 0,
    status                 varchar(20)   NOT NULL DEFAULT 'recruiting',
    service_fee_rate       numeric(5,4)  NOT NULL DEFAULT 0.0200,
    total_collected        numeric(15,2) NOT NULL DEFAULT 0.00,
    total_disbursed        numeric(15,2) NOT NULL DEFAULT 0.00,
    currency               varchar(3)    NOT NULL DEFAULT 'NGN',
    start_date             date,
    next_payout_date       date,
    end_date               date,
    is_private             boolean       NOT NULL DEFAULT false,
    invite_code            varchar(20),
    created_at             timestamp     NOT NULL DEFAULT now(),
    updated_at             timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT ajo_groups_pkey PRIMARY KEY (id),
    CONSTRAINT ajo_groups_invite_code_unique UNIQUE (invite_code),
    CONSTRAINT ajo_groups_organizer_id_user_id_fk
        FOREIGN KEY (organizer_id) REFERENCES "user" (id) ON DELETE RESTRICT
);

CREATE INDEX ajo_groups_organizer_idx   ON ajo_groups (organizer_id);
CREATE INDEX ajo_groups_status_idx      ON ajo_groups (status);
CREATE INDEX ajo_groups_invite_code_idx ON ajo_groups (invite_code);


CREATE TABLE group_members (
    id                   uuid          NOT NULL DEFAULT gen_random_uuid(),
    group_id             uuid          NOT NULL,
    user_id              uuid          NOT NULL,
    role                 varchar(20)   NOT NULL DEFAULT 'member',
    position             integer,
    status               varchar(20)   NOT NULL DEFAULT 'active',
    has_received_payout  boolean       NOT NULL DEFAULT false,
    payout_received_at   timestamp,
    total_contributed    numeric(15,2) NOT NULL DEFAULT 0.00,
    missed_contributions integer       NOT NULL DEFAULT 0,
    joined_at            timestamp     NOT NULL DEFAULT now(),
    removed_at           timestamp,
    removal_reason       text,
    CONSTRAINT group_members_pkey PRIMARY KEY (id),
    CONSTRAINT group_user_unique UNIQUE (group_id, user_id),
    CONSTRAINT group_members_group_id_ajo_groups_id_fk
        FOREIGN KEY (group_id) REFERENCES ajo_groups (id) ON DELETE CASCADE,
    CONSTRAINT group_members_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX group_members_group_idx  ON group_members (group_id);
CREATE INDEX group_members_user_idx   ON group_members (user_id);
CREATE INDEX group_members_status_idx ON group_members (status);


CREATE TABLE group_contributions (
    id             uuid          NOT NULL DEFAULT gen_random_uuid(),
    group_id       uuid          NOT NULL,
    member_id      uuid          NOT NULL,
    user_id        uuid          NOT NULL,
    round          integer       NOT NULL,
    amount         numeric(15,2) NOT NULL,
    currency       varchar(3)    NOT NULL DEFAULT 'NGN',
    status         varchar(20)   NOT NULL DEFAULT 'pending',
    transaction_id uuid,
    due_date       date          NOT NULL,
    paid_at        timestamp,
    created_at     timestamp     NOT NULL DEFAULT now(),
    updated_at     timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT group_contributions_pkey PRIMARY KEY (id),
    CONSTRAINT group_contributions_group_id_ajo_groups_id_fk
        FOREIGN KEY (group_id) REFERENCES ajo_groups (id) ON DELETE CASCADE,
    CONSTRAINT group_contributions_member_id_group_members_id_fk
        FOREIGN KEY (member_id) REFERENCES group_members (id) ON DELETE CASCADE,
    CONSTRAINT group_contributions_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX group_contributions_group_idx  ON group_contributions (group_id);
CREATE INDEX group_contributions_member_idx ON group_contributions (member_id);
CREATE INDEX group_contributions_user_idx   ON group_contributions (user_id);
CREATE INDEX group_contributions_round_idx  ON group_contributions (round);
CREATE INDEX group_contributions_status_idx ON group_contributions (status);


CREATE TABLE group_payouts (
    id             uuid          NOT NULL DEFAULT gen_random_uuid(),
    group_id       uuid          NOT NULL,
    member_id      uuid          NOT NULL,
    user_id        uuid          NOT NULL,
    round          integer       NOT NULL,
    amount         numeric(15,2) NOT NULL,
    service_fee    numeric(15,2) NOT NULL,
    net_amount     numeric(15,2) NOT NULL,
    currency       varchar(3)    NOT NULL DEFAULT 'NGN',
    status         varchar(20)   NOT NULL DEFAULT 'pending',
    transaction_id uuid,
    scheduled_date date          NOT NULL,
    disbursed_at   timestamp,
    created_at     timestamp     NOT NULL DEFAULT now(),
    updated_at     timestamp     NOT NULL DEFAULT now(),
    CONSTRAINT group_payouts_pkey PRIMARY KEY (id),
    CONSTRAINT group_payouts_group_id_ajo_groups_id_fk
        FOREIGN KEY (group_id) REFERENCES ajo_groups (id) ON DELETE CASCADE,
    CONSTRAINT group_payouts_member_id_group_members_id_fk
        FOREIGN KEY (member_id) REFERENCES group_members (id) ON DELETE CASCADE,
    CONSTRAINT group_payouts_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX group_payouts_group_idx  ON group_payouts (group_id);
CREATE INDEX group_payouts_member_idx ON group_payouts (member_id);
CREATE INDEX group_payouts_user_idx   ON group_payouts (user_id);
CREATE INDEX group_payouts_round_idx  ON group_payouts (round);
CREATE INDEX group_payouts_status_idx ON group_payouts (status);


CREATE TABLE group_invitations (
    id              uuid         NOT NULL DEFAULT gen_random_uuid(),
    group_id        uuid         NOT NULL,
    invited_by      uuid         NOT NULL,
    invited_user_id uuid,
    invited_phone   varchar(20),
    invited_email   varchar(255),
    status          varchar(20)  NOT NULL DEFAULT 'pending',
    expires_at      timestamp    NOT NULL,
    accepted_at     timestamp,
    rejected_at     timestamp,
    created_at      timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT group_invitations_pkey PRIMARY KEY (id),
    CONSTRAINT group_invitations_group_id_ajo_groups_id_fk
        FOREIGN KEY (group_id) REFERENCES ajo_groups (id) ON DELETE CASCADE,
    CONSTRAINT group_invitations_invited_by_user_id_fk
        FOREIGN KEY (invited_by) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT group_invitations_invited_user_id_user_id_fk
        FOREIGN KEY (invited_user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX group_invitations_group_idx        ON group_invitations (group_id);
CREATE INDEX group_invitations_invited_user_idx ON group_invitations (invited_user_id);
CREATE INDEX group_invitations_status_idx       ON group_invitations (status);
