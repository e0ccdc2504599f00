-- What COPY reads into each column of a table: of a domain, its base type. Nothing of a table with triggers, which
-- could tell one COPY from two. Parameter: the table as SQL names it.
WITH RECURSIVE types AS (
  SELECT a.attname, t.oid, t.typtype, t.typbasetype
  FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
  WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(?)
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid OPERATOR(pg_catalog.=) a.attrelid AND NOT g.tgisinternal)
  UNION ALL
  SELECT d.attname, t.oid, t.typtype, t.typbasetype
  FROM types d
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) d.typbasetype
  WHERE d.typtype OPERATOR(pg_catalog.=) 'd'
)
SELECT attname, oid, typtype OPERATOR(pg_catalog.=) 'e' FROM types WHERE typtype OPERATOR(pg_catalog.<>) 'd'
