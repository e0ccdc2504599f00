-- Banking: the bank accounts of users.

CREATE TABLE bank_accounts (
    id             uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid         NOT NULL,
    bank_code      varchar(10)  NOT NULL,
    bank_name      varchar(100) NOT NULL,
    account_number varchar(20)  NOT NULL,
    account_name   varchar(100) NOT NULL,
    is_verified    boolean      NOT NULL DEFAULT false,
    is_primary     boolean      NOT NULL DEFAULT false,
    created_at     timestamp    NOT NULL DEFAULT now(),
    updated_at     timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT bank_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT bank_accounts_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);

CREATE INDEX bank_accounts_user_idx     ON bank_accounts (user_id);
CREATE INDEX bank_accounts_verified_idx ON bank_accounts (user_id, is_verified);
CREATE INDEX bank_accounts_primary_idx  ON bank_accounts (user_id, is_primary);
CREATE INDEX bank_code_idx              ON bank_accounts (bank_code);
CREATE INDEX bank_name_idx              ON bank_accounts (bank_name);
