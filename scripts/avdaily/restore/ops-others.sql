-- What the schema avdaily_ops holds beside tables, sequences and indexes.
SELECT relname FROM pg_class
WHERE relkind NOT IN ('r', 'S', 'i', 't') AND relnamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT proname || '()' FROM pg_proc WHERE pronamespace = 'avdaily_ops'::regnamespace
UNION ALL
SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'avdaily_ops'::regnamespace
