-- Keeps some numbers, unless the same source left some in the last minutes, and thins what is old: an hour keeps one
-- sample after two days, a day one after a month, and nothing is kept for more than two years. What lies in the future
-- was written by a clock that was wrong. A look goes through the first ones only, for it has to be short however many
-- there are; those that stay are fewer by far. Parameters: the source, the numbers, the source again.
INSERT INTO avdaily_ops.sample (source, numbers)
SELECT ?, ?::jsonb
WHERE NOT EXISTS (
  SELECT FROM avdaily_ops.sample
  WHERE source = ? AND at BETWEEN now() - interval '4 minutes' AND now() + interval '4 minutes')
ON CONFLICT DO NOTHING;
DELETE FROM avdaily_ops.sample s USING (
  SELECT source, at, row_number() OVER (
    PARTITION BY source, CASE WHEN at < now() - interval '30 days' THEN date_trunc('day', at, 'UTC')
                              WHEN at < now() - interval '2 days' THEN date_trunc('hour', at, 'UTC')
                              ELSE at END
    ORDER BY at) AS place
  FROM (SELECT source, at FROM avdaily_ops.sample ORDER BY source, at LIMIT 20000) first) x
WHERE s.source = x.source AND s.at = x.at
  AND (x.place > 1 OR s.at < now() - interval '2 years' OR s.at > now() + interval '1 day')
