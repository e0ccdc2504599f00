-- Creates the table of deployments, unless it is there. Its rows are what a deployment believes of an earlier one, so
-- nobody but its owner may write to it: the operation log is written to by roles that only read.
CREATE TABLE IF NOT EXISTS avdaily_ops.deployment (
  operation bigint PRIMARY KEY,
  who text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  plan text,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'rolled back')),
  details jsonb NOT NULL)
