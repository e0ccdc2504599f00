-- Creates avdaily_ops, unless it is there; two programs at a time do no harm.
DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('avdaily_ops'));
  -- a query sees what was made while this waited; to_regnamespace() may remember what was not there before
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'avdaily_ops') THEN -- one that a DBA made will do
    CREATE SCHEMA avdaily_ops;
    COMMENT ON SCHEMA avdaily_ops IS
      'The database toolkit''s own: which environment this is, and what was done to it';
  END IF;
  CREATE TABLE IF NOT EXISTS avdaily_ops.environment (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    name text NOT NULL CHECK (name IN ('development', 'testing', 'demo', 'staging', 'production')),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS avdaily_ops.operation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command text NOT NULL,
    environment text NOT NULL,
    who text NOT NULL,
    host text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    duration interval,
    outcome text NOT NULL DEFAULT 'started' CHECK (outcome IN ('started', 'done', 'failed')),
    details jsonb NOT NULL DEFAULT '{}');
END $$
