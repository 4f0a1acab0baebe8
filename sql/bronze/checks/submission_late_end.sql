-- Check: operator-directed submissions end before they are made (spec/01 invariant 10). Columns: source_table, key, reason.
-- Order: key.
SELECT DISTINCT source_table, reward_hash AS key,
       format('ends %s, after its block of %s', end_timestamp, block_time) AS reason
FROM submissions
WHERE operator_index IS NOT NULL AND end_timestamp > block_time
ORDER BY key
LIMIT 20
