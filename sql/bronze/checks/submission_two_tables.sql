-- Check: a reward_hash is in one submission table only (spec/01 invariant 9). Columns: source_table, key, reason. Order: key.
SELECT min(source_table) AS source_table, reward_hash AS key,
       'is in more than one submission table: ' || string_agg(DISTINCT source_table, ', ') AS reason
FROM submissions
GROUP BY reward_hash
HAVING count(DISTINCT source_table) > 1
ORDER BY key
