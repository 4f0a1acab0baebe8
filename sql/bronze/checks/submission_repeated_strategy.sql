-- Check: strategies are distinct within a submission (spec/01 invariant 5, Q9, U2). Columns: source_table, key, reason.
-- Order: key.
SELECT source_table, reward_hash AS key, format('lists strategy %s more than once', strategy) AS reason
FROM submissions
GROUP BY source_table, reward_hash, operator_index, strategy
HAVING count(*) > 1
ORDER BY key
LIMIT 20
