-- What COPY reads and writes in each column of a table: of a domain, its base type. Parameters: the table as SQL names
-- it; whether it may have triggers of its users.
WITH RECURSIVE types AS (
  SELECT a.attname, t.oid, t.typtype, t.typbasetype
  FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
  WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(?)
    AND (? OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid OPERATOR(pg_catalog.=) a.attrelid AND NOT g.tgisinternal))
  UNION ALL
  SELECT d.attname, t.oid, t.typtype, t.typbasetype
  FROM types d
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) d.typbasetype
  WHERE d.typtype OPERATOR(pg_catalog.=) 'd'
)
SELECT attname, oid, typtype OPERATOR(pg_catalog.=) 'e' FROM types WHERE typtype OPERATOR(pg_catalog.<>) 'd'
