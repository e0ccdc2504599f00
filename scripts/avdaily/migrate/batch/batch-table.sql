-- How far data migrations are.
CREATE TABLE IF NOT EXISTS avdaily_ops.batch (
  version text PRIMARY KEY,
  history text NOT NULL,
  relation bigint NOT NULL,
  key smallint[] NOT NULL,
  "position" text[],
  pass integer NOT NULL DEFAULT 1,
  size bigint NOT NULL,
  batches bigint NOT NULL DEFAULT 0,
  walked bigint NOT NULL DEFAULT 0,
  changed bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  busy_ms bigint NOT NULL DEFAULT 0,
  waiting text,
  failure text,
  begun_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- far from where a sum would overflow
  CHECK (least(pass, size) > 0 AND least(batches, walked, changed, total, busy_ms) >= 0),
  CHECK (greatest(size, batches, walked, changed, total, busy_ms) < 1e15))
