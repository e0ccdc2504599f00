-- Access control: roles and permissions, who has them, and the audit log.

CREATE TABLE roles (
    id           uuid         NOT NULL DEFAULT gen_random_uuid(),
    name         varchar(50)  NOT NULL,
    display_name varchar(100) NOT NULL,
    description  text,
    is_system    boolean      NOT NULL DEFAULT false,
    created_at   timestamp    NOT NULL DEFAULT now(),
    updated_at   timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT roles_pkey PRIMARY KEY (id),
    CONSTRAINT roles_name_unique UNIQUE (name)
);

CREATE INDEX roles_name_idx ON roles (name);


CREATE TABLE permissions (
    id           uuid         NOT NULL DEFAULT gen_random_uuid(),
    name         varchar(100) NOT NULL,
    display_name varchar(150) NOT NULL,
    description  text,
    resource     varchar(50)  NOT NULL,
    action       varchar(50)  NOT NULL,
    is_system    boolean      NOT NULL DEFAULT false,
    created_at   timestamp    NOT NULL DEFAULT now(),
    updated_at   timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT permissions_pkey PRIMARY KEY (id),
    CONSTRAINT permissions_name_unique UNIQUE (name)
);

CREATE INDEX permissions_name_idx     ON permissions (name);
CREATE INDEX permissions_resource_idx ON permissions (resource);
CREATE INDEX permissions_action_idx   ON permissions (action);


CREATE TABLE role_permissions (
    id            uuid      NOT NULL DEFAULT gen_random_uuid(),
    role_id       uuid      NOT NULL,
    permission_id uuid      NOT NULL,
    created_at    timestamp NOT NULL DEFAULT now(),
    CONSTRAINT role_permissions_pkey PRIMARY KEY (id),
    CONSTRAINT role_permission_unique UNIQUE (role_id, permission_id),
    CONSTRAINT role_permissions_role_id_roles_id_fk
        FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_id_permissions_id_fk
        FOREIGN KEY (permission_id) REFERENCES permissions (id) ON DELETE CASCADE
);

CREATE INDEX role_permissions_role_idx       ON role_permissions (role_id);
CREATE INDEX role_permissions_permission_idx ON role_permissions (permission_id);


CREATE TABLE user_roles (
    id          uuid      NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid      NOT NULL,
    role_id     uuid      NOT NULL,
    assigned_by uuid,
    assigned_at timestamp NOT NULL DEFAULT now(),
    expires_at  timestamp,
    CONSTRAINT user_roles_pkey PRIMARY KEY (id),
    CONSTRAINT user_role_unique UNIQUE (user_id, role_id),
    CONSTRAINT user_roles_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_roles_id_fk
        FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_assigned_by_user_id_fk
        FOREIGN KEY (assigned_by) REFERENCES "user" (id) ON DELETE SET NULL
);

CREATE INDEX user_roles_user_idx ON user_roles (user_id);
CREATE INDEX user_roles_role_idx ON user_roles (role_id);


CREATE TABLE user_permissions (
    id            uuid      NOT NULL DEFAULT gen_random_uuid(),
    user_id       uuid      NOT NULL,
    permission_id uuid      NOT NULL,
    assigned_by   uuid,
    assigned_at   timestamp NOT NULL DEFAULT now(),
    expires_at    timestamp,
    CONSTRAINT user_permissions_pkey PRIMARY KEY (id),
    CONSTRAINT user_permission_unique UNIQUE (user_id, permission_id),
    CONSTRAINT user_permissions_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT user_permissions_permission_id_permissions_id_fk
        FOREIGN KEY (permission_id) REFERENCES permissions (id) ON DELETE CASCADE,
    CONSTRAINT user_permissions_assigned_by_user_id_fk
        FOREIGN KEY (assigned_by) REFERENCES "user" (id) ON DELETE SET NULL
);

CREATE INDEX user_permissions_user_idx       ON user_permissions (user_id);
CREATE INDEX user_permissions_permission_idx ON user_permissions (permission_id);


CREATE TABLE audit_log (
    id            uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id       uuid,
    action        varchar(100) NOT NULL,
    resource      varchar(50)  NOT NULL,
    resource_id   uuid,
    status        varchar(20)  NOT NULL,
    ip_address    varchar(45),
    user_agent    text,
    metadata      text,
    error_message text,
    created_at    timestamp    NOT NULL DEFAULT now(),
    CONSTRAINT audit_log_pkey PRIMARY KEY (id),
    CONSTRAINT audit_log_user_id_user_id_fk
        FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE SET NULL
);

CREATE INDEX audit_log_user_idx       ON audit_log (user_id);
CREATE INDEX audit_log_action_idx     ON audit_log (action);
CREATE INDEX audit_log_resource_idx   ON audit_log (resource);
CREATE INDEX audit_log_status_idx     ON audit_log (status);
CREATE INDEX audit_log_created_at_idx ON audit_log (created_at);
