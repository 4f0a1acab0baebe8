-- Check: a submission has one row per strategy and operator index (silver's unique key, spec/02 §1; U3).
-- Columns: source_table, key, reason. Order: key.
SELECT source_table, reward_hash AS key,
       format('has %s rows with strategy_index %s%s', count(*), strategy_index,
              coalesce(' and operator_index ' || operator_index, '')) AS reason
FROM submissions
GROUP BY source_table, reward_hash, strategy_index, operator_index
HAVING count(*) > 1
ORDER BY key
