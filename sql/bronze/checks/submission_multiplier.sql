-- Check: multipliers are integers from 0 to 10^78 − 1 (spec/01 invariant 6). Columns: source_table, key, reason. Order: key.
SELECT DISTINCT source_table, reward_hash AS key,
       format('multiplier %s of strategy %s is not an integer from 0 to 10^78 - 1', multiplier, strategy) AS reason
FROM submissions
WHERE NOT (multiplier >= 0 AND multiplier < 1e78 AND multiplier = trunc(multiplier))
ORDER BY key
