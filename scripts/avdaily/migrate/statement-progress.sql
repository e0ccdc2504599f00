-- How far the statement of a session is, in words. The parameter is its pid, five times.
SELECT concat_ws(', ', what, CASE WHEN total > 0 THEN 100 * done / total || ' %'
                                  WHEN rows > 0 THEN rows || ' rows' END)
FROM (
  SELECT phase, CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
         CASE WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, 0
    FROM pg_stat_progress_create_index WHERE pid = ?
  UNION ALL
  SELECT 'vacuum: ' || phase, heap_blks_scanned, heap_blks_total, 0 FROM pg_stat_progress_vacuum WHERE pid = ?
  UNION ALL
  SELECT lower(command) || ': ' || phase, heap_blks_scanned, heap_blks_total, heap_tuples_scanned
    FROM pg_stat_progress_cluster WHERE pid = ?
  UNION ALL
  SELECT 'analyze: ' || phase, sample_blks_scanned, sample_blks_total, 0 FROM pg_stat_progress_analyze WHERE pid = ?
  UNION ALL
  SELECT 'copying', bytes_processed, bytes_total, tuples_processed FROM pg_stat_progress_copy WHERE pid = ?
) progress (what, done, total, rows)
