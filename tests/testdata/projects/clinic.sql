-- In the shape of a clinic for pets: plain serials, people with telephones, users with roles and passwords.
CREATE TABLE vets (id serial PRIMARY KEY, first_name varchar(30), last_name varchar(30));
CREATE TABLE specialties (id serial PRIMARY KEY, name varchar(80));
CREATE TABLE vet_specialties (vet_id int NOT NULL REFERENCES vets, specialty_id int NOT NULL REFERENCES specialties,
  UNIQUE (vet_id, specialty_id), PRIMARY KEY (vet_id, specialty_id));
CREATE INDEX vet_specialties_idx ON vet_specialties (specialty_id);
CREATE TABLE owners (id serial PRIMARY KEY, first_name varchar(30), last_name varchar(30), city varchar(80),
  telephone varchar(20));
CREATE TABLE pets (id serial PRIMARY KEY, name varchar(30), birth_date date, owner_id int NOT NULL REFERENCES owners);
CREATE INDEX pets_owner_idx ON pets (owner_id);
CREATE TABLE users (username varchar(20) PRIMARY KEY, enabled boolean NOT NULL DEFAULT true);
CREATE TABLE roles (id serial PRIMARY KEY, username varchar(20) NOT NULL REFERENCES users, role varchar(20) NOT NULL,
  UNIQUE (role, username));
CREATE INDEX roles_username_idx ON roles (username);
-- rows
INSERT INTO vets (first_name, last_name) VALUES ('James', 'Carter'), ('Helen', 'Leary');
INSERT INTO specialties (name) VALUES ('radiology'), ('surgery');
INSERT INTO vet_specialties VALUES (1, 1), (2, 1), (2, 2);
INSERT INTO owners (first_name, last_name, city, telephone)
  VALUES ('George', 'Franklin', 'Madison', '6085551023'), ('Betty', 'Davis', NULL, '6085551749');
INSERT INTO pets (name, birth_date, owner_id) SELECT 'Leo', date '2010-09-07' + n, 1 + n % 2 FROM generate_series(1, 20) n;
INSERT INTO users VALUES ('admin', true), ('off', false);
INSERT INTO roles (username, role) VALUES ('admin', 'OWNER_ADMIN'), ('off', 'VET_ADMIN');
