-- The products and services that make themselves known, and by what. Nothing else is concluded from them.
SELECT kind.name, kind.sign
FROM (VALUES
  ('CockroachDB', 'version()', pg_catalog.version() ~* 'cockroach'),
  ('YugabyteDB', 'version()', pg_catalog.version() ~ '-YB-'),
  ('Amazon Redshift', 'version()', pg_catalog.version() ~* 'redshift'),
  ('Greenplum', 'version()', pg_catalog.version() ~* 'greenplum'),
  ('Materialize', 'version()', pg_catalog.version() ~* 'materialize'),
  ('EDB Postgres', 'version()', pg_catalog.version() ~* 'enterprisedb'),
  ('openGauss', 'version()', pg_catalog.version() ~* 'gauss'),
  ('Amazon Aurora', 'the function aurora_version',
    EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = 'aurora_version')),
  ('Amazon RDS', 'settings rds.*', EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name ~ '^rds\.')),
  ('Google AlloyDB', 'settings alloydb.*', EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name ~ '^alloydb\.')),
  ('Google Cloud SQL', 'settings cloudsql.*',
    EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name ~ '^cloudsql\.')),
  ('Azure Database', 'settings azure.*', EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name ~ '^azure\.')),
  ('Neon', 'settings neon.*', EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name ~ '^neon\.')),
  ('Supabase', 'the role supabase_admin',
    EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'supabase_admin')),
  ('DigitalOcean', 'the role doadmin', EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'doadmin')),
  ('Aiven', 'the role avnadmin', EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'avnadmin')),
  ('Crunchy Bridge', 'the role crunchy_superuser',
    EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'crunchy_superuser')),
  ('Citus', 'the table pg_dist_partition',
    EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'pg_dist_partition')),
  ('TimescaleDB', 'the extension timescaledb',
    EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'))
  ) AS kind (name, sign, is_there)
WHERE kind.is_there
