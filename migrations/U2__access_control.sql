-- Takes V2 back: drops its tables with their rows, those that refer to others first.

DROP TABLE audit_log;
DROP TABLE user_permissions;
DROP TABLE user_roles;
DROP TABLE role_permissions;
DROP TABLE permissions;
DROP TABLE roles;
