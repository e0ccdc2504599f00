-- How archiving goes, in one row: whether it is on, whether the last attempt failed, and whether the role may
-- list what waits. No parameters.
SELECT current_setting('archive_mode') = 'always'
    OR current_setting('archive_mode') = 'on' AND NOT pg_is_in_recovery() AS is_on,
  a.failed_count, a.last_failed_wal, a.last_failed_time,
  a.last_failed_time IS NOT NULL AND (a.last_archived_time IS NULL OR a.last_failed_time > a.last_archived_time)
    AS is_failing,
  has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE') AS may_list
FROM pg_stat_archiver a
