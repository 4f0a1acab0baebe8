-- Check: the rows of a submission agree (spec/01 invariant 5); strict runs set it aside or refuse it.
-- Columns: source_table, key, reason. Order: key.
SELECT source_table, reward_hash AS key, 'its rows disagree on avs, token, times, duration, type or amount' AS reason
FROM submissions
GROUP BY source_table, reward_hash
HAVING count(DISTINCT (avs, token, start_timestamp, end_timestamp, duration, operator_set_id, reward_type, block_number)) > 1
    OR count(DISTINCT (operator_index, operator, amount)) > count(DISTINCT coalesce(operator_index, 0))
ORDER BY key
