-- Check: a submission lasts at least a day (Q32). Columns: source_table, key, reason. Order: key.
SELECT DISTINCT source_table, reward_hash AS key, format('duration of %s seconds is shorter than a day', duration) AS reason
FROM submissions
WHERE duration < 86400
ORDER BY key
