-- Continues strangers.sql: whether a stranger owns anything that could have code in it, beside what the server came
-- with. If none does, there is nothing that strangers-code.sql could find. pg_shdepend is no help: it leaves out what
-- the server's own roles own.
, owner AS MATERIALIZED (SELECT ARRAY(SELECT oid FROM stranger) AS oids)
SELECT EXISTS (SELECT FROM pg_class, owner WHERE pg_class.oid >= 16384 AND relowner = ANY (oids))
  OR EXISTS (SELECT FROM pg_type, owner WHERE pg_type.oid >= 16384 AND typowner = ANY (oids))
  OR EXISTS (SELECT FROM pg_proc, owner WHERE pg_proc.oid >= 16384 AND proowner = ANY (oids))
  OR EXISTS (SELECT FROM pg_operator, owner WHERE pg_operator.oid >= 16384 AND oprowner = ANY (oids))
  OR EXISTS (SELECT FROM pg_trigger WHERE tgqual IS NOT NULL) -- to make one takes no ownership
