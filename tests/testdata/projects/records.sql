-- In the shape of a music shop: identities ALWAYS, names that two rows may share, tables of two keys.
CREATE TABLE artist (artist_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(120));
CREATE TABLE album (album_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title varchar(160) NOT NULL,
  artist_id int NOT NULL REFERENCES artist);
CREATE INDEX album_artist_idx ON album (artist_id);
CREATE TABLE track (track_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(200) NOT NULL,
  album_id int REFERENCES album, milliseconds int NOT NULL, unit_price numeric(10, 2) NOT NULL);
CREATE INDEX track_album_idx ON track (album_id);
CREATE TABLE playlist (playlist_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(120));
CREATE TABLE playlist_track (playlist_id int NOT NULL REFERENCES playlist, track_id int NOT NULL REFERENCES track,
  PRIMARY KEY (playlist_id, track_id));
CREATE INDEX playlist_track_idx ON playlist_track (track_id);
-- rows
INSERT INTO artist (name) VALUES ('NO'), ('Ångström & Søn'), (NULL), ('010');
INSERT INTO album (title, artist_id) SELECT 'Album ' || n, 1 + n % 4 FROM generate_series(1, 20) n;
INSERT INTO track (name, album_id, milliseconds, unit_price)
  SELECT 'Take ' || n % 7, CASE WHEN n % 9 > 0 THEN 1 + n % 20 END, n * 1000, 0.99 FROM generate_series(1, 100) n;
INSERT INTO playlist (name) VALUES ('Music'), ('Music'), ('on');
INSERT INTO playlist_track SELECT 1 + n % 3, n FROM generate_series(1, 60) n;
