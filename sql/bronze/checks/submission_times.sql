-- Check: durations are whole days, ends fit, starts are at midnight (spec/01 invariant 4, Q4).
-- Columns: source_table, key, reason. Order: key.
SELECT DISTINCT source_table, reward_hash AS key,
       format('starts %s, ends %s, lasts %s seconds: not whole days from midnight', start_timestamp, end_timestamp,
              duration) AS reason
FROM submissions
WHERE duration % 86400 <> 0 OR extract(epoch FROM end_timestamp) <> extract(epoch FROM start_timestamp) + duration
   OR start_timestamp <> date_trunc('day', start_timestamp)
ORDER BY key
LIMIT 20
