-- Identity: users and how they sign in (accounts, sessions, biometrics), and the proofs of who they are
-- (e-mail, phone, KYC).
--
-- Every name, here and in the migrations after it, is the one that databases built before these migrations already
-- have, so that they can be adopted by a baseline. This is also why some indexes repeat a unique constraint.

CREATE TABLE "user" (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    name                 text        NOT NULL,
    email                text        NOT NULL,
    email_verified       boolean     NOT NULL,
    image                text,
    phone_number         varchar(20),
    phone_verified       boolean              DEFAULT false,
    date_of_birth        date,
    kyc_tier             integer     NOT NULL DEFAULT 0,
    kyc_status           varchar(20) NOT NULL DEFAULT 'pending',
    kyc_data             jsonb,
    kyc_verified_at      timestamp,
    biometric_enabled    boolean              DEFAULT false,
    biometric_public_key text,
    is_active            boolean     NOT NULL DEFAULT true,
    is_suspended         boolean              DEFAULT false,
    suspended_at         timestamp,
    suspension_reason    text,
    created_at           timestamp   NOT NULL DEFAULT now(),
    updated_at           timestamp   NOT NULL DEFAULT now(),
    CONSTRAINT user_pkey PRIMARY KEY (id),
    CONSTRAINT user_email_unique UNIQUE (email),
    CONSTRAINT user_phone_number_unique UNIQUE (phone_number)
);

CREATE INDEX user_email_idx      ON "user" (email);
CREATE INDEX user_phone_idx      ON "user" (phone_number);
CREATE INDEX user_kyc_tier_idx   ON "user" (kyc_tier);
CREATE INDEX user_kyc_status_idx ON "user" (kyc_status);
CREATE INDEX user_is_active_idx  ON "user" (is_active);


CREATE TABLE account (
    id                       uuid      NOT NULL DEFAULT gen_random_uuid(),
    account_id               text      NOT NULL,
    provider_id              text      NOT NULL,
    user_id                  uuid      NOT NULL,
    access_token             text,
    refresh_token            text,
    id_token                 text,
    access_token_expires_at  timestamp,
    refresh_token_expires_at timestamp,
    scope                    text,
    password                 text,
    created_at               timestamp NOT NULL DEFAULT now(),
    updated_at               timestamp NOT NULL DEFAULT now(),
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX account_provider_idx ON account (provider_id);
CREATE INDEX account_user_idx     ON account (user_id);


CREATE TABLE session (
    id                       uuid         NOT NULL DEFAULT gen_random_uuid(),
    expires_at               timestamp    NOT NULL,
    token                    text         NOT NULL,
    refresh_token            text,
    refresh_token_expires_at timestamp,
    created_at               timestamp    NOT NULL DEFAULT now(),
    updated_at               timestamp    NOT NULL DEFAULT now(),
    ip_address               text,
    user_agent               text,
    device_id                varchar(255),
    last_activity_at         timestamp,
    user_id                  uuid         NOT NULL,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_token_unique UNIQUE (token),
    CONSTRAINT session_refresh_token_unique UNIQUE (refresh_token),
    CONSTRAINT session_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX session_expires_at_idx ON session (expires_at);
CREATE INDEX session_token_idx      ON session (token);
CREATE INDEX session_user_idx       ON session (user_id);


CREATE TABLE verification (
    id         uuid      NOT NULL DEFAULT gen_random_uuid(),
    identifier text      NOT NULL,
    value      text      NOT NULL,
    expires_at timestamp NOT NULL,
    created_at timestamp,
    updated_at timestamp,
    CONSTRAINT verification_pkey PRIMARY KEY (id)
);

CREATE INDEX verification_identifier_idx ON verification (identifier);
CREATE INDEX verification_expires_at_idx ON verification (expires_at);


CREATE TABLE biometric_auth (
    id           uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id      uuid         NOT NULL,
    device_id    varchar(255) NOT NULL,
    device_name  varchar(255),
    public_key   text         NOT NULL,
    is_active    boolean               DEFAULT true,
    last_used_at timestamp,
    created_at   timestamp    NOT NULL DEFAULT now(),
    updated_at   timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT biometric_auth_pkey PRIMARY KEY (id),
    CONSTRAINT biometric_auth_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX biometric_auth_user_idx      ON biometric_auth (user_id);
CREATE INDEX biometric_auth_device_idx    ON biometric_auth (device_id);
CREATE INDEX biometric_auth_is_active_idx ON biometric_auth (is_active);


CREATE TABLE kyc_verification (
    id                   uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id              uuid         NOT NULL,
    tier                 integer      NOT NULL,
    status               varchar(20)  NOT NULL DEFAULT 'pending',
    first_name           varchar(100),
    last_name            varchar(100),
    date_of_birth        date,
    address              text,
    government_id_type   varchar(50),
    government_id_number varchar(100),
    government_id_image  text,
    selfie_image         text,
    verification_data    jsonb,
    verified_by          uuid,
    verified_at          timestamp,
    rejection_reason     text,
    created_at           timestamp    NOT NULL DEFAULT now(),
    updated_at           timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT kyc_verification_pkey PRIMARY KEY (id),
    CONSTRAINT kyc_verification_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX kyc_verification_user_idx   ON kyc_verification (user_id);
CREATE INDEX kyc_verification_tier_idx   ON kyc_verification (tier);
CREATE INDEX kyc_verification_status_idx ON kyc_verification (status);


CREATE TABLE phone_verification (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    phone_number varchar(20) NOT NULL,
    otp          varchar(6)  NOT NULL,
    expires_at   timestamp   NOT NULL,
    verified     boolean              DEFAULT false,
    attempts     integer              DEFAULT 0,
    created_at   timestamp   NOT NULL DEFAULT now(),
    CONSTRAINT phone_verification_pkey PRIMARY KEY (id)
);

CREATE INDEX phone_verification_phone_idx      ON phone_verification (phone_number);
CREATE INDEX phone_verification_expires_at_idx ON phone_verification (expires_at);
