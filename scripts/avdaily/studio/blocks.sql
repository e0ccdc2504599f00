-- How many blocks the largest of the tables has whose rows a relation shows. Parameter: the relation's number.
WITH RECURSIVE member AS (
  SELECT ?::oid AS oid
  UNION SELECT i.inhrelid FROM pg_inherits i JOIN member m ON m.oid = i.inhparent)
SELECT coalesce(max(pg_relation_size(c.oid)), 0) / current_setting('block_size')::bigint
FROM member m JOIN pg_class c ON c.oid = m.oid AND c.relkind IN ('r', 'm')
