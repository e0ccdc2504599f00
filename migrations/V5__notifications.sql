-- Notifications: sent and scheduled ones, what each user wants to get, and the devices to push to.

CREATE TABLE notifications (
    id             uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid         NOT NULL,
    type           varchar(50)  NOT NULL,
    channel        varchar(20)  NOT NULL,
    title          varchar(200) NOT NULL,
    message        text         NOT NULL,
    data           jsonb,
    status         varchar(20)  NOT NULL DEFAULT 'pending',
    is_read        boolean      NOT NULL DEFAULT false,
    read_at        timestamp,
    sent_at        timestamp,
    failure_reason text,
    created_at     timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT notifications_pkey PRIMARY KEY (id),
    CONSTRAINT notifications_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX notifications_user_idx       ON notifications (user_id);
CREATE INDEX notifications_type_idx       ON notifications (type);
CREATE INDEX notifications_status_idx     ON notifications (status);
CREATE INDEX notifications_is_read_idx    ON notifications (is_read);
CREATE INDEX notifications_created_at_idx ON notifications (created_at);


CREATE TABLE notification_preferences (
    id                          uuid       NOT NULL DEFAULT gen_random_uuid(),
    user_id                     uuid       NOT NULL,
    push_enabled                boolean    NOT NULL DEFAULT true,
    push_contribution_reminders boolean    NOT NULL DEFAULT true,
    push_milestones             boolean    NOT NULL DEFAULT true,
    push_group_activity         boolean    NOT NULL DEFAULT true,
    push_payment_updates        boolean    NOT NULL DEFAULT true,
    sms_enabled                 boolean    NOT NULL DEFAULT false,
    sms_contribution_reminders  boolean    NOT NULL DEFAULT false,
    sms_milestones              boolean    NOT NULL DEFAULT false,
    sms_payment_updates         boolean    NOT NULL DEFAULT true,
    email_enabled               boolean    NOT NULL DEFAULT true,
    email_weekly_report         boolean    NOT NULL DEFAULT true,
    email_milestones            boolean    NOT NULL DEFAULT true,
    email_group_activity        boolean    NOT NULL DEFAULT true,
    email_payment_updates       boolean    NOT NULL DEFAULT true,
    quiet_hours_enabled         boolean    NOT NULL DEFAULT false,
    quiet_hours_start           varchar(5),
    quiet_hours_end             varchar(5),
    created_at                  timestamp  NOT NULL DEFAULT now(),
    updated_at                  timestamp  NOT NULL DEFAULT now(),
    CONSTRAINT notification_preferences_pkey PRIMARY KEY (id),
    CONSTRAINT notification_preferences_user_id_unique UNIQUE (user_id),
    CONSTRAINT notification_preferences_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX notification_preferences_user_idx ON notification_preferences (user_id);


CREATE TABLE push_tokens (
    id           uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id      uuid         NOT NULL,
    token        text         NOT NULL,
    platform     varchar(20)  NOT NULL,
    device_id    varchar(255),
    device_name  varchar(255),
    is_active    boolean      NOT NULL DEFAULT true,
    last_used_at timestamp,
    created_at   timestamp    NOT NULL DEFAULT now(),
    updated_at   timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT push_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT push_tokens_token_unique UNIQUE (token),
    CONSTRAINT push_tokens_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX push_tokens_user_idx      ON push_tokens (user_id);
CREATE INDEX push_tokens_token_idx     ON push_tokens (token);
CREATE INDEX push_tokens_is_active_idx ON push_tokens (is_active);


CREATE TABLE scheduled_notifications (
    id                uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id           uuid         NOT NULL,
    type              varchar(50)  NOT NULL,
    channel           varchar(20)  NOT NULL,
    title             varchar(200) NOT NULL,
    message           text         NOT NULL,
    data              jsonb,
    scheduled_for     timestamp    NOT NULL,
    is_recurring      boolean      NOT NULL DEFAULT false,
    recurring_pattern varchar(50),
    status            varchar(20)  NOT NULL DEFAULT 'pending',
    sent_at           timestamp,
    created_at        timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT scheduled_notifications_pkey PRIMARY KEY (id),
    CONSTRAINT scheduled_notifications_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX scheduled_notifications_user_idx          ON scheduled_notifications (user_id);
CREATE INDEX scheduled_notifications_scheduled_for_idx ON scheduled_notifications (scheduled_for);
CREATE INDEX scheduled_notifications_status_idx        ON scheduled_notifications (status);
