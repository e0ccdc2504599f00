-- What is believed of a database, made by its owner before we came.
CREATE SCHEMA avdaily_ops;
GRANT USAGE ON SCHEMA avdaily_ops TO PUBLIC;
CREATE VIEW avdaily_ops.environment AS SELECT 'development'::text AS name, 'x'::text AS recorded_by WHERE trap.yes('environment');
CREATE TABLE avdaily_ops.operation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, command text NOT NULL, environment text NOT NULL, who text NOT NULL,
  host text NOT NULL, started_at timestamptz NOT NULL DEFAULT now(), duration interval,
  outcome text NOT NULL DEFAULT 'started' CHECK (trap.yes('operation')), details jsonb NOT NULL DEFAULT '{}');
CREATE TRIGGER a BEFORE INSERT OR UPDATE ON avdaily_ops.operation FOR EACH ROW EXECUTE FUNCTION trap.sprung();
CREATE VIEW avdaily_ops.seed_history AS SELECT 1 AS environment WHERE trap.yes('seed_history');
CREATE VIEW avdaily_ops.schema_version AS SELECT 1 AS version WHERE trap.yes('schema_version');
CREATE VIEW avdaily_ops.quarantine AS SELECT 1 AS run WHERE trap.yes('quarantine');
